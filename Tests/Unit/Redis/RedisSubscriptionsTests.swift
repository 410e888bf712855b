import Testing
import WireProtocols

@testable import Redis

@Suite struct RedisSubscriptionsTests {
    private let room = RedisChannel(Array("room".utf8))
    private let news = RedisChannel(Array("news".utf8), kind: .plain)

    /// The commands that would be sent now.
    private func sent(_ subscriptions: inout RedisSubscriptions) -> [String] {
        var writer = RESPWriter()
        subscriptions.encode(into: &writer)
        let reader = RESPReader()
        var commands: [String] = []
        try? reader.feed(writer.bytes.span)
        while case .array(let parts)? = try? reader.next({ $0.copied() }) {
            commands.append(parts.compactMap(\.text).joined(separator: " "))
        }
        return commands
    }

    @Test func asksOnceConnectedAndConfirms() {
        var subscriptions = RedisSubscriptions()
        subscriptions.add(room)
        subscriptions.add(room)
        #expect(sent(&subscriptions).isEmpty)
        subscriptions.connected()
        #expect(sent(&subscriptions) == ["SSUBSCRIBE room"])
        #expect(subscriptions.isAwaitingAnswer && !subscriptions.isConfirmed(room))
        #expect(subscriptions.confirmedSubscribe(room) == .subscribed(room))
        #expect(!subscriptions.isAwaitingAnswer && subscriptions.isConfirmed(room))
        subscriptions.add(news)
        #expect(sent(&subscriptions) == ["SUBSCRIBE news"])
        subscriptions.remove(news)
        #expect(sent(&subscriptions) == ["UNSUBSCRIBE news"])
    }

    @Test func isRestoredWhenAllThatWasWantedAtTheConnectIsConfirmed() {
        var subscriptions = RedisSubscriptions()
        subscriptions.add(room)
        subscriptions.connected()
        #expect(subscriptions.takeRestored() == false)
        subscriptions.add(news)
        #expect(sent(&subscriptions).count == 2)
        _ = subscriptions.confirmedSubscribe(room)
        #expect(subscriptions.takeRestored() == true)
        #expect(subscriptions.takeRestored() == false)
        _ = subscriptions.confirmedSubscribe(news)
        subscriptions.lost()
        #expect(!subscriptions.isConfirmed(room))
        subscriptions.connected()
        #expect(Set(sent(&subscriptions)) == ["SSUBSCRIBE room", "SUBSCRIBE news"])
    }

    @Test func nothingWantedIsRestoredAtOnce() {
        var subscriptions = RedisSubscriptions()
        subscriptions.connected()
        #expect(subscriptions.takeRestored() == true)
    }

    @Test func aLateConfirmationIsNotTakenForThatOfANewWish() {
        var subscriptions = RedisSubscriptions()
        subscriptions.connected()
        subscriptions.add(room)
        subscriptions.remove(room)
        subscriptions.add(room)
        #expect(sent(&subscriptions) == ["SSUBSCRIBE room", "SUNSUBSCRIBE room", "SSUBSCRIBE room"])
        #expect(subscriptions.confirmedSubscribe(room) == .nothing)
        #expect(!subscriptions.isConfirmed(room))
        #expect(subscriptions.confirmedUnsubscribe(room) == .nothing)
        #expect(subscriptions.confirmedSubscribe(room) == .subscribed(room))
    }

    @Test func whatTheServerEndsIsAskedForAgain() {
        var subscriptions = RedisSubscriptions()
        subscriptions.connected()
        subscriptions.add(room)
        _ = sent(&subscriptions)
        _ = subscriptions.confirmedSubscribe(room)
        #expect(subscriptions.confirmedUnsubscribe(room) == .nothing)
        #expect(!subscriptions.isConfirmed(room))
        #expect(sent(&subscriptions) == ["SSUBSCRIBE room"])
        #expect(subscriptions.confirmedSubscribe(room) == .restored(room))
    }

    @Test func whatTheServerRefusesIsNotWantedAnyMore() {
        var subscriptions = RedisSubscriptions()
        subscriptions.connected()
        subscriptions.add(room)
        _ = sent(&subscriptions)
        #expect(subscriptions.refused() == .refused(room))
        #expect(subscriptions.refused() == .unexpected)
        subscriptions.lost()
        subscriptions.connected()
        #expect(sent(&subscriptions).isEmpty)
    }

    @Test func aConfirmationOutOfTurnIsUnexpected() {
        var subscriptions = RedisSubscriptions()
        subscriptions.connected()
        #expect(subscriptions.confirmedSubscribe(room) == .unexpected)
        subscriptions.add(room)
        _ = sent(&subscriptions)
        #expect(subscriptions.confirmedSubscribe(news) == .unexpected)
    }

    @Test func asksInSlices() {
        var subscriptions = RedisSubscriptions()
        let channels = (0..<RedisLimits.subscriptionsInFlight + 10).map { RedisChannel(Array("c\($0)".utf8)) }
        subscriptions.connected()
        channels.forEach { subscriptions.add($0) }
        #expect(sent(&subscriptions).count == RedisLimits.subscriptionsInFlight)
        #expect(!subscriptions.hasSendable)
        for channel in channels.prefix(20) {
            #expect(subscriptions.confirmedSubscribe(channel) == .subscribed(channel))
        }
        #expect(sent(&subscriptions).count == 10)
    }
}
