import Domain
import Testing

@testable import Gateway

@Suite struct InFlightSendsTests {
    private func tempID(_ last: Int) throws -> TempID {
        try #require(TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c\(last)"))
    }

    @Test func remembersTheLastStepSinceItBegan() throws {
        var sends = InFlightSends()
        let (one, other) = (try tempID(1), try tempID(2))
        sends.begin(one)
        sends.begin(other)
        sends.told(StatusStep(tempID: one, status: .sentToStream))
        // The same again, before the first is answered.
        sends.begin(one)
        #expect(sends.end(one) == .sentToStream)
        sends.told(StatusStep(tempID: one, status: .saved))
        #expect(sends.end(one) == .saved)
        #expect(sends.end(other) == .sending)
    }

    @Test func knowsNothingOfWhatIsAnswered() throws {
        var sends = InFlightSends()
        let one = try tempID(1)
        sends.begin(one)
        _ = sends.end(one)
        sends.told(StatusStep(tempID: one, status: .saved))
        sends.begin(one)
        #expect(sends.end(one) == .sending)
    }

    @Test func laterStepsAreBehindEarlierOnes() {
        #expect(MessageStatus.sentToStream.isLater(than: .sending))
        #expect(MessageStatus.saved.isLater(than: .processing))
        #expect(!MessageStatus.sentToStream.isLater(than: .sentToStream))
        #expect(!MessageStatus.processing.isLater(than: .saved))
        #expect(!MessageStatus.saved.isLater(than: .failed))
    }
}
