import Domain

/// One stage of a traced message in one process, done. It never holds the message's text.
public struct TraceSpan: Sendable, Equatable {
    public let stage: Stage
    /// The trace, and the span's own id.
    public let context: TraceContext
    /// The span that caused it; nil for one that began the trace.
    public let parent: SpanID?
    public let process: TraceProcess
    /// When it began, by the wall clock of its process.
    public let start: WallTime
    /// When it was over.
    public let end: WallTime
    public let subject: TraceSubject
    /// Why the stage failed: an error code, or a store's words; nil where it did not.
    public let fault: String?

    /// The stages of a message. `docs/operations.md` names them too.
    public enum Stage: String, Sendable, CaseIterable {
        /// From a SEND taken off its WebSocket to the message given to its room: reading, checking, `SENDING`.
        case receive = "stomp.receive"
        /// From there to the answer of the room log: waiting for the call before, and `publish.lua`.
        case publish = "room.publish"
        /// From the entry read by a gateway to its frames in the queues of all its subscribers' sockets.
        case deliver = "room.deliver"
        /// From a persister's round begun to its rooms claimed and their entries read.
        case claim = "persist.claim"
        /// Storing the batch in MongoDB and moving its rooms on: one transaction, or step by step where that fails.
        case store = "persist.store"
        /// `finish.lua`: acknowledging, the saved position, trimming, the ring.
        case finish = "persist.finish"
    }

    public init(
        _ stage: Stage, _ context: TraceContext, parent: SpanID?, process: TraceProcess, from start: WallTime,
        to end: WallTime, subject: TraceSubject, fault: String? = nil
    ) {
        self.stage = stage
        self.context = context
        self.parent = parent
        self.process = process
        self.start = start
        self.end = end
        self.subject = subject
        self.fault = fault
    }

    /// How long it took; 0 where the clock was set back meanwhile.
    public var nanoseconds: UInt64 { end.nanoseconds > start.nanoseconds ? end.nanoseconds - start.nanoseconds : 0 }
}

/// What a span is about, as far as it is known.
public struct TraceSubject: Sendable, Equatable {
    public var roomID: RoomID?
    public var messageID: MessageID?
    public var seq: UInt64?
    /// To how many subscriptions a gateway delivered the message.
    public var subscribers: Int?

    public init(roomID: RoomID? = nil, messageID: MessageID? = nil, seq: UInt64? = nil, subscribers: Int? = nil) {
        self.roomID = roomID
        self.messageID = messageID
        self.seq = seq
        self.subscribers = subscribers
    }
}

/// The process that a span is of.
public struct TraceProcess: Sendable, Hashable {
    /// What kind of process.
    public enum Kind: String, Sendable {
        case gateway
        case persister
    }

    public let kind: Kind
    /// Which one of that kind: a gateway's id, or where a persister runs.
    public let id: String

    public init(kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }
}

/// A moment in nanoseconds since 1970, UTC: fine enough for stages of some 100 µs.
public struct WallTime: Sendable, Hashable, Comparable {
    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Order of time.
    public static func < (left: WallTime, right: WallTime) -> Bool { left.nanoseconds < right.nanoseconds }
}
