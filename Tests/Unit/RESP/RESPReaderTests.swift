import Bytes
import Support
import Testing
import WireProtocols

@Suite struct RESPReaderTests {
    /// A stream of replies of every kind, and what it means.
    private static let stream = Array(
        ("+OK\r\n-ERR wrong number\r\n:-42\r\n$5\r\nhe\r\no\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n"
            + "*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+x\r\n").utf8)
    private static let values: [RESPValue] = [
        .status("OK"), .error("ERR wrong number"), .integer(-42), .string(Array("he\r\no".utf8)), .null, .null,
        .string([]), .array([]), .array([.integer(1), .array([.string([0x61]), .null]), .status("x")]),
    ]

    /// What `reader` makes of `pieces`.
    private func read(
        _ pieces: [ArraySlice<UInt8>], with reader: RESPReader = RESPReader()
    ) throws(RESPError) -> [RESPValue] {
        var values: [RESPValue] = []
        for piece in pieces {
            try reader.feed(Array(piece).span)
            while let value = try reader.next({ $0.copied() }) {
                values.append(value)
            }
        }
        return values
    }

    @Test func readsEveryKind() throws {
        #expect(try read([Self.stream[...]]) == Self.values)
    }

    @Test func readsByteByByte() throws {
        #expect(try read(Self.stream.indices.map { Self.stream[$0...$0] }) == Self.values)
    }

    @Test func readsAtEachSplit() throws {
        for split in Self.stream.indices {
            #expect(try read([Self.stream[..<split], Self.stream[split...]]) == Self.values, "split at \(split)")
        }
    }

    @Test(arguments: [
        "?\r\n", "OK\r\n", ":12a\r\n", ":\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n", "*x\r\n", "$99999999999999999999\r\n",
        "*1\r\n?\r\n", "PING\r\n", "\r\n", "%1\r\n+a\r\n+b\r\n",
    ])
    func refusesMalformed(_ text: String) throws {
        let reader = RESPReader()
        let first = try #require(throws: RESPError.self) { try read([Array(text.utf8)[...]], with: reader) }
        #expect(throws: first) { try reader.next { _ in } }
    }

    @Test func refusesNestingBeyondTheLimit() throws {
        let deepest = String(repeating: "*1\r\n", count: RESPLimits.maxDepth) + ":1\r\n"
        #expect(try read([Array(deepest.utf8)[...]]).count == 1)
        #expect(throws: RESPError.self) { try read([Array(("*1\r\n" + deepest).utf8)[...]]) }
    }

    @Test func refusesAReplyBeyondTheSizeLimit() throws {
        let reader = RESPReader(maxReplyBytes: 64)
        // Many small replies are no large one.
        #expect(try read([Array(String(repeating: "+OK\r\n", count: 100).utf8)[...]], with: reader).count == 100)
        #expect(throws: RESPError.tooLarge(limit: 64)) {
            try read([Array(("$100\r\n" + String(repeating: "a", count: 80)).utf8)[...]], with: reader)
        }
    }

    @Test func countsAnArrayThatNeverEndsAsOneReply() {
        let reader = RESPReader(maxReplyBytes: 64)
        #expect(throws: RESPError.tooLarge(limit: 64)) {
            try read(
                [Array("*1000\r\n".utf8)[...]] + Array(repeating: Array(":1\r\n".utf8)[...], count: 1000), with: reader)
        }
    }

    @Test func survivesNoise() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("+-:$*0123456789\r\n?ab".utf8)
        for _ in 0..<3_000 {
            let noise = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let whole = Result { try read([noise[...]]) }
            let single = Result { try read(noise.indices.map { noise[$0...$0] }) }
            switch (whole, single) {
            case (.success(let one), .success(let other)): #expect(one == other, "\(noise)")
            case (.failure, .failure): break
            default: Issue.record("read differently whole and in pieces: \(noise)")
            }
        }
    }

    @Test func looksIntoAReplyWithoutCopying() throws {
        let reader = RESPReader()
        try reader.feed(Array("*4\r\n$2\r\n12\r\n:7\r\n$-1\r\n+OK\r\n".utf8).span)
        let found: Void? = try reader.next { reply in
            #expect(reply.kind == .array && reply.count == 4)
            #expect(reply[0].decimal == 12 && reply[0].integer == nil && reply[0].bytes == [0x31, 0x32])
            #expect(reply[1].decimal == 7 && reply[1].integer == 7 && reply[1].bytes.isEmpty)
            #expect(reply[2].isNull && reply[2].count == 0)
            #expect(reply[3].equals("OK") && !reply[3].equals("OKAY") && reply[3].string == "OK")
            #expect(reply[0].withBytes { $0.count } == 2)
        }
        #expect(found != nil)
    }
}
