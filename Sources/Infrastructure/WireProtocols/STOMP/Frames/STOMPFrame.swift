import Bytes

/// One decoded frame: its bytes in one buffer, and where headers and body lie in them.
///
/// Nothing is made into a `String` unless asked for: `range(of:)` answers where a value lies, and
/// `frame.bytes.span.extracting(range)` looks at it without a copy.
public struct STOMPFrame: Sendable, Equatable {
    /// Names and values of one header as ranges of `bytes`, escapes undone.
    struct Header: Sendable, Equatable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The frame's bytes without its NUL.
    public let bytes: [UInt8]
    let headers: [Header]
    private let bodyStart: UInt32
    /// The command.
    public let command: STOMPCommand

    init(command: STOMPCommand, bytes: [UInt8], headers: [Header], bodyStart: Int) {
        self.command = command
        self.bytes = bytes
        self.headers = headers
        self.bodyStart = UInt32(bodyStart)
    }

    /// Where the body lies in `bytes`; empty where there is none.
    public var body: Range<Int> { Int(bodyStart)..<bytes.count }

    /// Where the value of the first header of that name lies in `bytes`: of repeated headers the first counts
    /// (STOMP 1.2 §Repeated Header Entries).
    public func range(of name: StaticString) -> Range<Int>? {
        let span = bytes.span
        for header in headers where span.extracting(header.name).equals(name) {
            return header.value
        }
        return nil
    }

    /// The value of the first header of that name, copied.
    public func value(of name: StaticString) -> [UInt8]? {
        range(of: name).map { Array(bytes[$0]) }
    }

    /// The value of the first header of that name as text; nil where there is none or it is not UTF-8.
    public func text(of name: StaticString) -> String? {
        guard let range = range(of: name) else { return nil }
        return String(utf8: bytes.span.extracting(range))
    }

    /// The body, copied.
    public var bodyBytes: [UInt8] { Array(bytes[body]) }

    /// All headers in order as text, for logs and tests; bytes that are not UTF-8 are replaced.
    public var headerList: [(name: String, value: String)] {
        headers.map {
            (String(decoding: bytes[$0.name], as: UTF8.self), String(decoding: bytes[$0.value], as: UTF8.self))
        }
    }
}
