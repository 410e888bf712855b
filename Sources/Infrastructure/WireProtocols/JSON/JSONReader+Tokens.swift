import Bytes

/// The tokens that the reader steps over (RFC 8259 §2, §6 and §7).
extension JSONReader {
    func byte(_ json: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard offset < json.count else { throw JSONError(.unexpectedEnd, at: offset) }
        return json[offset]
    }

    mutating func skipWhiteSpace(_ json: Span<UInt8>) {
        while offset < json.count {
            switch json[offset] {
            case ASCII.space, ASCII.lineFeed, ASCII.carriageReturn, ASCII.tab: offset += 1
            default: return
            }
        }
    }

    mutating func word(_ word: StaticString, in json: Span<UInt8>) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard try byte(json) == word.utf8Start[index] else { throw JSONError(.unexpectedByte, at: offset) }
            offset += 1
        }
        place = .next
    }

    /// Reads the string whose opening quote is at `offset`.
    mutating func text(_ json: Span<UInt8>) throws(JSONError) -> JSONText {
        let start = offset + 1
        var highBits: UInt64 = 0
        var isEscaped = false
        offset = start
        while true {
            offset = json.withUnsafeBytes { [offset] in JSONScan.special(in: $0, from: offset, highBits: &highBits) }
            let special = try byte(json)
            if special == ASCII.quote { break }
            guard special == ASCII.backslash else { throw JSONError(.controlCharacter, at: offset) }
            isEscaped = true
            offset = try JSONEscape.check(in: json, at: offset)
        }
        if highBits != 0 {
            try checkUTF8(json, start..<offset)
        }
        offset += 1
        return JSONText(range: start..<(offset - 1), isEscaped: isEscaped)
    }

    private func checkUTF8(_ json: Span<UInt8>, _ range: Range<Int>) throws(JSONError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: json.extracting(range))
        } catch {
            throw JSONError(.invalidUTF8, at: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    mutating func numeral(_ json: Span<UInt8>) throws(JSONError) -> JSONNumber {
        let start = offset
        if json[offset] == ASCII.minus {
            offset += 1
        }
        let leadingZero = try byte(json) == ASCII.zero
        let whole = try digits(json)
        guard !leadingZero || whole == 1 else { throw JSONError(.invalidNumber, at: start) }
        var isInteger = true
        if offset < json.count, json[offset] == ASCII.dot {
            isInteger = false
            offset += 1
            _ = try digits(json)
        }
        if offset < json.count, json[offset] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            offset += 1
            let sign = try byte(json)
            if sign == ASCII.minus || sign == UInt8(ascii: "+") {
                offset += 1
            }
            _ = try digits(json)
        }
        return JSONNumber(range: start..<offset, isInteger: isInteger)
    }

    /// Passes over at least one digit and answers how many there were.
    private mutating func digits(_ json: Span<UInt8>) throws(JSONError) -> Int {
        let start = offset
        while offset < json.count, ASCII.isDigit(json[offset]) {
            offset += 1
        }
        guard offset > start else {
            throw JSONError(offset < json.count ? .invalidNumber : .unexpectedEnd, at: offset)
        }
        return offset - start
    }
}
