import Bytes

extension STOMPSession {
    mutating func acknowledge(_ frame: STOMPFrame, isNegative: Bool) throws(STOMPError) -> STOMPAction {
        let target = try acknowledged(by: frame)
        if let range = frame.range(of: "transaction") {
            let index = try openTransaction(frame, id: range)
            try keep(frame, in: index) {
                $0.acknowledgements.append(STOMPTransaction.Acknowledgement(target: target, isNegative: isNegative))
            }
            return receiptOnly(frame)
        }
        outstanding += 1
        return .acknowledge(apply(target, isNegative: isNegative), receipt: frame.value(of: "receipt"))
    }

    mutating func apply(_ target: STOMPAckID?, isNegative: Bool) -> STOMPAcknowledgement {
        guard let target, let index = subscriptions.index(of: target.handle) else {
            return .nothing(isNegative: isNegative)
        }
        let cumulative = subscriptions.entries[index].ackMode == .client
        guard let released = subscriptions.entries[index].window?.release(target.number, cumulative: cumulative) else {
            return .nothing(isNegative: isNegative)
        }
        return STOMPAcknowledgement(
            handle: target.handle, count: released.count, isNegative: isNegative, reopens: released.reopens)
    }

    /// The delivery that an ACK or NACK names: in STOMP 1.2 by `id`, in 1.1 by `subscription` and `message-id`, in 1.0
    /// by `message-id`. Nil where it was real and is no more: clients acknowledge late and twice without harm.
    private func acknowledged(by frame: STOMPFrame) throws(STOMPError) -> STOMPAckID? {
        guard version < .v12 else { return try acknowledgedByID(frame) }
        guard let messageID = frame.range(of: "message-id") else { throw fault(.missingHeader("message-id"), frame) }
        let message = frame.bytes.span.extracting(messageID)
        guard let subscriptionID = frame.range(of: "subscription") else {
            guard version == .v10 else { throw fault(.missingHeader("subscription"), frame) }
            for subscription in subscriptions.entries {
                if let number = subscription.window?.number(of: message) {
                    return STOMPAckID(handle: subscription.handle, number: number)
                }
            }
            return nil
        }
        guard let index = subscriptions.index(withID: frame.bytes.span.extracting(subscriptionID)) else {
            throw fault(.unknownSubscription, frame)
        }
        let handle = subscriptions.entries[index].handle
        return subscriptions.entries[index].window?.number(of: message).map { STOMPAckID(handle: handle, number: $0) }
    }

    private func acknowledgedByID(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAckID? {
        guard let range = frame.range(of: "id") else { throw fault(.missingHeader("id"), frame) }
        guard let named = STOMPAckID(frame.bytes.span.extracting(range)),
            named.handle.number > 0, named.handle.number <= lastSubscription
        else { throw fault(.unknownAcknowledgement, frame) }
        guard let index = subscriptions.index(of: named.handle), !subscriptions.entries[index].isEnded else {
            return nil
        }
        guard subscriptions.entries[index].window?.hasIssued(named.number) == true else {
            throw fault(.unknownAcknowledgement, frame)
        }
        return named
    }
}
