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
