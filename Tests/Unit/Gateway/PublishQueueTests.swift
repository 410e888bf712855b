import Application
import Domain
import Testing

@testable import Gateway

@Suite struct PublishQueueTests {
    private func unit(_ count: Int, deadline: UInt64 = 100, bytes: Int = 10) throws -> PublishUnit {
        let tempID = try #require(TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        let messages = (0..<count).map { index in
            OutgoingMessage(
                id: ObjectID(seconds: 1, process: 2, counter: UInt32(index)), senderID: UserID(rawValue: 1),
                tempID: tempID, members: Array(repeating: 0x20, count: bytes))
        }
        return PublishUnit(messages: messages, completion: { _ in }, deadline: deadline)
    }

    @Test func hasOneCallUnderWay() throws {
        var queue = PublishQueue()
        #expect(queue.add(try unit(1)))
        #expect(queue.isReady)
        #expect(queue.beginCall().count == 1)
        #expect(queue.add(try unit(2)))
        #expect(!queue.isReady)
        #expect(queue.endCall().map(\.messages.count) == [1])
        #expect(queue.isReady)
        #expect(queue.beginCall().map(\.messages.count) == [2])
        _ = queue.endCall()
        #expect(queue.isIdle)
    }

    @Test func keepsUnitsWholeWithinTheBoundOfACall() throws {
        var queue = PublishQueue()
        for count in [200, 50, 10, 300] {
            #expect(queue.add(try unit(count)))
        }
        #expect(queue.beginCall().map(\.messages.count) == [200, 50])
        _ = queue.endCall()
        #expect(queue.beginCall().map(\.messages.count) == [10])
        _ = queue.endCall()
        #expect(queue.beginCall().map(\.messages.count) == [300])
    }

    @Test func aFailedCallKeepsItsPlaceAtTheHead() throws {
        var queue = PublishQueue()
        #expect(queue.add(try unit(1, deadline: 50)))
        #expect(queue.add(try unit(2, deadline: 200)))
        _ = queue.beginCall()
        #expect(queue.add(try unit(3)))
        let late = queue.returnCall(now: 60, mayBeInLog: true)
        #expect(late.map(\.messages.count) == [1])
        #expect(late.map(\.mayBeInLog) == [true])
        #expect(queue.beginCall().map(\.messages.count) == [2, 3])
        #expect(queue.inFlight.map(\.mayBeInLog) == [true, false])
    }

    @Test func refusesBeyondItsBytes() throws {
        var queue = PublishQueue()
        let half = GatewayLimits.maxQueuedPublishBytes / 2
        #expect(queue.add(try unit(1, bytes: half)))
        #expect(!queue.add(try unit(1, bytes: half)))
        _ = queue.beginCall()
        #expect(queue.waitingBytes == 0)
        #expect(queue.add(try unit(1, bytes: half)))
    }
}
