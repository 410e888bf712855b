import Support
import Testing

/// The same `tempId` is one message, however often and wherever it is sent.
@Suite(.timeLimit(.minutes(3))) struct RepeatTests {
    @Test func sameTempIDFiveTimesIsOneMessage() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let reader = try await cluster.connect(users[1])
        try await reader.watchMessages(of: room)
        var sessions: [ChatClient] = []
        for number in 0..<5 {
            let session = try await cluster.connect(users[0], gateway: number % 2)
            try await session.watchStatus(of: room)
            sessions.append(session)
        }

        let tempID = ChatClient.newTempID()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in sessions {
                group.addTask { _ = try await session.send("only once", to: room, tempID: tempID) }
            }
            try await group.waitForAll()
        }
        let message = try #require(try await reader.messages(1).first)
        for session in sessions {
            let answer = try await session.awaitStatus("SENT_TO_STREAM", of: tempID)
            #expect(answer.messageID == message.id)
            #expect(answer.seq == 1)
        }
        try await sessions[0].send("the next", to: room)
        #expect(try await reader.messages(2).map(\.seq) == [1, 2])
        #expect(try await reader.messages(2).map(\.text) == ["only once", "the next"])
        try await cluster.awaitStored(upTo: 2, in: room, as: users[0])
        #expect(try await cluster.history(of: room, as: users[1]).map(\.text) == ["only once", "the next"])
        for step in sessions.flatMap({ $0.steps(of: tempID) }) {
            #expect(step.messageID == nil || step.messageID == message.id, "\(step)")
        }
    }

    @Test func repeatAfterSavedIsAnsweredWithTheFirst() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let first = try await cluster.connect(users[0], gateway: 0)
        try await first.watchStatus(of: room)
        let tempID = try await first.send("one", to: room)
        let saved = try await first.awaitStatus("SAVED", of: tempID)

        let second = try await cluster.connect(users[0], gateway: 1)
        try await second.watchStatus(of: room)
        try await second.send("another text", to: room, tempID: tempID)
        let answer = try await second.awaitStatus("SENT_TO_STREAM", of: tempID)
        #expect(answer.messageID == saved.messageID)
        #expect(answer.seq == saved.seq)
    }

    @Test func repeatIsNoNewsToTheSendersOtherSessions() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let sessions = [try await cluster.connect(users[0]), try await cluster.connect(users[0])]
        for session in sessions {
            try await session.watchStatus(of: room)
        }
        let tempID = try await sessions[0].send("one", to: room)
        for session in sessions {
            try await session.awaitStatus("SAVED", of: tempID)
        }
        try await sessions[0].send("one", to: room, tempID: tempID)
        // What was told of the repeat comes before what is told of the next.
        let next = try await sessions[0].send("two", to: room)
        for session in sessions {
            try await session.awaitStatus("SAVED", of: next)
        }
        let told = sessions.map { session in session.steps(of: tempID).map(\.status) }
        #expect(told[0] == StatusStep.life + StatusStep.life)
        #expect(told[1] == Array(StatusStep.life.dropFirst()))
    }

    @Test func repeatThatOvertakesTheFirstIsToldOnce() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchStatus(of: room)
        for _ in 0..<20 {
            let tempID = ChatClient.newTempID()
            for _ in 0..<2 {
                try await client.sendRaw(
                    String(decoding: try ChatClient.body("one", to: room, tempID: tempID), as: UTF8.self))
            }
            let next = try await client.send("two", to: room)
            try await client.awaitStatus("SAVED", of: next)
            let told = client.steps(of: tempID).map(\.status)
            let lastTry = told.suffix(from: told.lastIndex(of: "SENDING") ?? told.startIndex)
            let steps = lastTry.compactMap(StatusStep.life.firstIndex(of:))
            #expect(steps == steps.sorted(), "a step back: \(told)")
            // A step that comes before the answer implies those that it overtakes.
            #expect(lastTry.last == "SAVED", "\(told)")
            #expect(told.count <= 2 * StatusStep.life.count, "more than a step of each kind for each try: \(told)")
        }
    }

    @Test func tempIDIsEachSendersOwn() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom(users)
        let clients = [try await cluster.connect(users[0]), try await cluster.connect(users[1], gateway: 1)]
        try await clients[0].watchMessages(of: room)
        let tempID = ChatClient.newTempID()
        try await clients[0].send("of one", to: room, tempID: tempID)
        try await clients[1].send("of the other", to: room, tempID: tempID)
        #expect(try await clients[0].messages(2).map(\.text) == ["of one", "of the other"])
    }
}
