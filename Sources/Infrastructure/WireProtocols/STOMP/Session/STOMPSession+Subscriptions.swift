import Bytes

extension STOMPSession {
    /// Asks whether a message may be delivered to a subscription in `client` or `client-individual` mode, and counts it
    /// as unacknowledged if so.
    ///
    /// - Parameter messageID: the MESSAGE's `message-id`, by which clients of STOMP 1.0 and 1.1 acknowledge. One array
    ///   for all subscribers: it is kept by reference.
    public mutating func deliver(to handle: STOMPSubscriptionHandle, messageID: [UInt8]) -> STOMPDelivery {
        guard phase == .connected, let index = subscriptions.index(of: handle),
            !subscriptions.entries[index].isEnded
        else { return .gone }
        guard subscriptions.entries[index].window != nil else { return .write(ack: nil) }
        let number = subscriptions.entries[index].window?.admit(messageID: messageID, limit: limits.maxUnacknowledged)
        guard let number else { return .wait }
        return .write(ack: version >= .v12 ? STOMPAckID(handle: handle, number: number) : nil)
    }

    /// Forgets a subscription that the server ended. Its id is free again; an UNSUBSCRIBE or ACK that comes all the same
    /// does no harm, since the client cannot have known.
    public mutating func forget(_ handle: STOMPSubscriptionHandle) {
        guard let index = subscriptions.index(of: handle) else { return }
        subscriptions.entries[index].isEnded = true
        subscriptions.entries[index].window = nil
    }

    mutating func subscribe(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        let span = frame.bytes.span
        guard let destination = frame.range(of: "destination") else {
            throw fault(.missingHeader("destination"), frame)
        }
        let id = try subscriptionID(frame, orElse: destination)
        var ackMode = STOMPAckMode.auto
        if let range = frame.range(of: "ack") {
            guard let named = STOMPAckMode(span.extracting(range)) else { throw fault(.invalidHeader("ack"), frame) }
            ackMode = named
        }
        if let index = subscriptions.index(withID: span.extracting(id)) {
            guard subscriptions.entries[index].isEnded else { throw fault(.duplicateSubscription, frame) }
            subscriptions.remove(at: index)
        }
        if subscriptions.entries.count >= limits.maxSubscriptions {
            subscriptions.removeEnded()
        }
        guard subscriptions.entries.count < limits.maxSubscriptions else {
            throw fault(.tooManySubscriptions(max: limits.maxSubscriptions), frame)
        }
        lastSubscription += 1
        outstanding += 1
        let handle = STOMPSubscriptionHandle(number: lastSubscription)
        let name = Array(copying: span.extracting(id))
        subscriptions.append(
            Subscription(
                handle: handle, ackMode: ackMode, id: name, window: ackMode == .auto ? nil : STOMPAckWindow()))
        return .subscribe(
            STOMPSubscription(
                handle: handle, encodedID: encoder.escaped(name), ackMode: ackMode, frame: frame,
                receipt: frame.value(of: "receipt")))
    }

    mutating func unsubscribe(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        let id = try subscriptionID(frame, orElse: frame.range(of: "destination"))
        guard let index = subscriptions.index(withID: frame.bytes.span.extracting(id)) else {
            throw fault(.unknownSubscription, frame)
        }
        let subscription = subscriptions.remove(at: index)
        guard !subscription.isEnded else { return receiptOnly(frame) }
        outstanding += 1
        return .unsubscribe(subscription.handle, receipt: frame.value(of: "receipt"))
    }

    /// The `id` header; STOMP 1.0 lets it be left out, and the destination then stands for it.
    private func subscriptionID(
        _ frame: STOMPFrame, orElse destination: Range<Int>?
    ) throws(STOMPError) -> Range<Int> {
        let fallback = version == .v10 ? destination : nil
        guard let range = frame.range(of: "id") ?? fallback else { throw fault(.missingHeader("id"), frame) }
        guard range.count <= limits.maxIDBytes else { throw fault(.idTooLong(maxBytes: limits.maxIDBytes), frame) }
        return range
    }
}
