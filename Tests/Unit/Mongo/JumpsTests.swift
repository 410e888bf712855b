import Testing

@testable import Mongo

@Suite struct JumpsTests {
    private let jumps = Jumps([20...29, 5...9, 10...12])

    @Test("A number is followed by the next that was given out")
    func next() {
        #expect(Jumps.none.next(after: 0) == 1)
        #expect(jumps.next(after: 3) == 4)
        #expect(jumps.next(after: 4) == 13)
        #expect(jumps.next(after: 19) == 30)
    }

    @Test("And preceded by the last that was")
    func previous() {
        #expect(Jumps.none.previous(before: 1) == 0)
        #expect(Jumps.none.previous(before: 0) == 0)
        #expect(jumps.previous(before: 13) == 4)
        #expect(jumps.previous(before: 30) == 19)
        #expect(Jumps([1...7]).previous(before: 8) == 0)
    }

    @Test("A page ends at a hole and goes on across a jump")
    func runs() {
        let page: [UInt64] = [3, 4, 13, 14, 16]
        #expect(Array(jumps.run(of: page, after: 2) { $0 }) == [3, 4, 13, 14])
        #expect(Array(Jumps.none.run(of: page, after: 2) { $0 }) == [3, 4])
        #expect(jumps.run(of: page, after: 1) { $0 }.isEmpty)
        #expect(Array(jumps.run(of: page.reversed(), before: 17) { $0 }) == [16])
        #expect(Array(jumps.run(of: [14, 13, 4, 3], before: 15) { $0 }) == [14, 13, 4, 3])
        #expect(Jumps.none.run(of: [14, 13], before: 16) { $0 }.isEmpty)
    }
}
