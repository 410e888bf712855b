import Support
import Synchronization

/// A client that sends one message after the other until it is told to stop, has sent all, or its session ends.
final class Load: Sendable {
    /// Sends that may be without their receipt: enough that the gateway always has some in flight.
    private static let window = 16

    private let client: ChatClient
    private let room: String
    private let maxMessages: Int
    private let isStopping = Atomic(false)
    private let sent = Mutex<[String]>([])
    private let ended = Observed<Outcome?>(nil)

    /// What it sent, by tempId.
    struct Outcome: Sendable {
        let sent: [String]
        /// Those whose receipt came.
        let answered: Set<String>
        /// Why it ended, with what became of sends that failed, where it watches their status; nil: it was told to.
        let failure: String?
    }

    /// Begins to send `maxMessages`.
    init(_ client: ChatClient, to room: String, maxMessages: Int = .max) {
        self.client = client
        self.room = room
        self.maxMessages = maxMessages
        Task { [self] in
            do {
                try await blocking { try self.send() }
                end(failure: nil)
            } catch {
                end(failure: "\(error)")
            }
        }
    }

    /// Ends it when all that it sent has been answered.
    func stop() async -> Outcome {
        isStopping.store(true, ordering: .relaxed)
        return await finished()
    }

    /// Waits until it ends by itself, as it does when its session ends.
    func finished() async -> Outcome {
        await ended.wait { $0 != nil } ?? Outcome(sent: [], answered: [], failure: "never ended")
    }

    private func send() throws {
        var count = 0
        while count < maxMessages, !isStopping.load(ordering: .relaxed) {
            let tempID = ChatClient.newTempID()
            count = sent.withLock { sent in
                sent.append(tempID)
                return sent.count
            }
            let body = try ChatClient.body("message \(count) of \(client.user.nickname)", to: room, tempID: tempID)
            try client.stomp.send("/app/chat", body: body, receipt: tempID)
            if count > Self.window {
                try client.stomp.awaitReceipt(sent.withLock { $0[count - 1 - Self.window] })
            }
        }
        for tempID in sent.withLock({ $0.suffix(Self.window) }) {
            try client.stomp.awaitReceipt(tempID)
        }
    }

    private func end(failure: String?) {
        let sent = sent.withLock { $0 }
        let answered = client.stomp.receipts.intersection(sent)
        let failed = client.steps().filter { !StatusStep.life.contains($0.status) }
        let failure = failure.map { "\($0); failed: \(failed)" }
        ended.update { $0 = Outcome(sent: sent, answered: answered, failure: failure) }
    }
}
