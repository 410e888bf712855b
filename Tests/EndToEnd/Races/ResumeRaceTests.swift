import Support
import Testing

/// Resuming at its edges: in a room that ends with a failure, past the end, and where it is ended in the middle.
extension RaceTests {
    /// The room is in MongoDB alone, up to the failure that was told after its last message.
    @Test(arguments: [("last-seq", "3"), ("last-seq", "2"), ("position", "3-0"), ("position", "3-1")])
    func aColdRoomThatEndsWithAFailureIsResumedToItsEnd(header: String, value: String) async throws {
        let scene = try await RaceScene()
        let (cluster, room) = (scene.cluster, scene.room)
        let sender = try await cluster.connect(scene.users[0], gateway: 1)
        for number in 1...3 {
            try await sender.send("message \(number)", to: room)
        }
        try await cluster.awaitStored(upTo: 3, in: room, as: scene.users[0])
        try await endWithFailure(scene)

        let reader = try await cluster.connect(scene.users[1], gateway: 0)
        try reader.beginWatching(room, headers: [(header, value)])
        try await reader.awaitWatching()
        try await sender.send("message 4", to: room)
        _ = try await reader.frame("messages") { $0.header("seq") == "4" }
        let missed = value == "2" ? [3] : []
        #expect(reader.numbers() == missed + [4])
        let announcement = try #require(reader.stomp.received("messages").first)
        #expect(announcement.header("event") == "RESUMED")
        #expect(announcement.json["recovered"].string == (value == "3-1" ? "none" : "store"))
    }

    /// Appends a failure, has it stored, and takes the room out of Redis.
    private func endWithFailure(_ scene: RaceScene) async throws {
        let redis = scene.redis
        let (state, log) = try (
            redis.key("room:", of: scene.room), redis.key("stream:chat:room:", of: scene.room)
        )
        let time = try #require(try redis.call("HGET", state, "time").string)
        let head = "1 f 3-0 \(time) \(scene.users[0].id) 0123456789abcdef01234567 \(ChatClient.newTempID())"
        try redis.call("XADD", log, "3-1", "h", head, "b", "REJECTED")
        try redis.call("HSET", state, "last", "3-1")
        let tag = try #require(state.split(separator: ":").dropFirst().first)
        try redis.call("ZADD", "ready:\(tag)", "1", scene.room)
        try await eventually("the failure is saved") {
            try redis.call("HGET", state, "saved").string == "3-1" ? () : nil
        }
        for key in try redis.call("KEYS", "*:\(scene.room)").array.compactMap(\.string) {
            try redis.call("DEL", key)
        }
    }

    @Test(arguments: [("last-seq", "18446744073709551615"), ("position", "18446744073709551615-7")])
    func aPlacePastTheEndIsTheEnd(header: String, value: String) async throws {
        let scene = try await RaceScene()
        let sender = try await scene.cluster.connect(scene.users[0], gateway: 1)
        for number in 1...2 {
            try await sender.send("message \(number)", to: scene.room)
        }
        let reader = try await scene.cluster.connect(scene.users[1], gateway: 0)
        try reader.beginWatching(scene.room, headers: [(header, value)])
        try await reader.awaitWatching()
        let announcement = try #require(reader.stomp.received("messages").first)
        #expect(announcement.json["fromSeq"].int == 2, "said in RESUMED")
        #expect(announcement.json["toSeq"].int == 2)
        try await sender.send("message 3", to: scene.room)
        _ = try await reader.frame("messages") { $0.header("seq") == "3" }
        #expect(reader.numbers() == [3])
    }

    @Test func whoUnsubscribesInTheMiddleGetsNothingMore() async throws {
        let (scene, sender, reader, page) = try await heldInTheMiddle()
        try await blocking { try reader.stomp.unsubscribe("messages") }
        let had = reader.numbers()
        page.release()
        // The same name again, from the present, is another subscription.
        try await reader.watchMessages(of: scene.room)
        try await sender.send("message 4", to: scene.room)
        _ = try await reader.frame("messages") { $0.header("seq") == "4" }
        #expect(reader.numbers() == had + [4])
    }

    @Test func whoIsKickedInTheMiddleGetsWhatCameBeforeAndTheEnd() async throws {
        let (scene, sender, reader, page) = try await heldInTheMiddle()
        #expect(try await scene.remove(scene.users[1], by: scene.users[0]).status == 200)
        try await sender.send("without you", to: scene.room)
        page.release()
        let end = try await reader.frame("messages") { $0.header("event") == "SUBSCRIPTION_ENDED" }
        #expect(end.json["code"].string == "KICKED")
        try await sender.send("still without you", to: scene.room)
        try await scene.cluster.awaitStored(upTo: 6, in: scene.room, as: scene.users[0])
        #expect(reader.numbers() == [1, 2, 3, 4], "the last one says that they were put out")
    }

    @Test func whoseConnectionIsLostInTheMiddleResumes() async throws {
        let (scene, _, reader, page) = try await heldInTheMiddle()
        page.cut()
        try await reader.awaitWatching()
        #expect(reader.numbers() == [1, 2, 3])
        #expect(try scene.gatewayGroups().count == 1)
    }

    /// A room of three messages, and a reader whom the gateway is about to tell all of them.
    private func heldInTheMiddle() async throws -> (RaceScene, sender: ChatClient, reader: ChatClient, page: Trap) {
        let scene = try await RaceScene()
        let sender = try await scene.cluster.connect(scene.users[0], gateway: 1)
        for number in 1...3 {
            try await sender.send("message \(number)", to: scene.room)
        }
        let reader = try await scene.cluster.connect(scene.users[1], gateway: 0)
        let page = scene.trap(.reply, containing: "XRANGE", scene.room)
        try reader.beginWatching(scene.room, headers: [("last-seq", "0")])
        await page.sprung()
        return (scene, sender, reader, page)
    }
}

/// The gateway that they were on is gone.
@Suite(.timeLimit(.minutes(3))) struct KilledGatewayTests {
    @Test func whoWasOnAKilledGatewayResumesOnAnother() async throws {
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let reader = try await cluster.connect(users[1], gateway: 0)
            try await reader.watchMessages(of: room)
            let load = Load(try await cluster.connect(users[0], gateway: 1), to: room)
            _ = try await reader.messages(100)
            try await cluster.gateways[0].kill()
            _ = try await blocking { try reader.stomp.closed() }
            let had = reader.numbers()

            let again = try await cluster.connect(users[1], gateway: 1)
            try again.beginWatching(room, headers: [("last-seq", "\(had.last ?? 0)")])
            _ = try await again.messages(100)
            let outcome = await load.stop()
            #expect(outcome.failure == nil)
            _ = try await again.frame("messages") { $0.header("seq") == "\(outcome.sent.count)" }
            #expect(had + again.numbers() == Array(1...outcome.sent.count))
        }
    }
}
