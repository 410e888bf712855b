import Testing
import WireProtocols

/// What is refused, and by which rule. Most of these are ways to smuggle a request past a proxy.
@Suite struct HTTPRequestErrorTests {
    private static func get(_ fields: String) -> String { "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }
    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", HTTPRequestError.malformedRequestLine),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine), ("GET /\r\n\r\n", .malformedRequestLine),
        ("GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .unknownVersion),
        ("GET / HTTQ/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine), ("\u{16}\u{3}\u{1}", .controlCharacter),
        ("é / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine), ("\r\n\r\n\r\nGET", .malformedRequestLine),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod), ("get / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", .unknownMethod),
    ])
    func requestLines(text: String, error: HTTPRequestError) {
        #expect(ParsedRequests(text).error == error)
    }

    @Test(arguments: [
        "*", "a", "//", "/%", "/%4", "/%zz", "/%00", "/%ff", "/a#b", "http://", "ftp://a/", "/?a=%e9", "/\u{7F}", "/é",
    ])
    func targets(target: String) {
        let error = ParsedRequests("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").error
        let expected: HTTPRequestError? =
            target == "//" ? nil : target == "/\u{7F}" ? .controlCharacter : .malformedTarget
        #expect(error == expected)
    }

    @Test(arguments: [
        (get("X: a\r\n b\r\n"), HTTPRequestError.foldedField), (get(" X: a\r\n"), .foldedField),
        (get("X: a\n"), .malformedLineEnd), (get("X: a\rb\r\n"), .malformedLineEnd),
        ("GET / HTTP/1.1\nHost: a\n\n", .malformedLineEnd), ("GET / HTTP/1.1\r\r\n", .malformedLineEnd),
        (get("X: \u{0}\r\n"), .controlCharacter), (get("X: \u{8}\r\n"), .controlCharacter),
        (get("X : a\r\n"), .malformedField), (get("Content-Length : 3\r\n"), .malformedField),
        (get("X Y: a\r\n"), .malformedField), (get(": a\r\n"), .malformedField), (get("X\r\n"), .malformedField),
        (get("é: a\r\n"), .malformedField), (get("Host: b\r\n"), .badHost), ("GET / HTTP/1.1\r\n\r\n", .badHost),
        (get("Expect: 200-ok\r\n"), .unknownExpectation),
    ])
    func fields(text: String, error: HTTPRequestError) {
        #expect(ParsedRequests(text).error == error)
    }

    @Test(arguments: [
        (get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), HTTPRequestError.ambiguousLength),
        (get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), .ambiguousLength),
        (get("Content-Length: 3\r\nContent-Length: 3\r\n"), .ambiguousLength),
        (get("Content-Length: 3\r\nContent-Length: 4\r\n"), .ambiguousLength),
        (get("Content-Length: 3, 3\r\n"), .ambiguousLength), (get("Content-Length: +3\r\n"), .ambiguousLength),
        (get("Content-Length: -3\r\n"), .ambiguousLength), (get("Content-Length: 0x3\r\n"), .ambiguousLength),
        (get("Content-Length: 3 3\r\n"), .ambiguousLength), (get("Content-Length:\r\n"), .ambiguousLength),
        (get("Content-Length: 99999999999999999999\r\n"), .ambiguousLength),
        (get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), .ambiguousLength),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguousLength),
        (get("Transfer-Encoding: gzip\r\n"), .unknownTransferCoding),
        (get("Transfer-Encoding: gzip, chunked\r\n"), .unknownTransferCoding),
        (get("Transfer-Encoding: chunked, identity\r\n"), .unknownTransferCoding),
        (get("Transfer-Encoding: xchunked\r\n"), .unknownTransferCoding),
        (get("Transfer-Encoding: \"chunked\"\r\n"), .unknownTransferCoding),
    ])
    func bodyLengths(text: String, error: HTTPRequestError) {
        #expect(ParsedRequests(text).error == error)
    }

    @Test(arguments: [
        "x\r\n", "\r\n", "-1\r\n", "0x1\r\na\r\n", "1\na\r\n", "1;\na\r\n", "1 \r\na\r\n", "1 1\r\na\r\n",
        "1\r\nab\r\n",
        "1\r\na\n", "1\r\naXX\r\n", "1\r\na\r\r", "1;a\u{0}\r\n", "0\r\nX: y\n\r\n",
        "1;" + String(repeating: "e", count: 300) + "\r\n",
    ])
    func chunks(body: String) {
        #expect(ParsedRequests(Self.chunked(body)).error == .malformedChunk)
    }

    @Test func limitsAreMetExactly() {
        var limits = HTTPLimits()
        limits.bodyBytes = 4
        limits.fields = 2
        limits.targetBytes = 8
        limits.headBytes = 200
        func error(_ text: String) -> HTTPRequestError? { ParsedRequests(text, limits: limits).error }
        let head = "POST / HTTP/1.1\r\nHost: a\r\n"
        #expect(error(head + "Content-Length: 4\r\n\r\nabcd") == nil)
        #expect(error(head + "Content-Length: 5\r\n\r\n") == .bodyTooLarge)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n") == nil)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\n") == .bodyTooLarge)
        #expect(error(head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n") == .bodyTooLarge)
        #expect(error(head + "X: 1\r\n\r\n") == nil)
        #expect(error(head + "X: 1\r\nY: 2\r\n\r\n") == .headTooLarge)
        #expect(error("GET /1234567 HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(error("GET /12345678 HTTP/1.1\r\nHost: a\r\n\r\n") == .targetTooLong)
        #expect(error("GET /" + String(repeating: "a", count: 100)) == .targetTooLong)
        let padding = String(repeating: "p", count: 200 - head.utf8.count - "X: \r\n\r\n".utf8.count)
        #expect(error(head + "X: \(padding)\r\n\r\n") == nil)
        #expect(error(head + "X: \(padding)p\r\n\r\n") == .headTooLarge)
        #expect(error(head + "X: \(padding)padding that never ends") == .headTooLarge)
    }

    @Test func trailersThatNeverEndAreCutOff() {
        let trailer = String(repeating: "X: " + String(repeating: "y", count: 100) + "\r\n", count: 50)
        #expect(ParsedRequests(Self.chunked("0\r\n" + trailer)).error == .headTooLarge)
    }

    @Test(arguments: [
        (HTTPRequestError.malformedField, 400), (.bodyTooLarge, 413), (.targetTooLong, 414), (.unknownExpectation, 417),
        (.headTooLarge, 431), (.unknownMethod, 501), (.unknownTransferCoding, 501), (.unknownVersion, 505),
    ])
    func statuses(error: HTTPRequestError, status: Int) {
        #expect(error.status == status)
        #expect(!error.message.isEmpty)
    }
}
