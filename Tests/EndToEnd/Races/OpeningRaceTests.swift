import Support
import Testing

/// What happens in a room while a gateway is opening it.
extension RaceTests {
    /// The gateway has read room and members from MongoDB; before it puts them into Redis, it is stopped, and one of them
    /// is put out of the room.
    @Test func whoIsKickedWhileTheRoomIsLoadedStaysOut() async throws {
        let scene = try await RaceScene(users: 3)
        let (cluster, room, users) = (scene.cluster, scene.room, scene.users)
        let early = try await cluster.connect(users[2], gateway: 0)
        let loading = try scene.trap(.request, script: "warm", naming: room)
        try early.beginWatching(room)
        await loading.sprung()
        cluster.gateways[0].pause()
        let kick: HTTPAnswer
        do {
            kick = try await scene.remove(users[2], by: users[0])
        } catch {
            cluster.gateways[0].resume()
            throw error
        }
        loading.release()
        cluster.gateways[0].resume()
        #expect(kick.status == 200, "\(kick.text)")

        #expect(try await early.awaitErrorAndClose().error.header("message") == "NOT_PARTICIPANT")
        #expect(early.numbers().isEmpty)
        for gateway in 0..<2 {
            let kicked = try await cluster.connect(users[2], gateway: gateway)
            try await kicked.watchErrors()
            try await kicked.sendRaw(
                String(decoding: ChatClient.body("me", to: room, tempID: ChatClient.newTempID()), as: UTF8.self))
            let refusal = try await kicked.frame("errors") { _ in true }
            #expect(refusal.json["code"].string == "NOT_PARTICIPANT")
            try kicked.beginWatching(room)
            #expect(try await kicked.awaitErrorAndClose().error.header("message") == "NOT_PARTICIPANT")
            #expect(kicked.numbers().isEmpty)
        }
        let other = try await cluster.connect(users[1], gateway: 0)
        try await other.watchMessages(of: room)
        try await other.send("without them", to: room)
        #expect(try await other.messages(1).map(\.seq) == [2])
    }

    /// A message is in the log, and has been rung for, before the gateway hears where the log ended when it opened it.
    @Test func whatIsSentWhileTheRoomIsOpenedArrives() async throws {
        let scene = try await RaceScene()
        let (cluster, room) = (scene.cluster, scene.room)
        let sender = try await cluster.connect(scene.users[0], gateway: 1)
        try await sender.watchStatus(of: room)
        try await sender.awaitStatus("SAVED", of: sender.send("before", to: room))
        let reader = try await cluster.connect(scene.users[1], gateway: 0)
        let opening = try scene.trap(.reply, script: "open", naming: room)
        try reader.beginWatching(room)
        await opening.sprung()
        // It is stored when SAVED is told, and its ring was there long before.
        try await sender.awaitStatus("SAVED", of: sender.send("meanwhile", to: room))
        opening.release()
        try await reader.awaitWatching()
        // Shorter than the minute within which the sweep over all open rooms would find it.
        #expect(try await reader.messages(1, within: .seconds(15)).map(\.seq) == [2])
    }

    /// The log says that they are in the room, and while it says so they are put out of it.
    @Test func whoIsKickedWhileTheRoomIsOpenedIsToldSo() async throws {
        let scene = try await RaceScene()
        let (cluster, room, users) = (scene.cluster, scene.room, scene.users)
        let owner = try await cluster.connect(users[0], gateway: 1)
        try await owner.watchStatus(of: room)
        try await owner.send("before", to: room)
        let kicked = try await cluster.connect(users[1], gateway: 0)
        let opening = try scene.trap(.reply, script: "open", naming: room)
        try kicked.beginWatching(room)
        await opening.sprung()
        #expect(try await scene.remove(users[1], by: users[0]).status == 200)
        try await owner.awaitStatus("SAVED", of: owner.send("without you", to: room))
        opening.release()
        let end = try await kicked.frame("messages") { $0.header("event") == "SUBSCRIPTION_ENDED" }
        #expect(end.json["code"].string == "KICKED")
        try await owner.awaitStatus("SAVED", of: owner.send("still without you", to: room))
        #expect(kicked.numbers() == [2], "the last thing that they get is that they were put out")
    }

    /// The room is open in Redis, and the gateway does not hear so: whoever asked for it is served all the same.
    @Test func whoseOpeningIsCutOffIsServedAllTheSame() async throws {
        let scene = try await RaceScene()
        let (cluster, room) = (scene.cluster, scene.room)
        let sender = try await cluster.connect(scene.users[0], gateway: 1)
        try await sender.send("before", to: room)
        let reader = try await cluster.connect(scene.users[1], gateway: 0)
        let opening = try scene.trap(.reply, script: "open", naming: room)
        try reader.beginWatching(room, headers: [("last-seq", "0")])
        await opening.sprung()
        opening.cut()
        try await reader.awaitWatching()
        try await sender.send("after", to: room)
        _ = try await reader.frame("messages") { $0.header("seq") == "2" }
        #expect(reader.numbers() == [1, 2])
        #expect(try scene.gatewayGroups().count == 1)
    }
}
