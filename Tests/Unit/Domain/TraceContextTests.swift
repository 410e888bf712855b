import Domain
import Support
import Testing

@Suite struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false),
        // Flags that version 00 does not know are passed over.
        ("00-\(trace)-\(span)-03", true), ("00-\(trace)-\(span)-fe", false),
        // A later version may say more.
        ("01-\(trace)-\(span)-00", false), ("cc-\(trace)-\(span)-01-later", true), ("cc-\(trace)-\(span)-01-", true),
    ])
    func aValidTraceIsGoneOnWith(field: String, isSampled: Bool) throws {
        let context = try #require(TraceContext(traceparent: field))
        #expect(context.traceID.description == Self.trace)
        #expect(context.spanID.description == Self.span)
        #expect(context.isSampled == isSampled)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-0g",
        "00-\(trace)-\(span)-01-more", "00-\(trace)-\(span)-01 ", " 00-\(trace)-\(span)-01", "ff-\(trace)-\(span)-01",
        "0-\(trace)-\(span)-001", "0x-\(trace)-\(span)-01", "cc-\(trace)-\(span)-01later", "cc-\(trace)-\(span)-011",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-\(span)-01", "00-\(trace)-B7AD6B7169203331-01", "00_\(trace)_\(span)_01",
        "00-\(trace)-b7ad6b716920333x-01", "00-0af7651916cd43dd8448eb211c80319-\(span)-001",
        "00-\(trace)-\(span)-01\n", "00-\(trace)é\(span)-01",
    ])
    func anInvalidOneIsNot(field: String) {
        #expect(TraceContext(traceparent: field) == nil)
    }

    @Test func everyCutOfAValidOneIsInvalid() {
        let field = "00-\(Self.trace)-\(Self.span)-01"
        for length in 0..<field.utf8.count {
            #expect(TraceContext(traceparent: String(field.prefix(length))) == nil)
        }
    }

    @Test func whatIsWrittenIsReadBack() {
        var random = SeededGenerator(seed: 7)
        var seen: Set<TraceContext> = []
        for number in 0..<1000 {
            let context = TraceContext(
                traceID: TraceID(using: &random), spanID: SpanID(using: &random), isSampled: number % 2 == 0)
            #expect(context.traceparent.count == 55)
            #expect(TraceContext(traceparent: context.traceparent.span) == context)
            seen.insert(context)
        }
        #expect(seen.count == 1000)
    }

    @Test func anyBytesAreReadOrRefused() {
        var random = SeededGenerator(seed: 11)
        let valid = Array("00-\(Self.trace)-\(Self.span)-01".utf8)
        for _ in 0..<5000 {
            var bytes = valid
            for _ in 0...Int.random(in: 0...2, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let context = TraceContext(traceparent: bytes.span) else { continue }
            #expect(TraceContext(traceparent: context.traceparent.span) == context)
        }
    }
}
