import Application
import Bytes
import Domain
import EventLoop
import Telemetry
import WireProtocols

/// Taking messages from the client, and telling it what became of them.
extension ChatSession {
    /// A SEND outside of a transaction.
    func acceptSend(_ send: STOMPSend) {
        guard let destination = send.frame.range(of: "destination") else { return }
        let span = send.frame.bytes.span
        if span.extracting(destination).equals(Destination.chat) {
            acceptChat([send.frame]) { session, isSent in
                session.perform(isSent ? session.stomp.completed(receipt: send.receipt) : session.stomp.failed())
            }
        } else if span.extracting(destination).equals(Destination.auth) {
            acceptToken(send)
        } else if span.extracting(destination).equals(Destination.typing) {
            acceptTyping(send)
        } else {
            refuse(send.receipt, Refusal(.unknownDestination, "send to /app/chat, /app/typing or /app/auth"))
        }
    }

    /// A transaction: all of its messages go out together or none does.
    func acceptCommit(_ commit: STOMPCommit) {
        for acknowledgement in commit.acknowledgements {
            acknowledged(acknowledgement)
        }
        guard !commit.sends.isEmpty else {
            perform(stomp.committed(commit))
            return
        }
        let areChats = commit.sends.allSatisfy { frame in
            frame.range(of: "destination").map { frame.bytes.span.extracting($0).equals(Destination.chat) } ?? false
        }
        guard areChats else {
            refuse(commit.receipt, Refusal(.unknownDestination, "only /app/chat takes part in a transaction"))
            return
        }
        acceptChat(commit.sends, commitReceipt: commit.receipt) { session, isSent in
            session.perform(isSent ? session.stomp.committed(commit) : session.stomp.failed())
        }
    }

    /// Publishes frames as one unit; `done` is told whether all of them are in the log.
    private func acceptChat(
        _ frames: [STOMPFrame], commitReceipt: [UInt8]? = nil, done: @escaping (ChatSession, Bool) -> Void
    ) {
        let traces = context.beginTraces(of: frames)
        var requests: [ChatSendRequest] = []
        for frame in frames {
            do throws(ChatSendRequest.Fault) {
                requests.append(try ChatSendRequest(frame.bytes.span.extracting(frame.body)))
            } catch {
                for request in requests {
                    tellFailed(error.refusal, room: request.room, tempID: request.tempID)
                }
                tellFailed(error.refusal, room: error.room, tempID: error.tempID)
                traces?.refused(error.refusal, room: error.room)
                done(self, false)
                return
            }
        }
        guard let room = requests.first?.room, requests.allSatisfy({ $0.room == room }) else {
            let refusal = Refusal.invalid("roomId", "the same in all SENDs of a transaction")
            traces?.refused(refusal, room: nil)
            refuse(commitReceipt, refusal)
            return
        }
        begin(requests, to: room, traces: traces, done: done)
    }

    /// Gives messages their ids, tells `SENDING`, and asks whether the user may send as many.
    private func begin(
        _ requests: [ChatSendRequest], to room: RoomID, traces: SendTraces?,
        done: @escaping (ChatSession, Bool) -> Void
    ) {
        guard let user else { return done(self, false) }
        let seconds = UInt32(truncatingIfNeeded: context.clock().milliseconds / 1000)
        let messages = requests.enumerated().map { index, request in
            OutgoingMessage(
                id: context.ids.next(seconds: seconds), senderID: user.userID, tempID: request.tempID,
                members: request.members, trace: traces?.publishing(index))
        }
        context.metrics.sends.add(UInt64(messages.count))
        // Only this session is told: to the sender's other ones a repeat would go backwards, and the next step implies it.
        for message in messages {
            inFlightSends.begin(message.tempID)
            tell(StatusUpdate(tempID: message.tempID, status: .sending), in: room)
        }
        guard let allowances = context.allowances else {
            return publish(messages, to: room, use: nil, traces: traces, done: done)
        }
        // Held until it is decided: what came from a client that goes meanwhile is sent all the same.
        allowances.take(messages.count, of: user.userID) { refusal in
            let use = AllowanceUse(user: user.userID, minute: allowances.minute(of: user.userID), refusal: refusal)
            self.publish(messages, to: room, use: use, traces: traces, done: done)
        }
    }

