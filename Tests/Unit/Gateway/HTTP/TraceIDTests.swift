import Support
import Testing

@testable import Gateway

@Suite struct TraceIDTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"

    @Test(arguments: [
        "00-\(id)-b7ad6b7169203331-01", "01-\(id)-b7ad6b7169203331-00", "cc-\(id)-b7ad6b7169203331-01-later",
    ])
    func aValidTraceIsGoneOnWith(field: String) {
        #expect(TraceID(traceparent: field)?.description == Self.id)
    }

    @Test(arguments: [
        "", "00-\(id)-b7ad6b7169203331", "ff-\(id)-b7ad6b7169203331-01", "00-\(id)-b7ad6b7169203331-01-more",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-\(id)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "00_\(id)-b7ad6b7169203331-01",
        "00-\(id)-b7ad6b716920333x-01", "00-\(id)-b7ad6b7169203331-0", "cc-\(id)-b7ad6b7169203331-01later",
    ])
    func anInvalidOneIsNot(field: String) {
        #expect(TraceID(traceparent: field) == nil)
    }

    @Test func newOnesAreRandomAndKeepTheirZeroes() {
        var random = SeededGenerator(seed: 7)
        let ids = (0..<1000).map { _ in TraceID(using: &random) }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.description.utf8.count == 32 })
        #expect(ids.allSatisfy { TraceID(traceparent: "00-\($0)-b7ad6b7169203331-01") == $0 })
    }
}
