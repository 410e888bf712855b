import Support
import Testing

/// One session that resumes a lot at once.
@Suite(.timeLimit(.minutes(3))) struct ManyResumesTests {
    /// Each of the rooms holds more than may wait for a session, and the log of none.
    @Test func severalLargeRoomsAreResumedOneAfterTheOther() async throws {
        try await Cluster.run(gateways: 1) { cluster in
            let users = try await cluster.signUp(1)
            let sender = try await cluster.connect(users[0])
            let text = String(repeating: "\u{1F600}", count: 10_000)
            var rooms: [String] = []
            for _ in 0..<4 {
                let room = try await cluster.makeRoom(users)
                for _ in 0..<60 {
                    try await sender.send(text, to: room)
                }
                try await cluster.awaitStored(upTo: 60, in: room, as: users[0])
                rooms.append(room)
            }
            try await cluster.forgetInRedis()
            let reader = try await cluster.connect(users[0])
            for room in rooms {
                try reader.stomp.write(
                    "SUBSCRIBE",
                    headers: [("id", room), ("destination", "/topic/messages/\(room)"), ("last-seq", "0")])
            }
            for room in rooms {
                _ = try await reader.frame(room) { $0.header("seq") == "60" }
                #expect(reader.numbers(id: room) == Array(1...60))
            }
        }
    }

    /// What all of them wait for is what the client says next.
    @Test func subscriptionsThatWaitForAcknowledgementsDoNotKeepThemFromBeingRead() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        for number in 0..<(Cluster.prefetch + 1) {
            try await client.send("\(number)", to: room)
        }
        let ids = (0..<300).map { "\($0)" }
        for id in ids {
            try client.stomp.write(
                "SUBSCRIBE",
                headers: [
                    ("id", id), ("destination", "/topic/messages/\(room)"), ("last-seq", "0"), ("ack", "client"),
                    ("receipt", id),
                ])
        }
        for id in ids {
            // RESUMED takes a place as well.
            let last = try await client.frame(id) { $0.header("seq") == "\(Cluster.prefetch - 1)" }
            try client.stomp.write("ACK", headers: [("id", try #require(last.header("ack")))])
        }
        try await client.awaitSent(ids)
    }
}
