import Application
import Domain

/// Messages that go into the log together or not at all, and whom to tell what became of them.
struct PublishUnit: Sendable {
    let messages: [OutgoingMessage]
    /// Told once, on the loop of the room's hub.
    let completion: @Sendable ([SendOutcome]) -> Void
    /// When, in the loop's milliseconds, its sender is told that the outcome is not known.
    let deadline: UInt64
    /// Whether a try was cut off after it had been sent: then it may be in the log.
    var mayBeInLog = false
}

/// What became of one message.
enum SendOutcome: Sendable, Equatable {
    /// It is in the log. A repeat carries the first one's id, number and time, and the steps which the room told of it
    /// before: its session is to be told of those that it has not heard of since it sent.
    case inLog(id: MessageID, seq: UInt64, createdAt: Timestamp, told: [StatusUpdate] = [])
    case refused(Refusal)
    /// It is in the log, and not as safe yet as was asked for.
    case unconfirmed
    /// Sending it again with the same temp id is safe and tells.
    case unknown
}

/// The messages waiting to go into one room's log, of which one call is under way at a time: this keeps each sender's
/// order through every retry, and gathers what comes meanwhile into the next call.
struct PublishQueue {
    private var waiting: [PublishUnit] = []
    private(set) var inFlight: [PublishUnit] = []
    private(set) var waitingBytes = 0

    /// Nothing waits and nothing is under way.
    var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }

    /// Whether a call can go out now.
    var isReady: Bool { inFlight.isEmpty && !waiting.isEmpty }

    /// Takes a unit; false where the queue is full.
    mutating func add(_ unit: PublishUnit) -> Bool {
        let bytes = PublishQueue.bytes(of: unit)
        guard waitingBytes + bytes <= GatewayLimits.maxQueuedPublishBytes else { return false }
        waitingBytes += bytes
        waiting.append(unit)
        return true
    }

    /// Moves what fits into one call from waiting to under way, whole units in order, at least one.
    mutating func beginCall() -> [PublishUnit] {
        var count = 0
        var messages = 0
        for unit in waiting {
            messages += unit.messages.count
            guard count == 0 || messages <= GatewayLimits.maxMessagesPerPublish else { break }
            count += 1
        }
        inFlight = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        waitingBytes -= inFlight.reduce(0) { $0 + PublishQueue.bytes(of: $1) }
        return inFlight
    }

    /// The call was answered: its units are done.
    mutating func endCall() -> [PublishUnit] {
        defer { inFlight = [] }
        return inFlight
    }

    /// The call failed: its units go back to the head of the queue, but for those whose time is up, which are given
    /// back. `mayBeInLog` where the call had been sent.
    mutating func returnCall(now: UInt64, mayBeInLog: Bool) -> [PublishUnit] {
        var units = endCall()
        for index in units.indices where mayBeInLog {
            units[index].mayBeInLog = true
        }
        let alive = units.filter { $0.deadline > now }
        waiting.insert(contentsOf: alive, at: 0)
        waitingBytes += alive.reduce(0) { $0 + PublishQueue.bytes(of: $1) }
        return units.filter { $0.deadline <= now }
    }

    private static func bytes(of unit: PublishUnit) -> Int {
        unit.messages.reduce(0) { $0 + $1.members.count + 128 }
    }
}
