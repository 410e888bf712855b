import Bytes
import Testing

@testable import WireProtocols

@Suite("WebSocket decoder")
struct WebSocketDecoderTests {
    typealias Decoded = WebSocketDecoded

    /// A run with all that may come: fragments, control frames among them, an empty message, more than one byte a
    /// character, each form of the length.
    private static let conversation: [UInt8] =
        [
            ClientFrame.text("hello"), .text(""), .of(.ping, "are you there"),
            .text("Gr\u{FC}\u{DF}e ", isFinal: false),
            .of(.pong), .of(.continuation, "\u{1F44B}", isFinal: false), .of(.continuation),
            .of(.binary, String(repeating: "b", count: 126)), .text(String(repeating: "\u{20AC}", count: 100)),
            .close(1000, Array("bye".utf8)),
        ].flatMap(\.bytes)

    private static let expected = Decoded(events: [
        Decoded.Event(.text, "hello"), Decoded.Event(.text), Decoded.Event(.ping, "are you there"),
        Decoded.Event(.pong), Decoded.Event(.text, "Gr\u{FC}\u{DF}e \u{1F44B}"),
        Decoded.Event(.binary, String(repeating: "b", count: 126)),
        Decoded.Event(.text, String(repeating: "\u{20AC}", count: 100)), Decoded.Event(.close(.normal), "bye"),
    ])

    @Test("RFC 6455 §5.7: the examples that a client may send")
    func clientExamples() {
        let masked = hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
        #expect(Decoded([masked]) == Decoded(events: [Decoded.Event(.text, "Hello")]))
        let pong = hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58")
        #expect(Decoded([pong]) == Decoded(events: [Decoded.Event(.pong, "Hello")]))
    }

    @Test("RFC 6455 §5.7: the examples that a server may send")
    func serverExamples() {
        let client = WebSocketDecoder.Options(role: .client)
        let hello = Decoded(events: [Decoded.Event(.text, "Hello")])
        #expect(Decoded([hex("81 05 48 65 6c 6c 6f")], options: client) == hello)
        #expect(Decoded([hex("01 03 48 65 6c 80 02 6c 6f")], options: client) == hello)
        let ping = Decoded(events: [Decoded.Event(.ping, "Hello")])
        #expect(Decoded([hex("89 05 48 65 6c 6c 6f")], options: client) == ping)
        let bytes = [UInt8](repeating: 7, count: 65_536)
        let binary = Decoded(events: [.init(kind: .binary, payload: bytes)])
        #expect(Decoded([hex("82 7f 00 00 00 00 00 01 00 00") + bytes], options: client) == binary)
        let short = Decoded(events: [.init(kind: .binary, payload: Array(bytes[..<256]))])
        #expect(Decoded([hex("82 7e 01 00") + bytes[..<256]], options: client) == short)
    }

    @Test("All that may come is read, whole")
    func whole() { #expect(Decoded([Self.conversation]) == Self.expected) }

    @Test("All that may come is read, byte by byte")
    func byteByByte() { #expect(Decoded(Self.conversation.map { [$0] }) == Self.expected) }

    @Test("All that may come is read, wherever it is cut")
    func everyCut() {
        for pieces in everySplit(Self.conversation) {
            #expect(Decoded(pieces) == Self.expected, "cut at \(pieces[0].count)")
        }
    }

    @Test("Compressed messages are read, wherever they are cut")
    func compressed() {
        var writer = ByteWriter()
        let deflater = Deflater(windowBits: 15)
        let mask = WebSocketMask(littleEndian: 0x0403_0201)
        let long = String(repeating: "the same again, ", count: 20)
        for text in ["", "once", long] {
            let bytes = Array(text.utf8)
            WebSocketFrameEncoder.appendMasked(bytes.span, opcode: .text, mask: mask, deflater: deflater, to: &writer)
        }
        WebSocketFrameEncoder.appendMasked([1, 2, 3].span, opcode: .binary, mask: mask, to: &writer)
        let expected = Decoded(
            events: [Decoded.Event(.text), Decoded.Event(.text, "once"), Decoded.Event(.text, long)]
                + [.init(kind: .binary, payload: [1, 2, 3])])
        let options = WebSocketDecoder.Options(inflates: true)
        #expect(Decoded([writer.bytes], options: options) == expected)
        #expect(Decoded(writer.bytes.map { [$0] }, options: options) == expected)
        for pieces in everySplit(writer.bytes) {
            #expect(Decoded(pieces, options: options) == expected, "cut at \(pieces[0].count)")
        }
    }

    @Test("A compressed message may come in fragments, with control frames between (RFC 7692 §6.1)")
    func compressedFragments() {
        var deflated: [UInt8] = []
        let text = Array("Hello, hello, hello".utf8)
        Deflater(windowBits: 15).deflate(text.span, into: &deflated)
        let cut = deflated.count / 2
        let frames = [
            ClientFrame(isFinal: false, reserved: 4, payload: Array(deflated[..<cut])), .of(.ping, "p"),
            ClientFrame(opcode: 0, payload: Array(deflated[cut...])),
        ]
        let expected = Decoded(events: [Decoded.Event(.ping, "p"), .init(kind: .text, payload: text)])
        let options = WebSocketDecoder.Options(inflates: true)
        #expect(Decoded([frames.flatMap(\.bytes)], options: options) == expected)
        #expect(Decoded(frames.flatMap(\.bytes).map { [$0] }, options: options) == expected)
    }

    @Test("A message of the size of the limit is let through, in one frame or several")
    func limit() {
        let options = WebSocketDecoder.Options(maxMessageBytes: 300)
        let text = String(repeating: "x", count: 300)
        let expected = Decoded(events: [Decoded.Event(.text, text)])
        #expect(Decoded([ClientFrame.text(text).bytes], options: options) == expected)
        let halves = [
            ClientFrame.text(String(text.dropLast(100)), isFinal: false), .of(.continuation, "\(text.suffix(100))"),
        ]
        #expect(Decoded([halves.flatMap(\.bytes)], options: options) == expected)
    }

    @Test("Nothing is held once all that came is read")
    func idleHoldsNothing() throws {
        var decoder = WebSocketDecoder()
        let scratch = WebSocketScratch()
        for byte in Self.conversation {
            var position = 0
            _ = try decoder.next(in: [byte].span, from: &position, scratch: scratch)
        }
        #expect(decoder.heldBytes == 0)
    }

    @Test("What is held follows what came, not what was announced")
    func announcing() throws {
        var decoder = WebSocketDecoder()
        let announcement = Array(ClientFrame.text(String(repeating: "x", count: 60_000)).bytes[..<20])
        var position = 0
        let event = try decoder.next(in: announcement.span, from: &position, scratch: WebSocketScratch())
        #expect(event == nil)
        #expect(decoder.heldBytes < 256)
    }

    @Test("The scratch gives the memory of an unusually large message back")
    func scratchShrinks() throws {
        let scratch = WebSocketScratch()
        let large = [UInt8](repeating: 0, count: WebSocketLimits.retainedScratchBytes + 1)
        scratch.adopt(large)
        scratch.load([1].span, mask: WebSocketMask(littleEndian: 0))
        #expect(scratch.retainedBytes <= WebSocketLimits.retainedScratchBytes)
    }
}
