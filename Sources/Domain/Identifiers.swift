/// A user's number, given by PostgreSQL.
public struct UserID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number itself; positive.
    public let rawValue: Int64

    /// The user with this number.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }

    /// Numeric order.
    public static func < (left: UserID, right: UserID) -> Bool { left.rawValue < right.rawValue }
}

/// Twelve bytes that name a document in MongoDB: 4 of time, 5 of the process that made it, 3 of a counter.
public struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt32

    /// The id made of a time in seconds since 1970, 40 random bits of the process and a 24-bit counter.
    public init(seconds: UInt32, process: UInt64, counter: UInt32) {
        high = UInt64(seconds) << 32 | (process >> 8) & 0xFFFF_FFFF
        low = UInt32(truncatingIfNeeded: process & 0xFF) << 24 | counter & 0xFF_FFFF
    }

    /// The id in twelve bytes; nil where there are not exactly twelve.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 12 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The id in twelve borrowed bytes; nil where there are not exactly twelve.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 12 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    }

    /// The id written as 24 hexadecimal digits of either case; nil for anything else.
    public init?(hex: Span<UInt8>) {
        guard hex.count == 24, let high = Hexadecimal.word(in: hex, 0..<16),
            let low = Hexadecimal.word(in: hex, 16..<24)
        else { return nil }
        self.high = high
        self.low = UInt32(low)
    }

    /// The same, out of a string.
    public init?(hex: String) { self.init(hex: hex.utf8Span.span) }

    /// The time in it: seconds since 1970, as whoever made it had them.
    public var seconds: UInt32 { UInt32(truncatingIfNeeded: high >> 32) }

    /// The twelve bytes.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(12)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            out.append(UInt8(truncatingIfNeeded: high >> shift))
        }
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            out.append(UInt8(truncatingIfNeeded: low >> shift))
        }
        return out
    }

    /// Lends the twelve bytes without making an array of them.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var words = (high.bigEndian, low.bigEndian)
        return withUnsafeBytes(of: &words) { body(UnsafeRawBufferPointer(rebasing: $0[..<12])) }
    }

    /// The 24 lower-case hexadecimal digits as ASCII.
    public var hexBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 24) { buffer, count in
            for place in 0..<16 {
                buffer[place] = Hexadecimal.digit(of: high, at: place)
            }
            for place in 0..<8 {
                buffer[16 + place] = Hexadecimal.digit(of: UInt64(low) << 32, at: place)
            }
            count = 24
        }
    }

    /// The 24 lower-case hexadecimal digits.
    public var hex: String { String(decoding: hexBytes, as: UTF8.self) }

    /// The 24 lower-case hexadecimal digits.
    public var description: String { hex }

    /// Byte order, which is order of time to the second.
    public static func < (left: ObjectID, right: ObjectID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Names a room.
public typealias RoomID = ObjectID

/// Names a message.
public typealias MessageID = ObjectID

/// The client's own id for a message it sends, a UUID: its idempotency key, unique per room and sender.
public struct TempID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// The UUID written as 36 characters (8-4-4-4-12 hexadecimal digits of either case); nil for anything else.
    public init?(_ text: Span<UInt8>) {
        guard text.count == 36, text[8] == 0x2D, text[13] == 0x2D, text[18] == 0x2D, text[23] == 0x2D,
            let first = Hexadecimal.word(in: text, 0..<8), let second = Hexadecimal.word(in: text, 9..<13),
            let third = Hexadecimal.word(in: text, 14..<18), let fourth = Hexadecimal.word(in: text, 19..<23),
            let fifth = Hexadecimal.word(in: text, 24..<36)
        else { return nil }
        high = first << 32 | second << 16 | third
        low = fourth << 48 | fifth
    }

    /// The same, out of a string.
    public init?(_ text: String) { self.init(text.utf8Span.span) }

    /// The UUID in its sixteen bytes, borrowed; nil where there are not exactly sixteen.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// A UUID of random bits (RFC 9562 §5.4).
    public init(using random: inout some RandomNumberGenerator) {
        high = random.next() & ~0xF000 | 0x4000
        low = random.next() & ~(0xC0 << 56) | 0x80 << 56
    }

    /// Lends the sixteen bytes without making an array of them.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var words = (high.bigEndian, low.bigEndian)
        return withUnsafeBytes(of: &words, body)
    }

    /// The canonical lower-case form as ASCII: however a client writes its UUID, it is one key.
    public var textBytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                out.append(0x2D)
            }
            out.append(Hexadecimal.digit(of: index < 16 ? high : low, at: index % 16))
        }
        return out
    }

    /// The canonical lower-case form.
    public var description: String { String(decoding: textBytes, as: UTF8.self) }
}
