import Bytes

/// The rules that bytes from outside must keep to be a document (bsonspec.org, version 1.1).
enum BSONValidator {
    /// Checks that `range` holds exactly one document, and what is in it, down to `MongoLimits.maxNesting`.
    static func validate(_ bytes: [UInt8], in range: Range<Int>) throws(BSONError) {
        try validate(bytes.span, in: range, depth: 0)
    }

    /// How many bytes a value of `type` takes that begins at `offset`; nil where they do not say, or run over the end.
    static func length(of type: BSONType, in bytes: Span<UInt8>, at offset: Int) -> Int? {
        let length: Int? =
            switch type {
            case .undefined, .null, .minKey, .maxKey: 0
            case .bool: 1
            case .int32: 4
            case .double, .date, .timestamp, .int64: 8
            case .objectID: 12
            case .decimal128: 16
            case .string, .code, .symbol: prefix(bytes, at: offset, atLeast: 1).map { $0 + 4 }
            case .databasePointer: prefix(bytes, at: offset, atLeast: 1).map { $0 + 16 }
            case .binary: prefix(bytes, at: offset, atLeast: 0).map { $0 + 5 }
            case .document, .array: prefix(bytes, at: offset, atLeast: 5)
            case .codeWithScope: prefix(bytes, at: offset, atLeast: 14)
            case .regularExpression: regularExpressionLength(bytes, at: offset)
            }
        guard let length, length <= bytes.count - offset else { return nil }
        return length
    }

    /// The little-endian number at `offset`, if it is at least `minimum` and within the bytes.
    private static func prefix(_ bytes: Span<UInt8>, at offset: Int, atLeast minimum: Int) -> Int? {
        guard offset + 4 <= bytes.count else { return nil }
        let number = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        guard number <= UInt32(Int32.max), number >= minimum else { return nil }
        return Int(number)
    }

    private static func regularExpressionLength(_ bytes: Span<UInt8>, at offset: Int) -> Int? {
        guard let pattern = bytes.firstIndex(of: 0, from: offset),
            let options = bytes.firstIndex(of: 0, from: pattern + 1)
        else { return nil }
        return options + 1 - offset
    }

    private static func validate(_ bytes: Span<UInt8>, in range: Range<Int>, depth: Int) throws(BSONError) {
        guard depth <= MongoLimits.maxNesting, range.upperBound <= bytes.count,
            prefix(bytes, at: range.lowerBound, atLeast: 5) == range.count, bytes[range.upperBound - 1] == 0
        else { throw .malformed(offset: range.lowerBound) }
        let end = range.upperBound - 1
        var offset = range.lowerBound + 4
        while offset < end {
            guard let type = BSONType(rawValue: bytes[offset]),
                let keyEnd = bytes.firstIndex(of: 0, from: offset + 1), keyEnd < end,
                let length = length(of: type, in: bytes, at: keyEnd + 1), keyEnd + 1 + length <= end
            else { throw .malformed(offset: offset) }
            try validate(bytes, valueOf: type, in: keyEnd + 1..<keyEnd + 1 + length, depth: depth)
            offset = keyEnd + 1 + length
        }
    }

    private static func validate(
        _ bytes: Span<UInt8>, valueOf type: BSONType, in range: Range<Int>, depth: Int
    ) throws(BSONError) {
        switch type {
        case .document, .array:
            try validate(bytes, in: range, depth: depth + 1)
        case .bool where bytes[range.lowerBound] > 1:
            throw .malformed(offset: range.lowerBound)
        case .string, .code, .symbol:
            guard bytes[range.upperBound - 1] == 0 else { throw .malformed(offset: range.lowerBound) }
        default:
            break
        }
    }
}
