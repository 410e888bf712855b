import CEPoll
import Glibc

/// A STOMP frame that a server sent, in place: valid for as long as the bytes that it was made of.
struct ReceivedFrame {
    /// Command and headers, each with its line feed.
    private let head: UnsafeRawBufferPointer
    private let body: UnsafeRawBufferPointer

    /// nil for a heart-beat.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count > 1, let base = payload.baseAddress, let found = memmem(base, payload.count, "\n\n", 2)
        else { return nil }
        let end = UnsafeRawPointer(found) - base
        head = UnsafeRawBufferPointer(rebasing: payload[...end])
        body = UnsafeRawBufferPointer(rebasing: payload[(end + 2)...])
    }

    func isCommand(_ name: StaticString) -> Bool {
        guard head.count > name.utf8CodeUnitCount, let base = head.baseAddress else { return false }
        return memcmp(base, name.utf8Start, name.utf8CodeUnitCount) == 0
            && head[name.utf8CodeUnitCount] == UInt8(ascii: "\n")
    }

    /// What follows `key`, a line feed and a header's name with its colon, up to the end of the line.
    func header(_ key: StaticString) -> String? { Self.text(behind: key, upTo: "\n", in: head) }

    /// What follows `key`, a member's name with colon and quote, up to the next quote.
    func member(_ key: StaticString) -> String? { Self.text(behind: key, upTo: "\"", in: body) }

    /// The number that follows `key`, a member's name with its colon.
    func number(_ key: StaticString) -> UInt64? {
        Self.start(behind: key, in: body).flatMap { start in
            UInt64(String(decoding: body[start...].prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
        }
    }

    /// Whether these bytes are in the body.
    func says(_ key: StaticString) -> Bool { Self.start(behind: key, in: body) != nil }

    /// What follows `key` in the body up to a character.
    func text(behind key: StaticString, upTo end: Unicode.Scalar) -> String? {
        Self.text(behind: key, upTo: end, in: body)
    }

    private static func text(
        behind key: StaticString, upTo end: Unicode.Scalar, in bytes: UnsafeRawBufferPointer
    ) -> String? {
        guard let start = start(behind: key, in: bytes), let last = bytes[start...].firstIndex(of: UInt8(ascii: end))
        else { return nil }
        return String(decoding: bytes[start..<last], as: UTF8.self)
    }

    private static func start(behind key: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress,
            let found = memmem(base, bytes.count, key.utf8Start, key.utf8CodeUnitCount)
        else { return nil }
        return UnsafeRawPointer(found) - base + key.utf8CodeUnitCount
    }
}
