import Bytes
import Support
import Testing

@testable import WireProtocols

@Suite struct STOMPDecoderRefusalTests {
    static let malformed: [(String, STOMPFault)] = [
        ("SEND\ndestination\n\n\0", .malformedHeader),
        ("SEND\n:value\n\n\0", .malformedHeader),
        ("SEND\ndestination:/a\0", .nulInHeaders),
        ("SEND\n\0", .nulInHeaders),
        ("SEND\0", .nulInHeaders),
        ("SEND\na\0b:c\n\n\0", .nulInHeaders),
        ("SEND\nab\0\nc:d\n\n\0", .nulInHeaders),
        ("SEND\na:\\t\n\n\0", .undefinedEscape),
        ("SEND\na:b\\\n\n\0", .undefinedEscape),
        ("SEND\na\\:b\n\n\0", .undefinedEscape),
        ("SEND\ncontent-length:\n\n\0", .invalidContentLength),
        ("SEND\ncontent-length:-1\n\n\0", .invalidContentLength),
        ("SEND\ncontent-length: 1\n\na\0", .invalidContentLength),
        ("SEND\ncontent-length:1x\n\na\0", .invalidContentLength),
        ("SEND\ncontent-length:99999999999999999999999\n\n\0", .invalidContentLength),
        ("SEND\ncontent-length:18446744073709551615\n\n\0", .frameTooLarge(maxBytes: 65_536)),
        ("SEND\ncontent-length:65536\n\n", .frameTooLarge(maxBytes: 65_536)),
        ("SEND\ncontent-length:1\n\nab\0", .missingNUL),
        ("SUBSCRIBE\nid:0\n\nbody\0", .bodyNotAllowed),
        ("SUBSCRIBE\ncontent-length:1\n\n", .bodyNotAllowed),
        (String(repeating: "A", count: 33), .commandTooLong),
        (String(repeating: "A", count: 33) + "\n\n\0", .commandTooLong),
        ("SEND\na:" + String(repeating: "b", count: 8_191), .headerLineTooLong(maxBytes: 8_192)),
        ("SEND\na:" + String(repeating: "b", count: 8_191) + "\n\n\0", .headerLineTooLong(maxBytes: 8_192)),
        ("SEND\n" + String(repeating: "a:b\n", count: 65) + "\n\0", .tooManyHeaders(max: 64)),
        ("SEND\n\n" + String(repeating: "x", count: 65_530) + "\0", .frameTooLarge(maxBytes: 65_536)),
        ("SEND\n\n" + String(repeating: "x", count: 65_530), .frameTooLarge(maxBytes: 65_536)),
        (
            "SEND\n" + String(repeating: "a:" + String(repeating: "b", count: 8_000) + "\n", count: 9),
            .frameTooLarge(maxBytes: 65_536)
        ),
    ]

    @Test func refusesWhatIsMalformed() {
        for (text, fault) in Self.malformed {
            #expect(STOMPDecoded(text).error == STOMPError(fault), "\(text.prefix(60))")
        }
    }

    @Test func refusesTheSameByteByByte() {
        for (text, fault) in Self.malformed {
            let decoded = STOMPDecoded(text.utf8.map { [$0] })
            #expect(decoded.error == STOMPError(fault), "\(text.prefix(60))")
        }
    }

    @Test func takesWhatJustFits() {
        let body = "SEND\n\n" + String(repeating: "x", count: 65_529) + "\0"
        #expect(STOMPDecoded(body).frames.first?.body.count == 65_529)
        #expect(STOMPDecoded(body.utf8.map { [$0] }).frames.count == 1)
        #expect(STOMPDecoded("SEND\na:" + String(repeating: "b", count: 8_190) + "\n\n\0").frames.count == 1)
        #expect(STOMPDecoded("SEND\n" + String(repeating: "a:b\n", count: 64) + "\n\0").frames.count == 1)
    }

    @Test func namesTheReceiptOfTheFrameAtFault() {
        let receipt = Array("r-1".utf8)
        #expect(STOMPDecoded("SEND\nreceipt:r-1\nbad\n\n\0").error?.receipt == receipt)
        #expect(STOMPDecoded("SEND\na:\\t\nreceipt:r-1\n\n\0").error?.receipt == receipt)
        #expect(STOMPDecoded("SEND\nreceipt:r\\c1\na:\\t\n\n\0").error?.receipt == Array("r:1".utf8))
        #expect(STOMPDecoded("SEND\nreceipt:a\\nb\nbad\n\n\0").error?.receipt == nil)
    }

    @Test func carriageReturnIsNoEscapeBefore12() {
        #expect(STOMPDecoded("SEND\na:\\r\n\n\0", version: .v11).error?.fault == .undefinedEscape)
    }

    /// Nothing that comes in stops the process, and how it was cut makes no difference.
    @Test func survivesNoise() {
        var generator = SeededGenerator(seed: 1)
        let seeds = [STOMPDecoderTests.stream] + Self.malformed.map { Array($0.0.utf8.prefix(200)) }
        for _ in 0..<20_000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            for _ in 0...Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty {
                mutate(&bytes, using: &generator)
            }
            let whole = STOMPDecoded([bytes])
            let split = Int.random(in: 0...bytes.count, using: &generator)
            let halves = STOMPDecoded([Array(bytes[..<split]), Array(bytes[split...])])
            #expect(whole.frames == halves.frames)
            // Which of two faults is named depends on which came first.
            #expect((whole.error == nil) == (halves.error == nil))
        }
    }

    private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        let special: [UInt8] = [0, 10, 13, 58, 92, 45, 48, 255]
        switch UInt8.random(in: 0..<4, using: &generator) {
        case 0: bytes[index] = special[Int.random(in: 0..<special.count, using: &generator)]
        case 1: bytes.insert(special[Int.random(in: 0..<special.count, using: &generator)], at: index)
        case 2: bytes.remove(at: index)
        default: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        }
    }
}
