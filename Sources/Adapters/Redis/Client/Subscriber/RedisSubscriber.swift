import Bytes
import EventLoop
import WireProtocols

/// A connection to Redis that hears channels, kept up by itself with all its subscriptions. It belongs to one loop and
/// is only touched there.
///
/// Publish and subscribe loses nothing on a living connection, and all while there is none: so each loss is told, and
/// once a second the subscriber sends itself a message through `publisher` to prove that the connection lives. A
/// subscriber lives until `close()`.
public final class RedisSubscriber {
    /// Called once with whether the channel is heard.
    public typealias Confirmation = (Result<Void, RedisError>) -> Void

    /// The loop that the subscriber belongs to.
    public let loop: EventLoop
    /// Who is told what is heard.
    public weak var delegate: (any RedisSubscriberDelegate)?

    private let link: RedisLink
    private var subscriptions = RedisSubscriptions()
    private var waiters: ConfirmationWaiters
    private let answerMilliseconds: UInt64
    private let publisher: RedisConnection
    private let probeChannel: RedisChannel
    private var probe = RedisProbe()
    private var writer = RESPWriter()
    private var timers: [LoopTimer] = []
    private var lastAnswer: UInt64 = 0
    private var wasUp = false

    /// Whether all channels that were wanted are heard.
    public private(set) var isUp = false

    /// A subscriber that is not begun yet. Loop-only.
    ///
    /// - Parameters:
    ///   - publisher: a connection on the same loop to the same server, to publish the probes.
    ///   - probeChannel: a channel that nobody else uses.
    public init(_ configuration: RedisConfiguration, publisher: RedisConnection, probeChannel: RedisChannel) {
        loop = publisher.loop
        loop.assertCurrent()
        link = RedisLink(configuration, on: loop)
        waiters = ConfirmationWaiters(milliseconds: configuration.commandMilliseconds)
        answerMilliseconds = configuration.commandMilliseconds
        self.publisher = publisher
        self.probeChannel = probeChannel
        link.owner = self
        loop.addTickEnd(self)
        subscriptions.add(probeChannel)
    }

    /// Connects, and from then on stays connected. Loop-only.
    public func start() {
        loop.assertCurrent()
        guard timers.isEmpty else { return }
        timers = [
            every(RedisLimits.probeMilliseconds) { $0.sendProbe() },
            every(RedisLimits.deadlineCheckMilliseconds) { $0.checkDeadlines() },
        ]
        link.start()
    }

    /// Ends the connection for good; confirmations that are waited for fail. Loop-only.
    public func close() {
        loop.assertCurrent()
        for timer in timers {
            timer.cancel()
        }
        link.close()
        for confirmation in waiters.removeAll() {
            confirmation(.failure(RedisError(.unavailable, "closed")))
        }
    }

    /// Wants `channel` to be heard, now and after each reconnect, until `unsubscribe(_:)`. Loop-only.
    ///
    /// - Parameter confirmation: called when the server has confirmed it (at once where it has before), or when it was
    ///   refused or not confirmed in time: then the channel is not wanted any more.
    public func subscribe(_ channel: RedisChannel, confirmation: @escaping Confirmation) {
        loop.assertCurrent()
        guard !subscriptions.isConfirmed(channel) else { return confirmation(.success(())) }
        subscriptions.add(channel)
        waiters.add(confirmation, for: channel, now: loop.now)
    }

    /// Wants `channel` to be heard no more; a confirmation that is still waited for fails. Loop-only.
    public func unsubscribe(_ channel: RedisChannel) {
        loop.assertCurrent()
        subscriptions.remove(channel)
        for confirmation in waiters.remove(channel) {
            confirmation(.failure(RedisError(.unavailable, "unsubscribed meanwhile")))
        }
    }

    private func every(_ period: UInt64, _ body: @escaping (RedisSubscriber) -> Void) -> LoopTimer {
        loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { [weak self] in
            guard let self else { return }
            body(self)
        }
    }

