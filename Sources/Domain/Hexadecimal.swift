/// Hexadecimal digits as ASCII.
enum Hexadecimal {
    /// The value of a digit of either case, or nil.
    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }

    /// The number that the digits at these places write, at most sixteen of them; nil where one is none.
    static func word(in digits: Span<UInt8>, _ places: Range<Int>) -> UInt64? {
        var word: UInt64 = 0
        for place in places {
            guard let value = value(of: digits[place]) else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }

    /// The lower-case digit at `place` of the sixteen that write `word`, the highest first.
    static func digit(of word: UInt64, at place: Int) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * place)) & 0xF
        return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }

    /// The number that at most sixteen digits write; nil where one is no digit, or upper-case.
    static func lowerCaseWord(_ digits: Span<UInt8>) -> UInt64? {
        guard digits.count <= 16 else { return nil }
        var word: UInt64 = 0
        for index in digits.indices {
            guard let value = value(of: digits[index]), !(0x41...0x46).contains(digits[index]) else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }

    /// The sixteen lower-case digits of `word`.
    static func text(of word: UInt64) -> String {
        String(decoding: (0..<16).map { digit(of: word, at: $0) }, as: UTF8.self)
    }
}
