import Support
import Testing
import WireProtocols

@Suite struct HTTPRequestParserTests {
    /// Three requests in a row, of each kind of body.
    private static let pipelined =
        "GET /a%20b/c?x=1&y=%C3%A9+z HTTP/1.1\r\nHost: a\r\nX-Test: one\r\n\r\n"
        + "\r\nPOST /p HTTP/1.1\r\nhost:a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\nhello"
        + "PUT /q HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n"
        + "5\r\nhello\r\n00006 ;ext=\"v\"\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n"

    @Test func pipelinedRequestsComeOneAfterAnother() {
        let parsed = ParsedRequests(Self.pipelined)
        #expect(parsed.error == nil)
        #expect(parsed.heads.map(\.method) == [.get, .post, .put])
        #expect(parsed.heads.map(\.bodyLength) == [.exactly(0), .exactly(5), .chunked])
        #expect(parsed.heads.map(\.keepsAlive) == [true, true, false])
        #expect(parsed.heads.map(\.expectsContinue) == [false, true, false])
        #expect(parsed.bodies == ["", "hello", "hello world"])
        #expect(parsed.heads[0].target.segments == ["a b", "c"])
        #expect(parsed.heads[0].target["y"] == "é z")
        #expect(parsed.heads[0].fields["X-TEST"] == "one")
    }

    @Test func itDoesNotMatterHowTheBytesAreCut() {
        let bytes = Array(Self.pipelined.utf8)
        let whole = ParsedRequests(Self.pipelined).summary
        for split in 0...bytes.count {
            var parsed = ParsedRequests()
            parsed.feed(Array(bytes[..<split]))
            parsed.feed(Array(bytes[split...]))
            #expect(parsed.summary == whole, "split at \(split)")
        }
        var parsed = ParsedRequests()
        for byte in bytes {
            parsed.feed([byte])
        }
        #expect(parsed.summary == whole)
    }

    @Test func whatFollowsARequestIsLeftToTheCaller() throws {
        let bytes = Array("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframes".utf8)
        var parser = HTTPRequestParser()
        var offset = 0
        let event = try parser.next(in: bytes.span, at: &offset)
        guard case .head(let head) = event else {
            Issue.record("no head")
            return
        }
        #expect(head.wantsUpgrade)
        #expect(String(decoding: bytes[offset...], as: UTF8.self) == "frames")
        guard case .complete(let body) = try parser.next(in: bytes.span, at: &offset) else {
            Issue.record("not complete")
            return
        }
        #expect(body.isEmpty)
        #expect(String(decoding: bytes[offset...], as: UTF8.self) == "frames")
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", false), ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
    ])
    func keepAliveGoesByVersionAndConnection(text: String, keepsAlive: Bool) {
        #expect(ParsedRequests(text).heads.map(\.keepsAlive) == [keepsAlive])
    }

    @Test func fieldsAreFoundInAnyCaseAndJoined() throws {
        let head = try #require(
            ParsedRequests(
                "GET / HTTP/1.1\r\nHOST:\t a \r\nx-list: a,b\r\nX-LIST:  ,c \r\nX-Empty:\r\nX-High: é\r\n\r\n"
            )
            .heads.first)
        #expect(head.fields["host"] == "a")
        #expect(head.fields["X-List"] == "a,b, ,c")
        #expect(head.fields.list(of: "x-list") == ["a", "b", "c"])
        #expect(head.fields.values(of: "x-list") == ["a,b", ",c"])
        #expect(head.fields["x-empty"] == "")
        #expect(head.fields["x-high"] == "é")
        #expect(head.fields["x-lis"] == nil)
        #expect(head.fields.count == 5)
    }

    @Test func mutatedRequestsAreReadOrRefusedAlikeHoweverTheyAreCut() {
        let seed = Array(Self.pipelined.utf8)
        let tokens = Array("\r\n \t:;,/?%&=0aF\u{0}Ax".utf8) + [0x80, 0xFF]
        var random = SeededGenerator(seed: 0x41_54_54_50)
        for _ in 0..<3_000 {
            var bytes = seed
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = tokens.randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: index)
                default: bytes.insert(tokens.randomElement(using: &random) ?? 0, at: index)
                }
            }
            var whole = ParsedRequests()
            whole.feed(bytes)
            let split = Int.random(in: 0...bytes.count, using: &random)
            var halves = ParsedRequests()
            halves.feed(Array(bytes[..<split]))
            halves.feed(Array(bytes[split...]))
            #expect(halves.summary == whole.summary)
        }
    }
}
