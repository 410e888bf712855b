import Testing
import Threads

@Suite("Available cores")
struct AvailableCoresTests {
    @Test("There is at least one")
    func positive() { #expect(availableCores() >= 1) }
}
