import Bytes
import Support
import Testing
import WireProtocols

@Suite struct JSONValueTests {
    @Test func everyTypeIsReadAndWrittenBack() throws {
        let text = #"{"b":true,"a":[1,-2.5,"é\n\"\\\u0001",null,{}],"c":{"d":[]},"e":false}"#
        let value = try Self.parse(text)
        #expect(Self.write(value) == text)
        #expect(value["b"]?.bool == true)
        #expect(value["a"]?.array?[0].int64 == 1)
        #expect(value["a"]?.array?[0].double == 1)
        #expect(value["a"]?.array?[1].double == -2.5)
        #expect(value["a"]?.array?[1].int64 == nil)
        #expect(value["a"]?.array?[2].string == "é\n\"\\\u{1}")
        #expect(value["a"]?.array?[3].isNull == true)
        #expect(value["a"]?.array?.map(\.type) == [.number, .number, .string, .null, .object])
        #expect(value.object?.members.map(\.key) == ["b", "a", "c", "e"])
        #expect(value["none"] == nil)
        #expect(value["b"]?["x"] == nil)
    }

    @Test func ofARepeatedKeyTheLastCounts() throws {
        #expect(try Self.parse(#"{"a":1,"b":2,"a":3}"#)["a"]?.int64 == 3)
    }

    @Test(arguments: [
        (#""\u0041\/\b\f\n\r\t""#, "A/\u{8}\u{C}\n\r\t"), (#""\ud83d\ude00!""#, "😀!"), (#""\u0000""#, "\u{0}"),
        (#""x\uFFFFy""#, "x\u{FFFF}y"), ("\"한글 😀 plain\"", "한글 😀 plain"),
    ])
    func escapesAreUndone(text: String, string: String) throws {
        #expect(try Self.parse(text) == .string(string))
    }

    @Test func numbersBeyondTheirTypes() throws {
        #expect(try Self.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try Self.parse("1E-2") == .number(0.01))
        #expect(throws: JSONError(.numberOutOfRange, at: 1)) { try Self.parse("[1e400]") }
    }

    @Test func literalsKeepTheirOrder() {
        let value: JSONValue = ["z": nil, "a": [1, 2.5, "x", true], "m": ["k": .integer(-1)]]
        #expect(Self.write(value) == #"{"z":null,"a":[1,2.5,"x",true],"m":{"k":-1}}"#)
    }

    @Test func aNumberThatJSONLacksIsNull() {
        #expect(Self.write([.number(.nan), .number(.infinity)]) == "[null,null]")
    }

    @Test func everyCharacterSurvivesTheRoadThere() throws {
        // Each in turn at each place of an eight-byte word, since that is how they are looked for.
        for scalar in (0..<0x250).compactMap(Unicode.Scalar.init) {
            for lead in 0..<9 {
                let string = String(repeating: "a", count: lead) + String(Character(scalar)) + "tail of it"
                #expect(try Self.parse(Self.write(.string(string))) == .string(string))
            }
        }
    }

    @Test func mutatedTextsAreReadOrRefusedAndNeverMore() throws {
        let seed = Array(#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00é😀",null,{"b":true}],"c":{"d":[[]]},"e":false}"#.utf8)
        let tokens = Array(#"{}[],:"\u0deE+-. tfn"#.utf8) + [0, 0x80, 0xC3, 0xED, 0xF0, 0xFF]
        var random = SeededGenerator(seed: 0x5EED)
        for _ in 0..<20_000 {
            var text = seed
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let index = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[index] = tokens.randomElement(using: &random) ?? 0
                case 1: text.remove(at: index)
                default: text.insert(tokens.randomElement(using: &random) ?? 0, at: index)
                }
            }
            guard let value = try? JSONValue(parsing: text.span) else { continue }
            #expect(try Self.parse(Self.write(value)) == value)
        }
    }

    private static func parse(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8).span)
    }

    private static func write(_ value: JSONValue) -> String {
        var out = ByteWriter()
        out.append(json: value)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
