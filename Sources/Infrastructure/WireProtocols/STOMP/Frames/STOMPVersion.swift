import Bytes

/// A version of STOMP that both sides may agree on.
public enum STOMPVersion: UInt8, Sendable, Comparable, CaseIterable {
    case v10, v11, v12

    /// The version as `accept-version` and `version` write it.
    public var name: StaticString {
        switch self {
        case .v10: "1.0"
        case .v11: "1.1"
        case .v12: "1.2"
        }
    }

    /// The versions before `other` in time.
    public static func < (version: STOMPVersion, other: STOMPVersion) -> Bool { version.rawValue < other.rawValue }

    /// The highest version in a list such as `1.0,1.1,1.2` that is known here; nil where none is
    /// (STOMP 1.2 §Protocol Negotiation).
    static func highest(in list: Span<UInt8>) -> STOMPVersion? {
        var best: STOMPVersion?
        var start = 0
        while start <= list.count {
            let end = list.firstIndex(of: ASCII.comma, from: start) ?? list.count
            let name = list.extracting(start..<end)
            if let version = allCases.first(where: { name.equals($0.name) }), version > best ?? .v10 || best == nil {
                best = version
            }
            start = end + 1
        }
        return best
    }

    /// The letter that stands behind the backslash for `byte`, or nil where this version leaves it as it is
    /// (STOMP 1.2 and 1.1 §Value Encoding; 1.0 knows no escapes).
    func escape(for byte: UInt8) -> UInt8? {
        guard self >= .v11 else { return nil }
        return switch byte {
        case ASCII.lineFeed: UInt8(ascii: "n")
        case ASCII.colon: UInt8(ascii: "c")
        case ASCII.backslash: ASCII.backslash
        case ASCII.carriageReturn where self >= .v12: UInt8(ascii: "r")
        default: nil
        }
    }

    /// What a backslash followed by `letter` stands for, or nil where this version does not define it.
    func unescaped(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "n"): ASCII.lineFeed
        case UInt8(ascii: "c"): ASCII.colon
        case ASCII.backslash: ASCII.backslash
        case UInt8(ascii: "r") where self >= .v12: ASCII.carriageReturn
        default: nil
        }
    }
}