    /// Hands messages to their room; those over the user's limit go along, and count only where they are repeats.
    private func publish(
        _ allowed: [OutgoingMessage], to room: RoomID, use: AllowanceUse?, traces: SendTraces?,
        done: @escaping (ChatSession, Bool) -> Void
    ) {
        // Without an allowance the log is asked all the same: a repeat is told the truth.
        let messages =
            use?.refusal == nil
            ? allowed
            : allowed.map { message in
                var message = message
                message.onlyIfRepeat = .userRate
                return message
            }
        let started = context.loop.now
        let session = LoopBound((session: WeakSession(self), done: done), on: context.loop)
        let (metrics, allowances) = (context.metrics, context.allowances.map { LoopBound($0, on: context.loop) })
        let underWay = traces?.accepted(messages, in: room)
        let unit = PublishUnit(
            messages: messages,
            completion: { outcomes in
                underWay?.answered(outcomes, messages, in: room)
                session.loop.execute {
                    metrics.publishLatency.observe(microseconds: (session.loop.now - started) * 1000)
                    allowances?.value.settle(use, messages, outcomes)
                    guard let target = session.value.session.session else { return }
                    let isSent = target.answered(messages, outcomes, in: room, limit: use?.refusal)
                    session.value.done(target, isSent)
                }
            },
            deadline: started + GatewayLimits.publishDeadlineMilliseconds)
        context.hubs.with(room) { $0.publish(unit, to: room) }
    }

    /// Tells of everything that the room will not tell; answers whether all is in the log. `limit` is what the sender's
    /// own limit refuses with, which knows how long it lasts.
    private func answered(
        _ messages: [OutgoingMessage], _ outcomes: [SendOutcome], in room: RoomID, limit: Refusal?
    ) -> Bool {
        var isSent = true
        for (message, outcome) in zip(messages, outcomes) {
            let heard = inFlightSends.end(message.tempID)
            switch outcome {
            case .inLog(_, _, _, let steps):
                for step in steps where step.status.isLater(than: heard) {
                    tell(step, in: room)
                }
            case .refused(let reason):
                let refusal = reason.code == .rateLimited ? limit ?? reason : reason
                isSent = false
                log(refusal, of: message, in: room)
                tellFailed(refusal, room: room, tempID: message.tempID)
            case .unknown:
                isSent = false
                tellUnknown(
                    Refusal(
                        .outcomeUnknown, "the room log was cut off; send it again with the same tempId"),
                    of: message, in: room)
            case .unconfirmed:
                isSent = false
                tellUnknown(
                    Refusal(.notReplicated, "too few replicas have the message yet; send again with the same tempId"),
                    of: message, in: room)
            }
        }
        return isSent
    }

    private func tellUnknown(_ refusal: Refusal, of message: OutgoingMessage, in room: RoomID) {
        context.metrics.count(refusal.code)
        log(refusal, of: message, in: room)
        tell(StatusUpdate(tempID: message.tempID, status: .outcomeUnknown, refusal: refusal), in: room)
        tellError(refusal, room: room, tempID: message.tempID)
    }

    /// A message that its sender asked to be followed is worth a line; of others there may be very many.
    private func log(_ refusal: Refusal, of message: OutgoingMessage, in room: RoomID) {
        let code = Logger.Value.string(refusal.code.rawValue)
        let (roomID, userID) = (Logger.Value.string(room.hex), Logger.Value.integer(message.senderID.rawValue))
        if let trace = message.trace {
            context.logger.info(
                "send.failed",
                ["traceId": .string("\(trace.traceID)"), "roomId": roomID, "userId": userID, "code": code])
        } else {
            context.logger.debug("send.failed", ["roomId": roomID, "userId": userID, "code": code])
        }
    }

    private func acceptToken(_ send: STOMPSend) {
        do throws(Refusal) {
            try renew(try AuthRequest(send.frame.bytes.span.extracting(send.frame.body)).token)
            perform(stomp.completed(receipt: send.receipt))
        } catch {
            refuse(send.receipt, error)
        }
    }

    func tellFailed(_ refusal: Refusal, room: RoomID?, tempID: TempID?) {
        context.metrics.count(refusal.code)
        if let room, let tempID {
            tell(StatusUpdate(tempID: tempID, status: .failed, refusal: refusal), in: room)
        }
        tellError(refusal, room: room, tempID: tempID)
    }

    /// Tells this session's own status subscription of the room, if it has one.
    private func tell(_ update: StatusUpdate, in room: RoomID) {
        guard let subscription = subscriptions.statusSubscription(in: room) else { return }
        errorNumber += 1
        deliver(.status(update, room: room, number: errorNumber), to: subscription)
    }

    private func tellError(_ refusal: Refusal, room: RoomID?, tempID: TempID?) {
        for request in subscriptions.errorRequests {
            errorNumber += 1
            let event = EncodedEvent.error(refusal, room: room, tempID: tempID, number: errorNumber)
            if case .write(let ack) = stomp.deliver(to: request.handle, messageID: event.messageID) {
                write(event.frame(subscription: request.encodedID, ack: ack))
            }
        }
    }
}

/// A session that may be gone when an answer comes for it.
struct WeakSession {
    weak var session: ChatSession?

    init(_ session: ChatSession) { self.session = session }
}
