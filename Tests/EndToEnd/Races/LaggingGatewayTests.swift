import Support
import Testing

/// A gateway is behind with a room: who is put out of it or let in again meanwhile, what its log loses, and what is told of
/// messages that it no longer has.
extension RaceTests {
    /// The gateway fills a gap before 5-0 out of the store, which tells of a change further on: 7-1. They are let in as of
    /// 6-0, have to wait until that change is told, and are put out by 7-0.
    @Test func whoIsKickedBeforeTheyBeginGetsNothing() async throws {
        let (scene, sender, reader) = try await begun()
        let (cluster, room, users) = (scene.cluster, scene.room, scene.users)
        let filling = try await fallBehind(scene, sender)

        let kicked = try await cluster.connect(users[2], gateway: 0)
        let opening = try scene.trap(.reply, script: "open", naming: room)
        try kicked.beginWatching(room)
        await opening.sprung()
        opening.release()
        let second = try #require(try await cluster.history(of: room, as: users[0], gateway: 1).dropFirst().first)
        #expect(try await scene.remove(users[2], by: users[0]).status == 200)
        let reaction = try await cluster.react(second.id, "+1", as: users[0], room: room, gateway: 1)
        #expect(reaction.isChanged, "\(reaction.text)")
        filling.release()

        try await sender.send("without you", to: room)
        _ = try await reader.frame("messages") { $0.header("seq") == "8" }
        #expect(try await kicked.awaitErrorAndClose().error.header("message") == "NOT_PARTICIPANT")
        #expect(kicked.numbers().isEmpty, "they began behind where they were put out")
    }

    /// They are put out and let in again, and resume, all before the gateway has read any of it.
    @Test func whoIsLetInAgainIsNotPutOutByWhatCameBefore() async throws {
        let (scene, sender, _) = try await begun()
        let (cluster, room, users) = (scene.cluster, scene.room, scene.users)
        let ring = scene.trap(.push, containing: room, "a 2-0")
        #expect(try await scene.remove(users[2], by: users[0]).status == 200)
        await ring.sprung()
        let invitation = try await cluster.request(
            "POST", "/api/v1/chatrooms/\(room)/participants", as: users[0], json: ["userIds": [users[2].id]],
            gateway: 1)
        #expect(invitation.status == 200)
        let back = try await cluster.connect(users[2], gateway: 0)
        try back.beginWatching(room, headers: [("last-seq", "1")])
        try await back.awaitWatching()
        ring.release()
        try await sender.send("message 4", to: room)
        _ = try await back.frame("messages") { $0.header("seq") == "4" || $0.header("event") == "SUBSCRIPTION_ENDED" }
        #expect(back.numbers() == [4])
    }

    /// A fail-over loses the end of a log that a gateway has read: what comes then is delivered.
    @Test func whatFollowsALostEndOfTheLogIsDelivered() async throws {
        let (scene, sender, reader) = try await begun()
        let first = try #require(try await reader.messages(1).first)
        _ = try await scene.cluster.react(first.id, "+1", as: scene.users[0], room: scene.room, gateway: 1)
        _ = try await reader.frame("messages") { $0.header("position") == "1-1" }
        try scene.redis.call("XDEL", scene.redis.key("stream:chat:room:", of: scene.room), "1-1")
        try scene.redis.call("HSET", scene.redis.key("room:", of: scene.room), "last", "1-0")
        try await sender.send("message 2", to: scene.room)
        _ = try await reader.frame("messages") { $0.header("seq") == "2" }
        #expect(reader.numbers() == [1, 1, 2])
    }

    /// The same with a change of membership: who subscribes is let in by what Redis has now.
    @Test func aLostChangeOfMembershipLocksNobodyOut() async throws {
        let (scene, sender, reader) = try await begun()
        let state = try scene.redis.key("room:", of: scene.room)
        let version = try #require(try scene.redis.call("HGET", state, "version").string)
        #expect(try await scene.remove(scene.users[2], by: scene.users[0]).status == 200)
        _ = try await reader.messages(2)
        try scene.redis.call("HSET", state, "version", version)
        let other = try await scene.cluster.connect(scene.users[0], gateway: 0)
        try await other.watchMessages(of: scene.room)
        try await sender.send("message 3", to: scene.room)
        _ = try await other.frame("messages") { $0.header("seq") == "3" }
    }

    /// The log no longer has the messages when their sender's gateway gets to them.
    @Test func whoseMessagesWereTrimmedIsToldTheirSteps() async throws {
        let (scene, sender, _) = try await begun()
        let watcher = try await scene.cluster.connect(scene.users[0], gateway: 0)
        try await watcher.watchStatus(of: scene.room)
        try await fallBehind(scene, sender).release()
        try await eventually("all five are told of as saved") {
            watcher.steps().filter { $0.status == "SAVED" }.count == 5 ? () : nil
        }
        for tempID in Set(watcher.steps().map(\.tempID)) {
            #expect(watcher.steps(of: tempID).map(\.status) == Array(StatusStep.life.dropFirst()))
        }
    }

    /// A room of three with one message, a sender on gateway 1, and a reader on the gateway that can be held up.
    private func begun() async throws -> (RaceScene, sender: ChatClient, reader: ChatClient) {
        let scene = try await RaceScene(users: 3)
        let sender = try await scene.cluster.connect(scene.users[0], gateway: 1)
        let reader = try await scene.cluster.connect(scene.users[1], gateway: 0)
        try await reader.watchMessages(of: scene.room)
        try await sender.send("message 1", to: scene.room)
        _ = try await reader.messages(1)
        return (scene, sender, reader)
    }

    /// Sends messages 2 to 6, of which the gateway hears when the log begins with 5: it is about to ask the store.
    private func fallBehind(_ scene: RaceScene, _ sender: ChatClient) async throws -> Trap {
        let ring = scene.trap(.push, containing: scene.room, "a 2-0")
        for number in 2...6 {
            try await sender.send("message \(number)", to: scene.room)
        }
        await ring.sprung()
        try await scene.cluster.awaitStored(upTo: 6, in: scene.room, as: scene.users[0], gateway: 1)
        try scene.redis.call("XTRIM", scene.redis.key("stream:chat:room:", of: scene.room), "MINID", "5-0")
        let filling = scene.trapMongo(containing: "messages")
        ring.release()
        await filling.sprung()
        return filling
    }
}