    private func sendProbe() {
        guard isUp else { return }
        let (verdict, number) = probe.next()
        if verdict == .dead {
            return link.abandon("probes do not come back")
        }
        publisher.send { writer in
            writer.command(3)
            switch probeChannel.kind {
            case .plain: writer.bulk("PUBLISH")
            case .sharded: writer.bulk("SPUBLISH")
            }
            writer.bulk(probeChannel.name)
            writer.bulk(decimal: number)
        } completion: { [weak self] result in
            if case .failure = result {
                self?.probe.publishFailed()
            }
        }
        if verdict == .missed {
            delegate?.subscriberMissedProbe(self)
        }
    }

    private func checkDeadlines() {
        let now = loop.now
        for (channel, confirmations) in waiters.removeOverdue(now: now) {
            subscriptions.remove(channel)
            for confirmation in confirmations {
                confirmation(.failure(RedisError(.timedOut(written: link.isReady), link.lastFailure)))
            }
        }
        if link.isReady, subscriptions.isAwaitingAnswer, now >= lastAnswer + answerMilliseconds {
            link.abandon("no confirmation in time")
        }
    }

    private func received(_ payload: Span<UInt8>, on channel: Span<UInt8>) {
        if channel.equals(probeChannel.name) {
            probe.heard(payload.decimal() ?? 0)
        } else {
            delegate?.subscriber(self, received: payload, on: channel)
        }
    }
}

extension RedisSubscriber: TickEndTask {
    /// Writes the subscription commands of the turn, or as many as may be without their confirmation.
    public func tickEnded() {
        guard subscriptions.hasSendable, link.isReady else { return }
        if !subscriptions.isAwaitingAnswer {
            lastAnswer = loop.now
        }
        subscriptions.encode(into: &writer)
        link.write(writer.take())
    }
}

extension RedisSubscriber: RedisLinkOwner {
    func linkBecameReady() {
        subscriptions.add(probeChannel)
        subscriptions.connected()
        probe.restart()
    }

    func linkReceived(_ reply: RESPReply) {
        if reply.kind == .error {
            return answered(subscriptions.refused(), error: RedisError(serverText: reply.string))
        }
        guard reply.count == 3 else { return link.abandon("a reply that is no message") }
        let verb = reply[0]
        if verb.equals("smessage") || verb.equals("message") {
            reply[1].withBytes { channel in
                reply[2].withBytes { received($0, on: channel) }
            }
        } else if verb.equals("ssubscribe") || verb.equals("subscribe") {
            let kind: RedisChannel.Kind = verb.equals("subscribe") ? .plain : .sharded
            answered(subscriptions.confirmedSubscribe(RedisChannel(reply[1].bytes, kind: kind)))
        } else if verb.equals("sunsubscribe") || verb.equals("unsubscribe") {
            let kind: RedisChannel.Kind = verb.equals("unsubscribe") ? .plain : .sharded
            answered(subscriptions.confirmedUnsubscribe(RedisChannel(reply[1].bytes, kind: kind)))
        } else {
            link.abandon("a message of an unknown kind")
        }
    }

    func linkDrained() {}

    func linkLost(_ cause: String) {
        subscriptions.lost()
        isUp = false
        delegate?.subscriberIsDown(self)
    }

    private func answered(_ event: RedisSubscriptions.Event, error: RedisError? = nil) {
        lastAnswer = loop.now
        switch event {
        case .nothing: break
        case .unexpected: return link.abandon(error?.cause ?? "a confirmation that nobody asked for")
        case .subscribed(let channel):
            for confirmation in waiters.remove(channel) {
                confirmation(.success(()))
            }
        case .restored(let channel): delegate?.subscriber(self, restored: channel)
        case .refused(let channel): refused(channel, error ?? RedisError(.protocolViolation, "refused"))
        }
        if link.isReady, subscriptions.takeRestored() {
            let again = wasUp
            isUp = true
            wasUp = true
            delegate?.subscriberIsUp(self, again: again)
        }
    }

    private func refused(_ channel: RedisChannel, _ error: RedisError) {
        let waiting = waiters.remove(channel)
        for confirmation in waiting {
            confirmation(.failure(error))
        }
        if waiting.isEmpty {
            delegate?.subscriber(self, lost: channel, error: error)
        }
    }
}
