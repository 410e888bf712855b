import Support
import Testing

/// Coming back: everything that was missed, once and in order, then what is new, on any gateway.
@Suite(.timeLimit(.minutes(3))) struct ResumeTests {
    @Test func whatWasMissedComesFromTheLogAndThenWhatIsNew() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        for number in 1...5 {
            try await ana.send("message \(number)", to: room)
        }
        let ben = try await cluster.connect(users[1], gateway: 1)
        try await ben.resume(room, "last-seq", "2")
        try await ana.send("message 6", to: room)
        let frames = try await ben.frames(5)
        #expect(frames[0].header("event") == "RESUMED")
        #expect(frames[0].json["recovered"].string == "log")
        #expect(frames[0].json["fromSeq"].int == 2)
        #expect(frames[0].json["toSeq"].int == 5)
        #expect(frames.dropFirst().map { $0.header("seq") } == ["3", "4", "5", "6"])
        #expect(frames.dropFirst().map { $0.json["content"]["text"].string } == (3...6).map { "message \($0)" })

        // A position given back resumes exactly there.
        let again = try await cluster.connect(users[1])
        try await again.resume(room, "position", try #require(frames[2].header("position")))
        #expect(try await again.frames(3).dropFirst().map { $0.header("seq") } == ["5", "6"])
    }

    @Test(arguments: ["5", "0", "99"])
    func whoMissedNothingIsToldSo(lastSeq: String) async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        let end = lastSeq == "0" ? 0 : 5
        for number in 0..<end {
            try await ana.send("message \(number + 1)", to: room)
        }
        let ben = try await cluster.connect(users[1], gateway: 1)
        try await ben.resume(room, "last-seq", lastSeq)
        try await ana.send("new", to: room)
        let frames = try await ben.frames(2)
        #expect(frames[0].json["recovered"].string == "none")
        #expect(frames[0].json["fromSeq"].int == end)
        #expect(frames[0].json["toSeq"].int == end)
        #expect(frames[1].header("seq") == "\(end + 1)")
    }

    @Test(arguments: [
        ("last-seq", "x"), ("last-seq", "-1"), ("last-seq", ""), ("last-seq", "99999999999999999999"),
        ("position", "3"), ("position", "3-"), ("position", "-1-0"),
    ])
    func aPositionThatIsNoneIsNamed(header: String, value: String) async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ben = try await cluster.connect(users[1])
        try ben.stomp.write(
            "SUBSCRIBE", headers: [("id", "m"), ("destination", "/topic/messages/\(room)"), (header, value)])
        let (error, close) = try await ben.awaitErrorAndClose()
        #expect(error.text.contains(header))
        #expect(close.code == 1008)
    }

    @Test func aNewcomerIsToldNothingFromBefore() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(Array(users.prefix(2)))
        let ana = try await cluster.connect(users[0])
        try await ana.send("before", to: room)
        let answer = try await cluster.request(
            "POST", "/api/v1/chatrooms/\(room)/participants", as: users[0], json: ["userIds": [users[2].id]])
        #expect(answer.status == 200)
        try await ana.send("after", to: room)
        let newcomer = try await cluster.connect(users[2], gateway: 1)
        try await newcomer.resume(room, "last-seq", "0")
        let frames = try await newcomer.frames(2)
        #expect(!frames.contains { $0.json["content"]["text"].string == "before" })
        #expect(frames.last?.json["content"]["text"].string == "after")
    }

    @Test func whoWasPutOutMeanwhileDoesNotComeBack() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        try await ana.send("before", to: room)
        let answer = try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(users[1].id)", as: users[0])
        #expect(answer.status == 200)
        let ben = try await cluster.connect(users[1], gateway: 1)
        try ben.stomp.write(
            "SUBSCRIBE", headers: [("id", "m"), ("destination", "/topic/messages/\(room)"), ("last-seq", "0")])
        #expect(try await ben.awaitErrorAndClose().error.header("message") == "NOT_PARTICIPANT")
    }

    @Test func replayWaitsForAcknowledgements() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        let count = Cluster.prefetch * 3
        for number in 1...count {
            try await ana.send("message \(number)", to: room)
        }
        let ben = try await cluster.connect(users[1], gateway: 1)
        try ben.stomp.write(
            "SUBSCRIBE",
            headers: [
                ("id", "messages"), ("destination", "/topic/messages/\(room)"), ("ack", "client-individual"),
                ("last-seq", "0"),
            ])
        // What announces the replay is acknowledged like the rest.
        for index in 0...count {
            let frame = try await ben.frames(index + 1)[index]
            #expect(frame.header("seq") == (index == 0 ? nil : "\(index)"))
            try ben.stomp.write("ACK", headers: [("id", try #require(frame.header("ack")))])
        }
        try await ana.send("live", to: room)
        #expect(try await ben.frames(count + 2).last?.header("seq") == "\(count + 1)")
    }

    private func roomOfTwo() async throws -> (Cluster, [Account], String) {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        return (cluster, users, try await cluster.makeRoom(users))
    }
}

extension LoadTests {
    @Test(.timeLimit(.minutes(5))) func whoComesBackAgainAndAgainMissesNothing() async throws {
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(4)
            let room = try await cluster.makeRoom(users)
            let loads = [
                Load(try await cluster.connect(users[0]), to: room),
                Load(try await cluster.connect(users[1], gateway: 1), to: room),
            ]
            var seen: [Int] = []
            for turn in 0..<12 {
                let client = try await cluster.connect(users[2 + turn % 2], gateway: turn % 2)
                try await client.resume(room, "last-seq", "\(seen.last ?? 0)")
                let wanted = 200 + turn
                let frames = try await client.frames(wanted)
                client.stomp.drop()
                seen += frames.compactMap { $0.header("seq").flatMap { Int($0) } }
            }
            for load in loads {
                #expect(await load.stop().failure == nil)
            }
            #expect(seen.count > 2000)
            #expect(seen == Array(1...seen.count), "every number once and in order")
        }
    }

    @Test(.timeLimit(.minutes(5))) func whatTheLogNoLongerHoldsComesFromTheStore() async throws {
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0])
            try await sender.watchStatus(of: room)
            let load = Load(sender, to: room)
            // Far more than the log keeps behind what is saved.
            _ = try await sender.frame("status") { frame in
                StatusStep(frame.json).map { $0.status == "SAVED" && ($0.seq ?? 0) >= 3000 } ?? false
            }
            let reader = try await cluster.connect(users[1], gateway: 1)
            try await reader.resume(room, "last-seq", "1")
            let outcome = await load.stop()
            #expect(outcome.failure == nil)
            let frames = try await reader.frames(outcome.sent.count)
            #expect(frames[0].json["recovered"].string == "store")
            #expect(
                frames.dropFirst().compactMap { $0.header("seq").flatMap { Int($0) } } == Array(2...outcome.sent.count))
        }
    }
}
