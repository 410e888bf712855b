import Testing

@testable import Launcher

@Suite struct BSONTests {
    @Test func writesWhatTheSpecificationShows() {
        // The first example of bsonspec.org.
        let expected: [UInt8] = [
            0x16, 0, 0, 0, 0x02, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0, 0x06, 0, 0, 0, 0x77, 0x6f, 0x72, 0x6c, 0x64, 0, 0,
        ]
        #expect(BSONWriter().string("hello", "world").bytes == expected)
    }

    @Test func findsValuesBehindAllOthers() {
        let inner = BSONWriter().int32("ok", 7)
        let bytes = BSONWriter().document("inner", inner).array("list", [inner, inner]).string("set", "shoot")
            .int32("code", -23).bytes
        let reader = BSONReader(bytes)
        #expect(reader.int32("code") == -23)
        #expect(reader.string("set") == "shoot")
        #expect(reader.int32("ok") == nil, "an inner value is not one of the outermost level")
        #expect(reader.string("code") == nil, "a value of another type is not found")
    }

    @Test func readsFromEveryCutWithoutTrapping() {
        let bytes = BSONWriter().string("set", "shoot").document("d", BSONWriter().int32("x", 1)).int32("code", 5).bytes
        for end in 0..<bytes.count - 5 { #expect(BSONReader(Array(bytes[..<end])).int32("code") == nil) }
    }

    @Test func aLengthThatPointsBackwardsEndsTheSearch() {
        var bytes = BSONWriter().string("set", "shoot").int32("code", 5).bytes
        bytes.replaceSubrange(9..<13, with: [0xff, 0xff, 0xff, 0x80])
        #expect(BSONReader(bytes).int32("code") == nil)
        #expect(BSONReader(bytes).string("set") == nil)
    }

    @Test func aMessageIsCompleteAtItsLastByteOnly() {
        let message = MongoMessage.encode(BSONWriter().int32("hello", 1))
        for end in 0..<message.count { #expect(!MongoMessage.isComplete(Array(message[..<end]))) }
        #expect(MongoMessage.isComplete(message))
        #expect(MongoMessage.body(of: message)?.int32("hello") == 1)
    }
}
