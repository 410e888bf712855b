import Bytes

/// What the connection is to do for its session.
///
/// Actions that carry work (`subscribe`, `unsubscribe`, `send`, `commit`, `acknowledge`) are each answered by exactly
/// one call of `completed`, `committed`, `failed` or `refused`: receipts and the end of DISCONNECT wait for it.
public enum STOMPAction: Sendable, Equatable {
    /// Nothing is to be done.
    case none
    /// Check who this is, then call `authenticated` or `authenticationFailed`.
    case authenticate(STOMPFrame)
    /// Begin to deliver.
    case subscribe(STOMPSubscription)
    /// Deliver no more under that handle, also where its `subscribe` is still under way.
    case unsubscribe(STOMPSubscriptionHandle, receipt: [UInt8]?)
    /// Pass on a message.
    case send(STOMPSend)
    /// Pass on these messages together or none of them.
    case commit(STOMPCommit)
    /// Deliveries were acknowledged; where a window has opened, go on delivering.
    case acknowledge(STOMPAcknowledgement, receipt: [UInt8]?)
    /// Write these bytes.
    case write([UInt8])
    /// Write these bytes, unless there are none, then close the WebSocket. Nothing more comes from this session.
    case writeAndClose([UInt8], STOMPClose)
}

/// How the client acknowledges what it gets (STOMP 1.2 §SUBSCRIBE ack Header).
public enum STOMPAckMode: UInt8, Sendable, Equatable {
    /// Not at all: a delivery is done when it is written.
    case auto
    /// An ACK counts for all deliveries before it as well.
    case client
    /// An ACK counts for one delivery.
    case clientIndividual

    init?(_ value: Span<UInt8>) {
        if value.equals("auto") {
            self = .auto
        } else if value.equals("client") {
            self = .client
        } else if value.equals("client-individual") {
            self = .clientIndividual
        } else {
            return nil
        }
    }
}

/// Names one subscription of one session for ever: a later subscription under the same id has another handle.
public struct STOMPSubscriptionHandle: Sendable, Hashable, Comparable {
    let number: UInt32

    /// Whether the subscription was made before another one.
    public static func < (left: STOMPSubscriptionHandle, right: STOMPSubscriptionHandle) -> Bool {
        left.number < right.number
    }
}

extension Array {
    /// Where the element of this handle is, among elements that stand in the order of their handles.
    @inlinable public func index(
        of handle: STOMPSubscriptionHandle, by own: (Element) -> STOMPSubscriptionHandle
    ) -> Int? {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if own(self[middle]) < handle {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < endIndex && own(self[low]) == handle ? low : nil
    }
}

/// A subscription that the client asks for.
public struct STOMPSubscription: Sendable, Equatable {
    /// The session's name for it.
    public let handle: STOMPSubscriptionHandle
    /// The client's id as it stands in the `subscription` header of MESSAGE frames, escaped for the session's version.
    public let encodedID: [UInt8]
    /// How deliveries are acknowledged. Those of `auto` need not go through the session.
    public let ackMode: STOMPAckMode
    /// The SUBSCRIBE frame, which has a `destination`.
    public let frame: STOMPFrame
    /// The receipt that was asked for.
    public let receipt: [UInt8]?
}

/// A message that the client sends outside of transactions.
public struct STOMPSend: Sendable, Equatable {
    /// The SEND frame, which has a `destination`.
    public let frame: STOMPFrame
    /// The receipt that was asked for.
    public let receipt: [UInt8]?
}

/// A transaction that the client ends with COMMIT. Its acknowledgements have been applied.
public struct STOMPCommit: Sendable, Equatable {
    /// The SEND frames in the order they came.
    public let sends: [STOMPFrame]
    /// What its ACK and NACK frames came to.
    public let acknowledgements: [STOMPAcknowledgement]
    /// The receipt that COMMIT asked for.
    public let receipt: [UInt8]?
}

/// What an ACK or NACK came to.
public struct STOMPAcknowledgement: Sendable, Equatable {
    /// The subscription, or nil where it ended or the delivery was acknowledged before.
    public let handle: STOMPSubscriptionHandle?
    /// The deliveries that it was for: several in `client` mode, none on repetition.
    public let count: Int
    /// Whether it was a NACK. What the client refused is not sent again: the room's log is there to be read.
    public let isNegative: Bool
    /// Whether a delivery had to wait and may now be made.
    public let reopens: Bool

    static func nothing(isNegative: Bool) -> STOMPAcknowledgement {
        STOMPAcknowledgement(handle: nil, count: 0, isNegative: isNegative, reopens: false)
    }
}

/// What `STOMPSession.deliver` answers.
public enum STOMPDelivery: Sendable, Equatable {
    /// Write the MESSAGE, with this `ack` header where there is one.
    case write(ack: STOMPAckID?)
    /// The client has to acknowledge first; an `acknowledge` with `reopens` will tell.
    case wait
    /// The subscription has ended.
    case gone
}

/// What `STOMPSession.tick` answers.
public enum STOMPTick: Sendable, Equatable {
    /// Write a line feed if `heartBeat`, and a WebSocket ping if `ping`: its pong counts as life.
    case keepAlive(heartBeat: Bool, ping: Bool)
    /// A time ran out: write these bytes, unless there are none, then close the WebSocket.
    case writeAndClose([UInt8], STOMPClose)
}
