/// Which message it is, as the server names it: an ObjectID.
struct MessageKey: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt32

    /// Reads 24 hexadecimal digits; nil where they are none.
    init?(hex text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 24, let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
            let low = UInt32(String(decoding: digits[16...], as: UTF8.self), radix: 16)
        else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// 24 hexadecimal digits.
    var hex: String {
        let digits = { (value: UInt64, count: Int) in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: count - text.count) + text
        }
        return digits(high, 16) + digits(UInt64(low), 8)
    }

    /// Reads 12 bytes.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 12 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// A message as a subscriber got it.
struct Delivery: Sendable {
    let seq: UInt64
    let id: MessageKey
    /// nil: said by the room itself, or without its content.
    let name: MessageName?
}

/// All that one client can tell at the end of a run.
struct Journal: Sendable {
    /// In the order in which they came, over all connections.
    var deliveries: [Delivery] = []
    /// What it shows of each message in the end, by number.
    var views: [UInt64: MessageView] = [:]
    /// Numbers at which it was told that there is nothing to show, when they came.
    var placeholders = 0
    /// How often it resumed, by where that came from.
    var resumes: [String: Int] = [:]
    /// Messages that the client was told are accepted, and those called failed with the code.
    var accepted: [Int] = []
    var refused: [(number: Int, code: String)] = []
    var unanswered: [Int] = []
    /// Messages that the store is to refuse, and those that were told to have been.
    var poisoned: [Int] = []
    var rejected: Set<Int> = []
    /// Those of them that were accepted on a connection that ended before it could tell.
    var untold: Set<Int> = []
    var saved: [Int] = []
    /// Messages that were repeated behind later ones, so that their order is the client's own doing.
    var outOfTurn: Set<Int> = []
    var stepsBack: [(number: Int, status: String)] = []
    /// What went against the protocol, in words.
    var complaints: [String] = []
    /// How often it had to connect again.
    var moves = 0
}
