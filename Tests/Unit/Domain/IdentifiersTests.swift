import Domain
import Testing

@Suite struct ObjectIDTests {
    @Test func readsAndWritesHexadecimal() throws {
        let id = try #require(ObjectID(hex: "0123456789ABCDEFfedcba98"))
        #expect(id.hex == "0123456789abcdeffedcba98")
        #expect(id.bytes.withUnsafeBytes { ObjectID(bytes: $0) } == id)
        let lent = id.withBytes { [UInt8]($0) }
        #expect(lent == id.bytes)
    }

    @Test(arguments: ["", "0123456789abcdef0123456", "0123456789abcdef012345678", "0123456789abcdef0123456g"])
    func refusesWhatIsNotAnID(_ text: String) { #expect(ObjectID(hex: text) == nil) }

    @Test func isMadeOfTimeProcessAndCounter() {
        let id = ObjectID(seconds: 0x6566_6768, process: 0x01_0203_0405, counter: 0xFF0A_0B0C)
        #expect(id.hex == "6566676801020304050a0b0c")
    }
}

@Suite struct TempIDTests {
    @Test func isOneKeyHoweverItIsWritten() throws {
        let upper = try #require(TempID("6BA7B810-9DAD-11D1-80B4-00C04FD430C8"))
        #expect(upper == TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        #expect(upper.description == "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
        let lent = upper.withBytes { [UInt8]($0) }
        #expect(lent.withUnsafeBytes { TempID(bytes: $0) } == upper)
    }

    @Test(arguments: [
        "", "6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c",
        "6ba7b810-9dad-11d1-80b400-c04fd430c8",
        "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
    ])
    func refusesWhatIsNoUUID(_ text: String) { #expect(TempID(text) == nil) }
}

@Suite struct PositionTests {
    @Test func readsAndWrites() {
        #expect(Position("12-3") == Position(seq: 12, change: 3))
        #expect(Position(seq: 7).description == "7-0")
    }

    @Test func ordersBySeqThenChange() {
        let ordered = [Position(seq: 1, change: 9), Position(seq: 2), Position(seq: 2, change: 1), Position(seq: 10)]
        #expect(ordered.shuffled().sorted() == ordered)
    }

    @Test(arguments: ["", "1", "-", "1-", "-1", "a-1", "1-b", "1-2-3", " 1-0", "18446744073709551616-0"])
    func refusesWhatIsNoPosition(_ text: String) { #expect(Position(text) == nil) }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"),
        (1_767_225_599_999, "2025-12-31T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
    func writesRFC3339(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }
}

@Suite struct MessageRulesTests {
    @Test func trims() throws { #expect(try MessageRules.text(" \n hi there\t") == "hi there") }

    @Test(arguments: ["", "   ", String(repeating: "a", count: 10_001), String(repeating: "é", count: 10_001)])
    func refusesOtherLengths(_ text: String) {
        #expect(throws: Refusal.self) { try MessageRules.text(text) }
    }

    @Test func countsCharactersNotBytes() throws {
        let text = String(repeating: "👩‍👩‍👧", count: 10_000)
        #expect(try MessageRules.text(text) == text)
    }
}
