import Bytes
import Testing

@testable import WireProtocols

@Suite("Compression")
struct PerMessageDeflateTests {
    private func inflate(_ bytes: [UInt8], limit: Int = 10_000) throws -> [UInt8] {
        var out: [UInt8] = []
        try Inflater().inflate(bytes.span, limit: limit, into: &out)
        return out
    }

    private func deflate(_ bytes: [UInt8], windowBits: Int = 15) -> [UInt8] {
        var out: [UInt8] = []
        Deflater(windowBits: windowBits).deflate(bytes.span, into: &out)
        return out
    }

    @Test(
        "RFC 7692 §7.2.3: the examples inflate",
        arguments: [
            ("f2 48 cd c9 c9 07 00", "Hello"),
            // No compression, a final block, two blocks.
            ("00 05 00 fa ff 48 65 6c 6c 6f 00", "Hello"),
            ("f3 48 cd c9 c9 07 00 00", "Hello"),
            ("f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "Hello"),
            ("00", ""),
        ])
    func examples(_ message: String, _ text: String) throws {
        #expect(try inflate(hex(message)) == Array(text.utf8))
    }

    @Test("RFC 7692 §7.2.3.1, §7.2.3.6: the examples are what we make")
    func madeAlike() {
        #expect(deflate(Array("Hello".utf8)) == hex("f2 48 cd c9 c9 07 00"))
        #expect(deflate([]) == [0])
    }

    @Test("Each message stands by itself: the same one is the same bytes again")
    func noContextTakeover() {
        let deflater = Deflater(windowBits: 15)
        let text = Array("again and again and again".utf8)
        var first: [UInt8] = []
        deflater.deflate(text.span, into: &first)
        var second: [UInt8] = []
        deflater.deflate(text.span, into: &second)
        #expect(first == second)
    }

    @Test("After a damaged message the next one is read")
    func recovers() throws {
        let inflater = Inflater()
        var out: [UInt8] = []
        #expect(throws: Inflater.Failure.damaged) { try inflater.inflate([0xFF].span, limit: 100, into: &out) }
        out = []
        try inflater.inflate(deflate(Array("fine".utf8)).span, limit: 100, into: &out)
        #expect(out == Array("fine".utf8))
    }

    @Test("A bomb costs no more than its limit")
    func bomb() throws {
        let bomb = deflate([UInt8](repeating: 0, count: 10_000_000))
        var out: [UInt8] = []
        #expect(throws: Inflater.Failure.tooBig) { try Inflater().inflate(bomb.span, limit: 65_536, into: &out) }
        #expect(out.count < 65_536 + 32_768)
        #expect(try inflate(deflate([UInt8](repeating: 0, count: 100)), limit: 100).count == 100)
    }

    @Test("No back-reference reaches further than the window that was agreed on", arguments: 8...15)
    func window(_ bits: Int) throws {
        // Noise, which only its own repetition compresses: were that further away than the window, it would be found.
        let noise = pattern(1 << bits)
        let message = noise + noise
        let compressed = deflate(message, windowBits: bits)
        #expect(try inflate(compressed, limit: message.count) == message)
        #expect(compressed.count >= message.count)
    }

    @Test("Output longer than its estimate, and far longer than a step, is whole")
    func long() throws {
        let message = pattern(1_000_000)
        #expect(try inflate(deflate(message), limit: message.count) == message)
    }

    @Test(
        "Offers are answered",
        arguments: [
            ("permessage-deflate", ""),
            ("permessage-deflate; client_max_window_bits", ""),
            ("permessage-deflate; client_max_window_bits=10", "; client_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits=\"8\"", "; server_max_window_bits=8"),
            ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", ""),
            ("x-webkit-deflate-frame, permessage-deflate", ""),
            ("permessage-deflate; server_max_window_bits=7, permessage-deflate", ""),
            (",permessage-deflate;client_max_window_bits = 15 ,, ", "; client_max_window_bits=15"),
        ])
    func offers(_ header: String, _ rest: String) throws {
        let answer = PerMessageDeflate.choose(among: try #require(WebSocketExtensionOffer.parse(header)))
        let always = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        #expect(answer?.headerValue == always + rest)
    }

    @Test(
        "Offers with a fault are passed over",
        arguments: [
            "", "gzip", "permessage-deflate; level=9", "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; client_max_window_bits=7", "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        ])
    func declined(_ header: String) throws {
        #expect(PerMessageDeflate.choose(among: try #require(WebSocketExtensionOffer.parse(header))) == nil)
    }

    @Test(
        "What is no list of extensions is told apart",
        arguments: [";", "a b", "a; =1", "a; b=", "a; b=\"1", "permessage-deflate;", "a/b"])
    func malformed(_ header: String) { #expect(WebSocketExtensionOffer.parse(header) == nil) }
}
