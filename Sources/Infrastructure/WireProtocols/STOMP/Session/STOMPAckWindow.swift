import Bytes

/// The value of a MESSAGE's `ack` header: subscription and number of the delivery, so that an ACK finds its
/// delivery without a table.
public struct STOMPAckID: Sendable, Equatable {
    let handle: STOMPSubscriptionHandle
    let number: UInt64

    init(handle: STOMPSubscriptionHandle, number: UInt64) {
        self.handle = handle
        self.number = number
    }

    /// Reads what `append` wrote; nil where it is something else.
    init?(_ text: Span<UInt8>) {
        guard let dash = text.firstIndex(of: ASCII.minus),
            let subscription = text.extracting(0..<dash).decimal(), let exact = UInt32(exactly: subscription),
            let number = text.extracting((dash + 1)..<text.count).decimal()
        else { return nil }
        self.init(handle: STOMPSubscriptionHandle(number: exact), number: number)
    }

    /// Appends the header's value.
    func append(to writer: inout ByteWriter) {
        writer.append(decimal: UInt64(handle.number))
        writer.append(ASCII.minus)
        writer.append(decimal: number)
    }
}

/// The deliveries of one subscription that wait for their ACK, oldest first.
struct STOMPAckWindow: Sendable {
    private struct Delivery {
        let number: UInt64
        let messageID: [UInt8]
    }

    private var deliveries: [Delivery] = []
    private var lastNumber: UInt64 = 0
    private var isWaiting = false

    /// The number for a new delivery, or nil where `limit` deliveries wait: the next `release` then says that it
    /// reopens.
    mutating func admit(messageID: [UInt8], limit: Int) -> UInt64? {
        guard deliveries.count < limit else {
            isWaiting = true
            return nil
        }
        lastNumber += 1
        deliveries.append(Delivery(number: lastNumber, messageID: messageID))
        return lastNumber
    }

    /// Whether a delivery ever had that number.
    func hasIssued(_ number: UInt64) -> Bool { number > 0 && number <= lastNumber }

    /// The number of the oldest waiting delivery of that message.
    func number(of messageID: Span<UInt8>) -> UInt64? {
        deliveries.first { $0.messageID.span.equals(messageID) }?.number
    }

    /// Takes a delivery out, with all before it where `cumulative`.
    mutating func release(_ number: UInt64, cumulative: Bool) -> (count: Int, reopens: Bool) {
        let before = deliveries.count
        if cumulative {
            deliveries.removeSubrange(..<(deliveries.firstIndex { $0.number > number } ?? deliveries.endIndex))
        } else if let index = deliveries.firstIndex(where: { $0.number == number }) {
            deliveries.remove(at: index)
        }
        let count = before - deliveries.count
        guard count > 0, isWaiting else { return (count, false) }
        isWaiting = false
        return (count, true)
    }
}
