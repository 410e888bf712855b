import Bytes
import Testing

@testable import WireProtocols

@Suite("WebSocket frame encoder")
struct WebSocketFrameEncoderTests {
    private func encode(_ payload: [UInt8], _ opcode: WebSocketOpcode = .text) -> [UInt8] {
        var writer = ByteWriter()
        WebSocketFrameEncoder.append(payload.span, opcode: opcode, to: &writer)
        return writer.bytes
    }

    @Test("RFC 6455 §5.7: the examples are what we make")
    func examples() {
        let hello = Array("Hello".utf8)
        #expect(encode(hello) == hex("81 05 48 65 6c 6c 6f"))
        #expect(encode(hello, .ping) == hex("89 05 48 65 6c 6c 6f"))
        #expect(encode([UInt8](repeating: 0, count: 256), .binary)[..<4] == hex("82 7e 01 00")[...])
        #expect(
            encode([UInt8](repeating: 0, count: 65_536), .binary)[..<10] == hex("82 7f 00 00 00 00 00 01 00 00")[...])
        var writer = ByteWriter()
        let mask = WebSocketMask(littleEndian: 0x3D21_FA37)
        WebSocketFrameEncoder.appendMasked(hello.span, opcode: .text, mask: mask, to: &writer)
        #expect(writer.bytes == hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    }

    @Test("RFC 7692 §7.2.3.1: a compressed message has RSV1 set")
    func compressed() {
        var writer = ByteWriter()
        let hello = Array("Hello".utf8)
        WebSocketFrameEncoder.append(hello.span, isText: true, deflater: Deflater(windowBits: 15), to: &writer)
        #expect(writer.bytes == hex("c1 07 f2 48 cd c9 c9 07 00"))
    }

    @Test("The length takes its shortest form", arguments: [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
    func lengths(_ payload: Int, _ header: Int) {
        #expect(encode([UInt8](repeating: 0, count: payload)).count == header + payload)
    }

    @Test("A long reason is cut between two characters")
    func longReason() {
        let payload = WebSocketFrameEncoder.closePayload(
            WebSocketClosure(.normal, String(repeating: "\u{20AC}", count: 60)))
        #expect(payload.count == 2 + 41 * 3)
        #expect(String(validating: payload[2...], as: UTF8.self) == String(repeating: "\u{20AC}", count: 41))
    }

    @Test("A code that must not be sent is not")
    func unsendable() {
        #expect(WebSocketFrameEncoder.closePayload(WebSocketClosure(.noStatus, "x")).isEmpty)
        #expect(WebSocketFrameEncoder.closePayload(WebSocketClosure(.abnormal, "x")).isEmpty)
    }

    @Test("The mask goes on where it left off, wherever a payload is cut")
    func maskPhase() {
        let payload = (0..<40).map { UInt8($0) }
        let key: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        let expected = payload.enumerated().map { $1 ^ key[$0 & 3] }
        for cut in 0...payload.count {
            var mask = WebSocketMask(littleEndian: 0x4433_2211)
            var out: [UInt8] = []
            out.append(payload.span.extracting(0..<cut), unmasking: &mask)
            out.append(payload.span.extracting(cut..<payload.count), unmasking: &mask)
            #expect(out == expected)
        }
    }
}

@Suite("WebSocket faults")
struct WebSocketFaultTests {
    @Test(
        "Each has a code that may be sent and a reason that fits",
        arguments: [
            .reservedBits, .unknownOpcode, .unmasked, .masked, .badLength, .fragmentedControl, .oversizedControl,
            .unexpectedContinuation, .interruptedMessage, .truncatedCloseCode, .invalidCloseCode, .invalidUTF8,
            .damagedCompression, .messageTooBig(limit: .max), .silent(milliseconds: .max),
        ] as [WebSocketFault])
    func sendable(_ fault: WebSocketFault) {
        #expect(fault.code.mayBeSent)
        #expect(fault.reason.utf8.count <= WebSocketLimits.maxCloseReasonBytes)
    }

    @Test("Each has the code that RFC 6455 §7.4.1 has for it")
    func codes() {
        #expect(WebSocketFault.unmasked.code == .protocolError)
        #expect(WebSocketFault.invalidUTF8.code == .invalidPayload)
        #expect(WebSocketFault.damagedCompression.code == .invalidPayload)
        #expect(WebSocketFault.messageTooBig(limit: 1).code == .messageTooBig)
    }
}
