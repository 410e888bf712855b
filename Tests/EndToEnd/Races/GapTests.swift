import Support
import Testing

/// What a gateway's consumer group, its rings or the log itself do not bring, and the cursor finds.
extension RaceTests {
    /// What somebody, or a fault, may do to the group while the gateway asks for what is new.
    enum Displacement: String, CaseIterable { case setBack, setForward, madeAgain }

    @Test(arguments: Displacement.allCases)
    func aDisplacedGroupNeitherLosesNorRepeats(_ displacement: Displacement) async throws {
        let (scene, sender, reader) = try await begun()
        let reading = scene.trap(.request, containing: "XREADGROUP", scene.room)
        try await sender.send("message 2", to: scene.room)
        await reading.sprung()
        let log = try scene.redis.key("stream:chat:room:", of: scene.room)
        let group = try #require(try scene.gatewayGroups().first { $0.hasPrefix("gw:gateway-1:") })
        switch displacement {
        case .setBack: try scene.redis.call("XGROUP", "SETID", log, group, "0")
        case .setForward: try scene.redis.call("XGROUP", "SETID", log, group, "$")
        case .madeAgain:
            try scene.redis.call("XGROUP", "DESTROY", log, group)
            try scene.redis.call("XGROUP", "CREATE", log, group, "$")
        }
        reading.release()
        #expect(try await reader.messages(2).map(\.seq) == [1, 2])
        try await sender.send("message 3", to: scene.room)
        #expect(try await reader.messages(3).map(\.seq) == [1, 2, 3])
    }

    @Test func aGroupThatIsGoneIsMadeAgainWhereTheReaderStands() async throws {
        let (scene, sender, reader) = try await begun()
        let log = try scene.redis.key("stream:chat:room:", of: scene.room)
        let group = try #require(try scene.gatewayGroups().first { $0.hasPrefix("gw:gateway-1:") })
        try scene.redis.call("XGROUP", "DESTROY", log, group)
        try await sender.send("message 2", to: scene.room)
        #expect(try await reader.messages(2).map(\.seq) == [1, 2])
        #expect(try scene.gatewayGroups().contains(group))
    }

    /// The connection that hears the rings ends with a ring in it.
    @Test func aLostRingIsMadeUpForWhenTheConnectionIsBack() async throws {
        let (scene, sender, reader) = try await begun()
        let ring = scene.trap(.push, containing: scene.room, "a 2-0")
        try await sender.send("message 2", to: scene.room)
        await ring.sprung()
        ring.cut()
        #expect(try await reader.messages(2).map(\.seq) == [1, 2])
    }

    /// A reading that nobody waits for any more, such as one that was sent before the connection was given up, has taken
    /// the entries; the ring is lost as well.
    @Test func aLostRingIsMadeUpForWhereTheGroupIsAheadOfTheReader() async throws {
        let (scene, sender, reader) = try await begun()
        let ring = scene.trap(.push, containing: scene.room, "a 2-0")
        try await sender.send("message 2", to: scene.room)
        await ring.sprung()
        let group = try #require(try scene.gatewayGroups().first { $0.hasPrefix("gw:gateway-1:") })
        try scene.redis.call("XGROUP", "SETID", scene.redis.key("stream:chat:room:", of: scene.room), group, "$")
        ring.cut()
        #expect(try await reader.messages(2).map(\.seq) == [1, 2])
    }

    /// The log is trimmed while a gateway lags: what it lacks is in MongoDB.
    @Test(arguments: [5, 7])
    func whatIsTrimmedBeforeItWasReadComesFromTheStore(firstLeft: Int) async throws {
        let (scene, sender, reader) = try await begun()
        let reading = scene.trap(.request, containing: "XREADGROUP", scene.room)
        for number in 2...6 {
            try await sender.send("message \(number)", to: scene.room)
        }
        await reading.sprung()
        try await scene.cluster.awaitStored(upTo: 6, in: scene.room, as: scene.users[0])
        let log = try scene.redis.key("stream:chat:room:", of: scene.room)
        try scene.redis.call("XTRIM", log, "MINID", "\(firstLeft)-0")
        reading.release()
        #expect(try await reader.messages(6).map(\.seq) == Array(1...6))
        try await sender.send("message 7", to: scene.room)
        #expect(try await reader.messages(7).map(\.seq) == Array(1...7))
    }

    /// The group is displaced while a subscription is told what it missed: it is told each message once.
    @Test func aDisplacedGroupDoesNotDisturbAResume() async throws {
        let (scene, sender, _) = try await begun()
        for number in 2...4 {
            try await sender.send("message \(number)", to: scene.room)
        }
        let page = scene.trap(.reply, containing: "XRANGE", scene.room)
        let back = try await scene.cluster.connect(scene.users[1], gateway: 0)
        try back.beginWatching(scene.room, headers: [("last-seq", "1")])
        await page.sprung()
        let log = try scene.redis.key("stream:chat:room:", of: scene.room)
        let group = try #require(try scene.gatewayGroups().first { $0.hasPrefix("gw:gateway-1:") })
        try scene.redis.call("XGROUP", "SETID", log, group, "0")
        try await sender.send("message 5", to: scene.room)
        try scene.redis.call("XGROUP", "SETID", log, group, "$")
        page.release()
        try await sender.send("message 6", to: scene.room)
        _ = try await back.frame("messages") { $0.header("seq") == "6" }
        #expect(back.numbers() == [2, 3, 4, 5, 6])
    }

    /// A room with one message, a sender on gateway 1, and a reader on the gateway that can be held up.
    private func begun() async throws -> (RaceScene, sender: ChatClient, reader: ChatClient) {
        let scene = try await RaceScene()
        let sender = try await scene.cluster.connect(scene.users[0], gateway: 1)
        let reader = try await scene.cluster.connect(scene.users[1], gateway: 0)
        try await reader.watchMessages(of: scene.room)
        try await sender.send("message 1", to: scene.room)
        _ = try await reader.messages(1)
        return (scene, sender, reader)
    }
}
