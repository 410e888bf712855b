import Bytes
import Testing

@testable import WireProtocols

@Suite("WebSocket decoder: what is refused")
struct WebSocketDecoderRefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let bytes: [UInt8]
        let fault: WebSocketFault
        var options = WebSocketDecoder.Options(maxMessageBytes: 1_000)

        init(_ name: String, _ frames: [ClientFrame], _ fault: WebSocketFault) {
            self.init(name, bytes: frames.flatMap(\.bytes), fault)
        }

        init(_ name: String, bytes: [UInt8], _ fault: WebSocketFault, inflates: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.fault = fault
            options.inflates = inflates
        }

        var testDescription: String { name }
    }

    private static let framing: [Case] = [
        Case("RSV1 without compression", [ClientFrame(reserved: 4)], .reservedBits),
        Case("RSV2", [ClientFrame(reserved: 2)], .reservedBits),
        Case("RSV3", [ClientFrame(reserved: 1)], .reservedBits),
        Case("RSV2 in a control frame", [ClientFrame(opcode: 9, reserved: 2)], .reservedBits),
        Case("opcode 3", [ClientFrame(opcode: 3)], .unknownOpcode),
        Case("opcode 7", [ClientFrame(opcode: 7)], .unknownOpcode),
        Case("opcode 11", [ClientFrame(opcode: 11)], .unknownOpcode),
        Case("opcode 15", [ClientFrame(opcode: 15)], .unknownOpcode),
        Case("no mask", [ClientFrame(isMasked: false, payload: [1])], .unmasked),
        Case("ping in fragments", [ClientFrame(opcode: 9, isFinal: false)], .fragmentedControl),
        Case("ping of 126 bytes", [.of(.ping, String(repeating: "p", count: 126))], .oversizedControl),
        Case("Close of 126 bytes", [.of(.close, String(repeating: "p", count: 126))], .oversizedControl),
        Case("continuation first", [.of(.continuation, "x")], .unexpectedContinuation),
        Case("continuation after the end", [.text("x"), .of(.continuation, "x")], .unexpectedContinuation),
        Case("message in a message", [.text("x", isFinal: false), .of(.binary, "y")], .interruptedMessage),
        Case("length 5 in 2 bytes", bytes: hex("81 fe 00 05 00 00 00 00"), .badLength),
        Case("length 300 in 8 bytes", bytes: hex("81 ff 00 00 00 00 00 00 01 2c 00 00 00 00"), .badLength),
        Case("length with bit 63", bytes: hex("81 ff 80 00 00 00 00 00 00 00 00 00 00 00"), .badLength),
        Case("too big", [.text(String(repeating: "x", count: 1_001))], .messageTooBig(limit: 1_000)),
        Case(
            "too big at once", bytes: hex("82 ff 7f ff ff ff ff ff ff ff 00 00 00 00"), .messageTooBig(limit: 1_000)),
        Case(
            "too big in fragments",
            [
                .text(String(repeating: "x", count: 600), isFinal: false),
                .of(.continuation, String(repeating: "x", count: 401)),
            ],
            .messageTooBig(limit: 1_000)),
    ]

    private static let closing: [Case] =
        [
            Case("Close of one byte", [ClientFrame(opcode: 8, payload: [3])], .truncatedCloseCode),
            Case("reason not UTF-8", [.close(1000, [0xC3, 0x28])], .invalidUTF8),
            Case("reason cut short", [.close(1000, [0xE2, 0x82])], .invalidUTF8),
        ]
        + [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map { code in
            Case("Close with \(code)", [.close(code)], .invalidCloseCode)
        }

    private static let text: [Case] = [
        Case("lone continuation", [ClientFrame(payload: [0x61, 0x80])], .invalidUTF8),
        Case("overlong", [ClientFrame(payload: [0xC0, 0xAF])], .invalidUTF8),
        Case("surrogate", [ClientFrame(payload: [0xED, 0xA0, 0x80])], .invalidUTF8),
        Case("past U+10FFFF", [ClientFrame(payload: [0xF4, 0x90, 0x80, 0x80])], .invalidUTF8),
        Case("cut short", [ClientFrame(payload: [0xE2, 0x82])], .invalidUTF8),
        Case(
            "cut short in fragments",
            [ClientFrame(isFinal: false, payload: [0xE2]), ClientFrame(opcode: 0, payload: [0x82])],
            .invalidUTF8),
    ]

    private static func compressed(_ payload: [UInt8], isText: Bool = true) -> [UInt8] {
        ClientFrame(opcode: isText ? 1 : 2, reserved: 4, payload: payload).bytes
    }

    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        Deflater(windowBits: 15).deflate(bytes.span, into: &out)
        return out
    }

    private static let compression: [Case] = [
        Case("not deflate data", bytes: compressed([0xFF, 0xFF, 0xFF]), .damagedCompression, inflates: true),
        Case(
            "cut short", bytes: compressed(deflated(Array("Hello, world".utf8)).dropLast(3)), .damagedCompression,
            inflates: true),
        Case(
            "bomb", bytes: compressed(deflated([UInt8](repeating: 0x61, count: 500_000))), .messageTooBig(limit: 1_000),
            inflates: true),
        Case("not UTF-8 inside", bytes: compressed(deflated([0x61, 0xFF])), .invalidUTF8, inflates: true),
        Case(
            "RSV1 in a control frame", bytes: ClientFrame(opcode: 9, reserved: 4).bytes, .reservedBits, inflates: true),
        Case(
            "RSV1 in a continuation",
            bytes: ClientFrame(isFinal: false, reserved: 4).bytes + ClientFrame(opcode: 0, reserved: 4).bytes,
            .reservedBits, inflates: true),
        Case(
            "compressed and far too big", bytes: compressed([UInt8](repeating: 0, count: 10_000)),
            .messageTooBig(limit: 1_000), inflates: true),
    ]

    @Test("A breach is found, whole and wherever it is cut", arguments: framing + closing + text + compression)
    func refused(_ fault: Case) {
        let whole = WebSocketDecoded([fault.bytes], options: fault.options)
        #expect(whole.fault == fault.fault)
        #expect(WebSocketDecoded(fault.bytes.map { [$0] }, options: fault.options) == whole)
        for pieces in everySplit(Array(fault.bytes.prefix(64))) {
            let rest = Array(fault.bytes.dropFirst(64))
            #expect(WebSocketDecoded(pieces + [rest], options: fault.options) == whole)
        }
    }

    @Test("What comes before a breach is still told")
    func eventsBefore() {
        let decoded = WebSocketDecoded([ClientFrame.text("fine").bytes + ClientFrame(opcode: 3).bytes])
        #expect(decoded == WebSocketDecoded(events: [WebSocketDecoded.Event(.text, "fine")], fault: .unknownOpcode))
    }

    @Test("A server's frame with a mask is refused by a client")
    func maskedByServer() {
        let options = WebSocketDecoder.Options(role: .client)
        #expect(WebSocketDecoded([ClientFrame.text("x").bytes], options: options).fault == .masked)
    }

    @Test("Bad text is found at the first bad byte, in the middle of a frame that is still coming")
    func failsFast() {
        let frame = ClientFrame(isFinal: false, payload: Array("abc".utf8) + [0xFF] + Array("def".utf8))
        let begin = Array(frame.bytes.dropLast(3))
        #expect(WebSocketDecoded([begin]).fault == .invalidUTF8)
        #expect(WebSocketDecoded([begin.dropLast()]).fault == nil)
    }

    @Test("The codes that may be sent are taken", arguments: [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
    func goodCodes(_ code: UInt16) {
        let expected = WebSocketDecoded(events: [
            WebSocketDecoded.Event(.close(WebSocketCloseCode(rawValue: code)), "why")
        ])
        #expect(WebSocketDecoded([ClientFrame.close(code, Array("why".utf8)).bytes]) == expected)
    }
}
