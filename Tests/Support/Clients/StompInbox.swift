import Foundation

/// What a client has received so far; its reader fills it, tests wait on it.
///
/// Unchecked: every property is read and written with the condition's lock held.
final class StompInbox: @unchecked Sendable {
    private let condition = NSCondition()
    private var messages: [String: [StompMessage]] = [:]
    private var receipts: Set<String> = []
    private var connected: StompMessage?
    private var error: StompMessage?
    private var close: StompClient.Close?

    /// Adds what came with one read, and wakes who waits.
    func add(_ frames: [StompMessage]) {
        condition.withLock {
            for frame in frames {
                switch frame.command {
                case "MESSAGE": messages[frame.header("subscription") ?? "", default: []].append(frame)
                case "RECEIPT": receipts.insert(frame.header("receipt-id") ?? "")
                case "CONNECTED": connected = frame
                default: error = frame
                }
            }
            condition.broadcast()
        }
    }

    /// Notes the end of the connection; the first reason counts.
    func end(_ reason: StompClient.Close) {
        condition.withLock {
            close = close ?? reason
            condition.broadcast()
        }
    }

    func connected(within limit: Duration) throws(ClientError) -> StompMessage {
        try wait(for: "CONNECTED", within: limit) { connected }
    }

    func receipt(_ id: String, within limit: Duration) throws(ClientError) {
        _ = try wait(for: "the receipt \(id)", within: limit) { receipts.contains(id) ? id : nil }
    }

    func error(within limit: Duration) throws(ClientError) -> StompMessage {
        try wait(for: "ERROR", within: limit) { error }
    }

    func close(within limit: Duration) throws(ClientError) -> StompClient.Close {
        try wait(for: "the close", within: limit) { close }
    }

    func messages(_ subscription: String, count: Int, within limit: Duration) throws(ClientError)
        -> [StompMessage]
    {
        try wait(for: "\(count) messages of \(subscription)", within: limit) {
            let received = messages[subscription] ?? []
            return received.count >= count ? received : nil
        }
    }

    func message(
        _ subscription: String, from start: Int, within limit: Duration, where matches: (StompMessage) -> Bool
    ) throws(ClientError) -> StompMessage {
        var looked = start
        return try wait(for: "a certain message of \(subscription)", within: limit) {
            let received = messages[subscription] ?? []
            defer { looked = max(looked, received.count) }
            return received.dropFirst(looked).first(where: matches)
        }
    }

    func received(_ subscription: String) -> [StompMessage] {
        condition.withLock { messages[subscription] ?? [] }
    }

    var allReceipts: Set<String> { condition.withLock { receipts } }

    /// Waits until `find` has something. After the end nothing more can come, so that is not waited out.
    private func wait<Found>(
        for what: String, within limit: Duration, _ find: () -> Found?
    ) throws(ClientError) -> Found {
        let deadline = Date(timeIntervalSinceNow: limit / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let found = find() { return found }
            if close != nil { throw .connection("closed while waiting for \(what); \(summary)") }
            guard condition.wait(until: deadline) else {
                if let found = find() { return found }
                throw .timedOut("no \(what) within \(limit); \(summary)")
            }
        }
    }

    private var summary: String {
        let counts = messages.map { "\($0.key): \($0.value.count)" }.sorted().joined(separator: ", ")
        let fault = error.map { " ERROR \($0.header("message") ?? "") (\($0.text))" } ?? ""
        let end = close.map { " closed \($0)" } ?? ""
        return "had messages [\(counts)], receipts \(receipts.count)\(fault)\(end)"
    }
}
