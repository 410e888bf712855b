import Bytes
import Testing
import WireProtocols

@Suite struct JSONReaderTests {
    private static let send = Array(
        #" {"roomId":"65f0","content":{"text":"h\u00e9 \"you\"","type":"TEXT"},"extra":[1,{"a":null}],"seq":-12} "#.utf8
    )

    @Test func anObjectIsWalkedWithoutATree() throws {
        let json = Self.send
        var reader = JSONReader()
        var room: String?
        var content: Range<Int>?
        var seq: Int64?
        try reader.beginObject(in: json.span)
        while let key = try reader.nextKey(in: json.span) {
            if key.equals("roomId", in: json.span) {
                room = try reader.string(in: json.span).string(in: json.span)
            } else if key.equals("content", in: json.span) {
                content = try reader.skipValue(in: json.span)
            } else if key.equals("seq", in: json.span) {
                seq = try reader.int64(in: json.span)
            }
        }
        try reader.finish(in: json.span)
        #expect(room == "65f0")
        #expect(seq == -12)
        let raw = try #require(content)
        #expect(String(decoding: json[raw], as: UTF8.self) == #"{"text":"h\u00e9 \"you\"","type":"TEXT"}"#)
    }

    @Test func aTextCutAnywhereIsRefusedAtItsEnd() {
        let json = Self.send
        for length in 0..<(json.count - 2) {
            let cut = Array(json[..<length])
            #expect(Self.read(cut) == JSONError(.unexpectedEnd, at: length), "cut at \(length)")
        }
        #expect(Self.read(Array(json.dropLast())) == nil)
    }

    @Test(arguments: [
        ("", JSONError.Rule.unexpectedEnd, 0), ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3),
        ("{} {}", .trailingBytes, 3), ("1 2", .trailingBytes, 2), ("[1,]", .unexpectedByte, 3),
        ("[,1]", .unexpectedByte, 1), ("{,}", .unexpectedByte, 1), (#"{"a":1,}"#, .unexpectedByte, 7),
        (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a":}"#, .unexpectedByte, 5), ("{1:2}", .unexpectedByte, 1),
        ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2), (#"{"a":1]"#, .unexpectedByte, 6),
        ("01", .invalidNumber, 0), ("-", .unexpectedEnd, 1), ("-a", .invalidNumber, 1), ("1.", .unexpectedEnd, 2),
        ("1.e5", .invalidNumber, 2), ("1e", .unexpectedEnd, 2), ("1e+x", .invalidNumber, 3), ("+1", .unexpectedByte, 0),
        (".5", .unexpectedByte, 0), ("0x10", .trailingBytes, 1), ("NaN", .unexpectedByte, 0),
        ("'a'", .unexpectedByte, 0),
        ("\"a\nb\"", .controlCharacter, 2), ("\"a\u{0}\"", .controlCharacter, 2), (#""\x""#, .invalidEscape, 1),
        (#""ab\u12g4""#, .invalidEscape, 3), (#""\ud800""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
        (#""\ud800\u0041""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1), ("\u{FEFF}1", .unexpectedByte, 0),
        ("\u{A0}1", .unexpectedByte, 0), ("/**/1", .unexpectedByte, 0),
    ])
    func malformedTextsAreRefusedByRuleAndPlace(text: String, rule: JSONError.Rule, offset: Int) {
        #expect(Self.read(Array(text.utf8)) == JSONError(rule, at: offset))
    }

    @Test(
        arguments: [
            ([0xFF], 0), ([0x61, 0xC3], 1), ([0xC0, 0x80], 0), ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
            (Array("abcdefghij".utf8) + [0x80], 10),
        ] as [([UInt8], Int)])
    func stringsThatAreNotUTF8AreRefused(bytes: [UInt8], offset: Int) {
        let json = [ASCII.quote] + bytes + [ASCII.quote]
        #expect(Self.read(json) == JSONError(.invalidUTF8, at: 1 + offset))
    }

    @Test func openContainersAreBounded() {
        let deep = Array(repeating: UInt8(ascii: "["), count: 32) + Array(repeating: UInt8(ascii: "]"), count: 32)
        #expect(Self.read(deep) == nil)
        #expect(Self.read([UInt8(ascii: "[")] + deep) == JSONError(.tooDeep, at: 32))
        #expect(Self.read(Array(repeating: UInt8(ascii: "["), count: 100_000)) == JSONError(.tooDeep, at: 32))
    }

    @Test func anotherTypeThanAskedForIsNamed() {
        let json = Array(#"{"a": 7}"#.utf8)
        #expect(throws: JSONError(.wrongType(expected: .string, found: .number), at: 6)) {
            var reader = JSONReader()
            try reader.beginObject(in: json.span)
            _ = try reader.nextKey(in: json.span)
            _ = try reader.string(in: json.span)
        }
    }

    @Test func integersEndWhereSixtyFourBitsEnd() throws {
        for (text, value) in [
            ("9223372036854775807", Int64.max), ("-9223372036854775808", .min), ("-0", 0),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e2", nil),
        ] {
            let json = Array(text.utf8)
            var reader = JSONReader()
            #expect(try reader.number(in: json.span).int64(in: json.span) == value, "\(text)")
        }
    }

    @Test func keysCompareWithTheirEscapesUndone() throws {
        let json = Array(#"{"r\u006fom":1,"rooms":2}"#.utf8)
        var reader = JSONReader()
        try reader.beginObject(in: json.span)
        var answers: [Bool] = []
        while let key = try reader.nextKey(in: json.span) {
            answers.append(key.equals("room", in: json.span))
        }
        #expect(answers == [true, false])
    }

    /// What reading the whole text throws, if anything.
    private static func read(_ json: [UInt8]) -> JSONError? {
        var reader = JSONReader()
        do throws(JSONError) {
            try reader.finish(in: json.span)
            return nil
        } catch {
            return error
        }
    }
}
