import Application
import Bytes
import Domain
import EventLoop
import Telemetry
import WireProtocols

/// Subscribing, and what subscriptions are served with.
extension ChatSession {
    func subscribe(_ request: STOMPSubscription) {
        let destination = request.frame.value(of: "destination") ?? []
        switch (Destination.topic(destination), user) {
        case (.errors?, _):
            subscriptions.add(request, .errors)
            perform(stomp.completed(receipt: request.receipt))
        case (.room(let room, let topic)?, let user?):
            do throws(Refusal) {
                let position = topic == .messages ? try ResumeHeaders.position(request.frame) : nil
                join(room, topic, user: user.userID, request, resumeAfter: position)
            } catch {
                refuse(request.receipt, error)
            }
        default:
            refuse(
                request.receipt,
                Refusal(
                    .unknownDestination,
                    "subscribe to /topic/messages/{roomId}, /topic/message/status/{roomId}, /topic/typing/{roomId} "
                        + "or /user/queue/errors"))
        }
    }

    private func join(
        _ room: RoomID, _ topic: Subscription.Topic, user: UserID, _ request: STOMPSubscription,
        resumeAfter position: Position?
    ) {
        let subscription = Subscription(
            key: context.newSubscriptionKey(), room: room, topic: topic, user: user, id: request.encodedID,
            acknowledges: request.ackMode != .auto,
            handle: request.handle, session: self)
        subscriptions.add(request, .room(subscription))
        opening += 1
        let bound = LoopBound(subscription, on: context.loop)
        let receipt = request.receipt
        let ask = SubscribeRequest(
            key: subscription.key, room: room, user: user, topic: topic, subscription: bound,
            resumeAfter: position, deadline: context.loop.now + GatewayLimits.publishDeadlineMilliseconds,
            refused: { refusal in bound.loop.execute { bound.value.wasRefused(refusal, receipt: receipt) } })
        context.hubs.with(room) { $0.subscribe(ask) }
    }

    /// The room serves a subscription from here on.
    func subscribed(_ subscription: Subscription) {
        context.metrics.subscriptions.add(1)
        opening -= 1
        guard let index = subscriptions.index(of: subscription) else { return }
        perform(stomp.completed(receipt: subscriptions.entries[index].request.receipt))
    }

    func unsubscribe(_ handle: STOMPSubscriptionHandle, receipt: [UInt8]?) {
        if case .room(let subscription)? = subscriptions.remove(handle) {
            leave(subscription)
        }
        perform(stomp.completed(receipt: receipt))
    }

    /// Ends a subscription on the room's side.
    func leave(_ subscription: Subscription) {
        let phase = subscription.phase
        subscription.phase = .ended
        switch phase {
        case .ended: return
        case .opening:
            // Its SUBSCRIBE was not answered yet, and will not be.
            opening -= 1
            if stomp.phase != .closed {
                perform(stomp.failed())
            }
        case .active:
            context.metrics.subscriptions.add(-1)
            context.fanout.remove(subscription)
        }
        let (room, key) = (subscription.room, subscription.key)
        context.hubs.with(room) { $0.unsubscribe(key, from: room) }
    }

    /// Ends a subscription because its user's place in the room ended; the session lives on.
    func end(_ subscription: Subscription, with farewell: EncodedEvent) {
        guard let index = subscriptions.index(of: subscription) else { return }
        let handle = subscriptions.entries[index].request.handle
        write(farewell, to: subscription, ack: nil)
        _ = subscriptions.remove(handle)
        stomp.forget(handle)
        leave(subscription)
    }

    /// Delivers one event to one subscription, when its client has room for it.
    func deliver(_ event: EncodedEvent, to subscription: Subscription) {
        guard let index = subscriptions.index(of: subscription) else { return }
        guard subscriptions.entries[index].waiting.isEmpty else {
            hold(event, at: index)
            return
        }
        offer(event, to: subscription, at: index)
    }

    /// A client has acknowledged: what waited for that goes out as far as it may.
    func acknowledged(_ acknowledgement: STOMPAcknowledgement) {
        guard acknowledgement.reopens, let handle = acknowledgement.handle,
            let index = subscriptions.index(of: handle),
            case .room(let subscription) = subscriptions.entries[index].target
        else { return }
        for event in subscriptions.takeWaiting(at: index) {
            deliver(event, to: subscription)
        }
        tellTaken()
    }

    /// Calls `taken` when the socket and, where it acknowledges, the client have taken all that was delivered to it.
    func whenTaken(by subscription: Subscription, _ taken: @escaping @Sendable () -> Void) {
        replays.append((subscription, taken))
        tellTaken()
    }

    func webSocketDrained(_ connection: WebSocketConnection) {
        while !parked.isEmpty, connection.queuedBytes < GatewayLimits.backfillBytes {
            let replay = parked.removeFirst()
            context.fanout.hand(replay.targets, of: replay)
        }
        tellTaken()
    }

    /// Whether what a subscription missed may go out now. It waits behind what waits already.
    var hasRoomForReplay: Bool { parked.isEmpty && connection.queuedBytes < GatewayLimits.backfillBytes }

    /// Keeps what a subscription missed until the socket has taken what went before.
    func park(_ replay: Replay) { parked.append(replay) }

    private func tellTaken() {
        guard !replays.isEmpty, connection.hasSentAll else { return }
        let (waiting, done) = replays.reduce(into: ([Replayed](), [Replayed]())) { parts, replay in
            let index = subscriptions.index(of: replay.subscription)
            if let index, !subscriptions.entries[index].waiting.isEmpty {
                parts.0.append(replay)
            } else {
                parts.1.append(replay)
            }
        }
        replays = waiting
        for replay in done {
            replay.taken()
        }
    }

    private func offer(_ event: EncodedEvent, to subscription: Subscription, at index: Int) {
        let handle = subscriptions.entries[index].request.handle
        switch stomp.deliver(to: handle, messageID: event.messageID) {
        case .write(let ack): write(event, to: subscription, ack: ack)
        case .wait: hold(event, at: index)
        case .gone: break
        }
    }

    private func hold(_ event: EncodedEvent, at index: Int) {
        guard subscriptions.entries[index].waiting.count < GatewayLimits.maxWaitingDeliveries else {
            close(code: .policyViolation, reason: "too many unacknowledged messages; reconnect and acknowledge faster")
            return
        }
        subscriptions.hold(event, at: index)
    }

    private func write(_ event: EncodedEvent, to subscription: Subscription, ack: STOMPAckID?) {
        write(event.frame(subscription: subscription.id, ack: ack))
    }

    /// Answers with ERROR and the close: the frame asked for what it may not have.
    func refuse(_ receipt: [UInt8]?, _ refusal: Refusal) {
        context.metrics.count(refusal.code)
        let busy = refusal.code.httpStatus == 503
        perform(
            stomp.refused(
                message: refusal.code.rawValue, explanation: refusal.message, receipt: receipt,
                close: STOMPClose(
                    code: busy ? .tryAgainLater : .policyViolation,
                    reason: "\(refusal.code.rawValue): see the ERROR frame")))
    }
}

extension Subscription {
    /// The room refuses it: the SUBSCRIBE gets its ERROR, if the client is still there to hear it.
    func wasRefused(_ refusal: Refusal, receipt: [UInt8]?) {
        guard phase == .opening else { return }
        phase = .ended
        session.opening -= 1
        session.refuse(receipt, refusal)
    }
}
