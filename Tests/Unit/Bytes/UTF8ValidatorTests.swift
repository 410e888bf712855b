import Bytes
import Support
import Testing

@Suite("UTF-8 validator")
struct UTF8ValidatorTests {
    /// What the validator says of `bytes`, given in `pieces`.
    private func isValid(_ pieces: [[UInt8]]) -> Bool {
        var validator = UTF8Validator()
        return pieces.allSatisfy { validator.consume($0.span) } && validator.isComplete
    }

    @Test("Every scalar is valid, and is so byte by byte, with ASCII about it")
    func scalars() {
        let values =
            [0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFF]
            + [0x10000, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFF]
        for scalar in values.compactMap({ Unicode.Scalar($0) }) {
            let bytes = Array("ascii before\(Character(scalar))and after it".utf8)
            #expect(isValid([bytes]), "\(scalar.value)")
            #expect(isValid(bytes.map { [$0] }), "\(scalar.value)")
        }
    }

    @Test("It agrees with the standard library on every one, two and three bytes of note")
    func agreement() {
        let notable: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for first in notable {
            for second in notable {
                for third in notable {
                    let bytes = [first, second, third, 0x80]
                    for count in 1...4 {
                        let text = Array(bytes[..<count])
                        #expect(isValid([text]) == (String(validating: text, as: UTF8.self) != nil), "\(text)")
                    }
                }
            }
        }
    }

    @Test("It agrees with the standard library on damaged text, however that is cut", arguments: UInt64(0)..<4)
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let text = Array("plain, \u{FC}ml\u{E4}ut, \u{20AC}uro, \u{1F600}, and plain again for a while".utf8)
        for _ in 0..<1_000 {
            var bytes = text
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(isValid([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
    }

    @Test("It says no at the first byte that cannot be made good")
    func failsFast() {
        var validator = UTF8Validator()
        let isStillGood = validator.consume([0xED, 0xA0].span)
        #expect(!isStillGood)
    }
}
