import Foundation
import Support

/// A user's STOMP session, with calls that wait on threads of their own. Subscriptions have the ids `messages`,
/// `status` and `errors` unless a test names them.
struct ChatClient: Sendable {
    let user: Account
    let stomp: StompClient

    /// Subscribes to the messages of a room.
    func watchMessages(of room: String, id: String = "messages", ack: String = "auto") async throws {
        try await blocking { [stomp] in try stomp.subscribe("/topic/messages/\(room)", id: id, ack: ack) }
    }

    /// Subscribes to what becomes of one's own messages in a room.
    func watchStatus(of room: String, id: String = "status") async throws {
        try await blocking { [stomp] in try stomp.subscribe("/topic/message/status/\(room)", id: id) }
    }

    /// Subscribes to the errors of one's own sends.
    func watchErrors() async throws {
        try await blocking { [stomp] in try stomp.subscribe("/user/queue/errors", id: "errors") }
    }

    /// Sends a text and waits for the receipt; gives the tempId.
    @discardableResult
    func send(_ text: String, to room: String, tempID: String = newTempID()) async throws -> String {
        try await blocking { [stomp] in
            let receipt = UUID().uuidString
            try stomp.send("/app/chat", body: Self.body(text, to: room, tempID: tempID), receipt: receipt)
            try stomp.awaitReceipt(receipt)
        }
        return tempID
    }

    /// Sends a body as it is, without a receipt.
    func sendRaw(_ body: String) async throws {
        try await blocking { [stomp] in try stomp.send("/app/chat", body: Array(body.utf8)) }
    }

    /// Says that one types, or has stopped, and waits for the receipt.
    func type(_ isTyping: Bool, in room: String) async throws {
        try await blocking { [stomp] in
            let receipt = UUID().uuidString
            try stomp.send("/app/typing", json: ["roomId": room, "isTyping": isTyping], receipt: receipt)
            try stomp.awaitReceipt(receipt)
        }
    }

    /// Waits until a subscription to messages has had `count`; gives all that it had.
    func messages(_ count: Int, id: String = "messages", within limit: Duration = .seconds(30)) async throws
        -> [ChatMessage]
    {
        try await blocking { [stomp] in
            try stomp.messages(id, count: count, within: limit).compactMap { ChatMessage($0.json) }
        }
    }

    /// Waits for a frame of a subscription that fits.
    func frame(_ id: String, where matches: @escaping @Sendable (StompMessage) -> Bool) async throws -> StompMessage {
        try await blocking { [stomp] in try stomp.message(id, within: .seconds(30), where: matches) }
    }

    /// Waits for a step of a message's life.
    @discardableResult
    func awaitStatus(_ status: String, of tempID: String) async throws -> StatusStep {
        let frame = try await frame("status") { frame in
            StatusStep(frame.json).map { $0.status == status && $0.tempID == tempID } ?? false
        }
        guard let step = StatusStep(frame.json) else { throw ClientError.malformed(frame.text) }
        return step
    }

    /// The steps that it was told so far, of one message or of all.
    func steps(of tempID: String? = nil) -> [StatusStep] {
        stomp.received("status").compactMap { StatusStep($0.json) }.filter { tempID == nil || $0.tempID == tempID }
    }

    /// Waits for an ERROR frame, then for the close behind it.
    func awaitErrorAndClose() async throws -> (error: StompMessage, close: StompClient.Close) {
        try await blocking { [stomp] in (try stomp.error(), try stomp.closed()) }
    }

    /// Says goodbye and waits for the receipt, which comes when all before it is done.
    func disconnect() async throws {
        try await blocking { [stomp] in try stomp.disconnect() }
    }

    /// An id for a message that nobody else has.
    static func newTempID() -> String { UUID().uuidString.lowercased() }

    /// The JSON of a SEND to `/app/chat`.
    static func body(_ text: String, to room: String, tempID: String) throws -> [UInt8] {
        let json: [String: Any] = ["roomId": room, "tempId": tempID, "content": ["text": text, "type": "TEXT"]]
        return Array(try JSONSerialization.data(withJSONObject: json))
    }
}
