import Domain
import Testing

@testable import Mongo

@Suite struct BSONWriterTests {
    @Test("The first example of bsonspec.org")
    func writesHelloWorld() {
        let document = BSONDocument { $0.append("hello", "world") }
        #expect(
            document.withUnsafeBytes { Array($0) } == [0x16, 0, 0, 0, 2] + Array("hello".utf8) + [0, 6, 0, 0, 0]
                + Array("world".utf8) + [0, 0])
    }

    @Test("The second example of bsonspec.org")
    func writesAnArray() {
        var writer = BSONWriter()
        writer.appendDocument { document in
            document.append("BSON", array: 0..<3) { array, place, index in
                switch index {
                case 0: array.append(place, "awesome")
                case 1: array.append(place, double: 5.05)
                default: array.append(place, int32: 1986)
                }
            }
        }
        #expect(
            writer.bytes == [
                0x31, 0, 0, 0, 4, 0x42, 0x53, 0x4F, 0x4E, 0, 0x26, 0, 0, 0, 2, 0x30, 0, 8, 0, 0, 0, 0x61, 0x77, 0x65,
                0x73, 0x6F, 0x6D, 0x65, 0, 1, 0x31, 0, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x14, 0x40, 0x10, 0x32, 0,
                0xC2, 7, 0, 0, 0, 0,
            ])
    }

    @Test func writesAnEmptyDocument() {
        #expect(BSONDocument().withUnsafeBytes { Array($0) } == [5, 0, 0, 0, 0])
        #expect(BSONDocument().keys.isEmpty)
    }

    @Test("Every type comes back as it was written")
    func roundTrip() throws {
        let id = try #require(ObjectID(hex: "0123456789abcdef01234567"))
        let tempID = try #require(TempID("01234567-89ab-cdef-0123-456789abcdef"))
        let written = BSONDocument { writer in
            writer.append("int32", int32: -5)
            writer.append("int64", int64: .min)
            writer.append("number", UInt64(1) << 40)
            writer.append("double", double: -0.5)
            writer.append("bool", bool: true)
            writer.append("text", "a\u{0}ü🦊")
            writer.append("time", Timestamp(milliseconds: 1_700_000_000_123))
            writer.append("id", id)
            writer.append("user", UserID(rawValue: 42))
            writer.append("temp", tempID)
            writer.appendNull("null")
            writer.append("inner") { $0.append("deep") { $0.append("x", int32: 1) } }
            writer.append("list", array: [UserID(rawValue: 1), UserID(rawValue: 2)]) { $0.append($1, $2) }
        }
        let document = try BSONDocument(validating: written.withUnsafeBytes { Array($0) })
        #expect(document["int32"]?.int64 == -5)
        #expect(document["int64"]?.int64 == .min)
        #expect(document["number"]?.uint64 == 1 << 40)
        #expect(document["double"]?.double == -0.5)
        #expect(document["bool"]?.bool == true)
        #expect(document["text"]?.string == "a\u{0}ü🦊")
        #expect(document["time"]?.timestamp == Timestamp(milliseconds: 1_700_000_000_123))
        #expect(document["id"]?.objectID == id)
        #expect(document["user"]?.userID == UserID(rawValue: 42))
        #expect(document["temp"]?.tempID == tempID)
        #expect(document["null"]?.type == .null)
        #expect(document["inner"]?.document?["deep"]?.document?["x"]?.int64 == 1)
        #expect(document["list"]?.array?.compactMap(\.userID) == [UserID(rawValue: 1), UserID(rawValue: 2)])
        #expect(document["missing"] == nil)
        #expect(document.keys.first == "int32" && document.keys.count == 13)
    }

    @Test("A document that no server takes stays out of the batch, and the others stay whole")
    func batchLeavesOutWhatIsTooLarge() {
        var batch = BSONBatch()
        let fits = batch.append { $0.append("a", int32: 1) }
        let tooLarge = batch.append { $0.append("a", String(repeating: "x", count: 17 * 1024 * 1024)) }
        let fitsAgain = batch.append { $0.append("a", int32: 2) }
        #expect(fits && !tooLarge && fitsAgain)
        #expect(batch.count == 2)
        let one = BSONDocument { $0.append("a", int32: 1) }.withUnsafeBytes { Array($0) }
        let two = BSONDocument { $0.append("a", int32: 2) }.withUnsafeBytes { Array($0) }
        #expect(batch.withUnsafeBytes { Array($0) } == one + two)
    }
}
