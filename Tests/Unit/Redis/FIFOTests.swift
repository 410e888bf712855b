import Testing

@testable import Redis

@Suite struct FIFOTests {
    @Test func keepsOrderThroughGrowthAndReuse() {
        var queue = FIFO<Int>()
        var next = 0
        var expected = 0
        for round in 0..<200 {
            for _ in 0..<(round % 7) * 3 {
                queue.append(next)
                next += 1
            }
            for _ in 0..<(round % 5) * 4 {
                guard let element = queue.popFirst() else { break }
                #expect(element == expected)
                expected += 1
            }
            #expect(queue.count == next - expected && queue.first == (queue.isEmpty ? nil : expected))
        }
        var seen: [Int] = []
        queue.forEach { seen.append($0) }
        #expect(seen == Array(expected..<next) && queue.removeAll() == seen && queue.isEmpty)
    }
}
