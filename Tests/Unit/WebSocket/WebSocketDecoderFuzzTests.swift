import Bytes
import Support
import Testing
import WireProtocols

@Suite("WebSocket decoder: fuzz")
struct WebSocketDecoderFuzzTests {
    /// Frames as they may come, most of them right.
    private func frames(using random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let count = [0, 1, 7, 8, 60, 125, 126, 300].randomElement(using: &random) ?? 0
            let opcode: UInt8 = [0, 1, 1, 2, 2, 8, 9, 10].randomElement(using: &random) ?? 1
            bytes +=
                ClientFrame(
                    opcode: opcode, isFinal: Int.random(in: 0..<3, using: &random) > 0,
                    reserved: Int.random(in: 0..<4, using: &random) == 0 ? 4 : 0,
                    payload: (0..<count).map { _ in UInt8.random(in: 0x20...0x7F, using: &random) }
                ).bytes
        }
        return bytes
    }

    private func pieces(of bytes: [UInt8], using random: inout SeededGenerator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(40, rest.count)), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    @Test("Damaged input ends in events or a fault, the same however it is cut", arguments: UInt64(0)..<8)
    func damaged(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<400 {
            var bytes = frames(using: &random)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            let options = WebSocketDecoder.Options(inflates: round.isMultiple(of: 2), maxMessageBytes: 1_000)
            let whole = WebSocketDecoded([bytes], options: options)
            #expect(WebSocketDecoded(pieces(of: bytes, using: &random), options: options) == whole)
            #expect(whole.events.allSatisfy { $0.payload.count <= 1_000 })
        }
    }

    @Test("What is encoded is decoded, compressed or not", arguments: UInt64(0)..<4)
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let deflaters = [nil, Deflater(windowBits: 8), Deflater(windowBits: 9), Deflater(windowBits: 15)]
        for _ in 0..<100 {
            let alphabet = UInt8.random(in: 1...255, using: &random)
            let count = Int.random(in: 0...3_000, using: &random)
            let payload = (0..<count).map { _ in UInt8.random(in: 0...alphabet, using: &random) }
            var writer = ByteWriter()
            WebSocketFrameEncoder.appendMasked(
                payload.span, opcode: .binary,
                mask: WebSocketMask(littleEndian: UInt32.random(in: .min ... .max, using: &random)),
                deflater: deflaters.randomElement(using: &random) ?? nil, to: &writer)
            let decoded = WebSocketDecoded(
                pieces(of: writer.bytes, using: &random), options: WebSocketDecoder.Options(inflates: true))
            #expect(decoded == WebSocketDecoded(events: [.init(kind: .binary, payload: payload)]))
        }
    }
}
