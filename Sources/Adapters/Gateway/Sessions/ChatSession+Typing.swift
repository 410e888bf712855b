import Application
import Bytes
import Domain
import EventLoop
import WireProtocols

/// Typing: taken from the client, and brought to it while it keeps up.
extension ChatSession {
    func acceptTyping(_ send: STOMPSend) {
        guard let user else { return }
        do throws(Refusal) {
            let request = try TypingRequest(send.frame.bytes.span.extracting(send.frame.body))
            if request.isTyping, typingIn.count < GatewayLimits.maxTypingRooms {
                typingIn.insert(request.room)
            } else if !request.isTyping {
                typingIn.remove(request.room)
            }
            context.typing.say(request.isTyping, of: user.userID, in: request.room) { [weak self] refusal in
                self?.typingIn.remove(request.room)
                self?.tellFailed(refusal, room: request.room, tempID: nil)
            }
            perform(stomp.completed(receipt: send.receipt))
        } catch {
            tellFailed(error, room: nil, tempID: nil)
            perform(stomp.failed())
        }
    }

    /// Nobody types any more in a session that has ended.
    func endTyping() {
        guard let user else { return }
        for room in typingIn {
            context.typing.say(false, of: user.userID, in: room) { _ in }
        }
        typingIn = []
    }

    /// Whether so much waits for the client that what may be lost is the first to be.
    var isBehind: Bool { connection.queuedBytes > GatewayLimits.ephemeralQueueBytes }

    /// Delivers what may be lost to a subscription that acknowledges: now or never. Answers whether it was now.
    func deliverNowOrNever(_ event: EncodedEvent, to subscription: Subscription) -> Bool {
        guard !isBehind, let index = subscriptions.index(of: subscription),
            subscriptions.entries[index].waiting.isEmpty,
            case .write(let ack) = stomp.deliver(
                to: subscriptions.entries[index].request.handle, messageID: event.messageID)
        else { return false }
        write(event.frame(subscription: subscription.id, ack: ack))
        return true
    }
}
