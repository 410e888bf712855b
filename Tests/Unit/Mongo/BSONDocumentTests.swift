import Domain
import Testing

@testable import Mongo

@Suite struct BSONDocumentTests {
    /// One of each type that is read, and one of each that is only passed over.
    private static let everything: [UInt8] = {
        var bytes = BSONDocument { writer in
            writer.append("number", int32: 7)
            writer.append("text", "text")
            writer.append("list", array: ["a", "b"]) { $0.append($1, $2) }
            writer.append("inner") { $0.append("x", double: 1) }
        }.withUnsafeBytes { Array($0) }
        bytes.removeLast()
        bytes += [0x05, 0x62, 0, 2, 0, 0, 0, 0x80, 1, 2]  // binary
        bytes += [0x06, 0x75, 0]  // undefined
        bytes += [0x0B, 0x72, 0, 0x61, 0, 0x69, 0]  // regular expression
        bytes += [0x0C, 0x70, 0, 2, 0, 0, 0, 0x61, 0] + Array(repeating: 1, count: 12)  // database pointer
        bytes += [0x0D, 0x63, 0, 2, 0, 0, 0, 0x61, 0]  // code
        bytes += [0x0F, 0x77, 0, 15, 0, 0, 0, 2, 0, 0, 0, 0x61, 0, 5, 0, 0, 0, 0]  // code with scope
        bytes += [0x11, 0x74, 0, 1, 2, 3, 4, 5, 6, 7, 8]  // timestamp
        bytes += [0x13, 0x64, 0] + Array(repeating: 0, count: 16)  // decimal128
        bytes += [0xFF, 0x6D, 0, 0x7F, 0x4D, 0]  // smallest and largest key
        bytes += [0x08, 0x7A, 0, 1, 0]  // true, and the end
        bytes[0] = UInt8(bytes.count)
        return bytes
    }()

    @Test("What we never write is passed over on the way to what we look for")
    func passesOverOtherTypes() throws {
        let document = try BSONDocument(validating: Self.everything)
        #expect(document["z"]?.bool == true)
        #expect(document.keys.count == 15)
        #expect(document.values.count == 15)
    }

    @Test("Cut short at any place, it is refused")
    func truncated() {
        for length in 0..<Self.everything.count {
            #expect(throws: BSONError.self) { try BSONDocument(validating: Array(Self.everything[..<length])) }
        }
    }

    @Test("Bytes behind the end are refused")
    func trailing() {
        #expect(throws: BSONError.malformed(offset: 0)) { try BSONDocument(validating: Self.everything + [0]) }
    }

    @Test(
        "Malformed documents are refused",
        arguments: [
            [5, 0, 0, 0, 1],  // no zero at the end
            [4, 0, 0, 0],  // shorter than the shortest
            [0xFF, 0xFF, 0xFF, 0xFF, 0],  // negative length
            [8, 0, 0, 0, 0x0A, 0x61, 0, 1],  // the end is not a zero
            [8, 0, 0, 0, 0x20, 0x61, 0, 0],  // unknown type
            [7, 0, 0, 0, 0x0A, 0x61, 0],  // a name that takes the end
            [9, 0, 0, 0, 0x08, 0x61, 0, 2, 0],  // neither true nor false
            [13, 0, 0, 0, 0x02, 0x61, 0, 0, 0, 0, 0, 0, 0],  // text without its zero
            [13, 0, 0, 0, 0x02, 0x61, 0, 1, 0, 0, 0, 1, 0],  // text that ends in something else
            [13, 0, 0, 0, 0x02, 0x61, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0],  // text of 2 GiB
            [13, 0, 0, 0, 0x05, 0x61, 0, 9, 0, 0, 0, 0, 0],  // binary past the end
            [13, 0, 0, 0, 0x03, 0x61, 0, 6, 0, 0, 0, 0, 0],  // inner document past the end
            [10, 0, 0, 0, 0x0B, 0x61, 0, 0x61, 0x61, 0],  // regular expression without options
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        #expect(throws: BSONError.self) { try BSONDocument(validating: bytes) }
    }

    @Test("Documents within documents end somewhere")
    func nesting() throws {
        func nested(_ depth: Int) -> BSONDocument {
            (0..<depth).reduce(BSONDocument()) { inner, _ in BSONDocument { $0.append("d", inner) } }
        }
        let allowed = nested(MongoLimits.maxNesting).withUnsafeBytes { Array($0) }
        _ = try BSONDocument(validating: allowed)
        let tooDeep = nested(MongoLimits.maxNesting + 1).withUnsafeBytes { Array($0) }
        #expect(throws: BSONError.self) { try BSONDocument(validating: tooDeep) }
    }

    @Test("Whatever bytes are changed, reading ends, and ends within the bytes")
    func fuzz() {
        var generator = SeededGenerator(seed: 0x5EED)
        for _ in 0..<20_000 {
            var bytes = Self.everything
            for _ in 0...Int.random(in: 0..<4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: .min ... .max, using: &generator)
            }
            guard let document = try? BSONDocument(validating: bytes) else { continue }
            #expect(document.keys.count == document.values.count)
            for value in document.values {
                _ = (value.int64, value.string, value.objectID, value.array?.count, value.document?.keys)
                _ = (value.tempID, value.bool, value.double, value.timestamp)
            }
        }
    }

    @Test("A value of another type, or out of range, is told by name")
    func unexpected() throws {
        let document = BSONDocument { writer in
            writer.append("text", "5")
            writer.append("negative", int64: -1)
            writer.appendNull("nothing")
        }
        #expect(throws: BSONError.unexpected("text")) { try document.value("text", as: \.int64) }
        #expect(throws: BSONError.unexpected("negative")) { try document.value("negative", as: \.uint64) }
        #expect(throws: BSONError.missing("nothing")) { try document.value("nothing", as: \.string) }
        #expect(throws: BSONError.missing("absent")) { try document.value("absent", as: \.string) }
        #expect(try document.valueIfPresent("absent", as: \.string) == nil)
    }

    @Test("Whole numbers are read out of either width")
    func widths() {
        let document = BSONDocument { writer in
            writer.append("narrow", int32: 3)
            writer.append("wide", int64: 3)
            writer.append("real", double: 3)
        }
        #expect(document["narrow"]?.uint64 == 3 && document["wide"]?.uint64 == 3)
        #expect(document["real"]?.int64 == nil)
        #expect(document["narrow"]?.double == 3 && document["real"]?.double == 3)
    }
}

/// Numbers that come the same way every run (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
