import Application
import Domain
import EventLoop

/// Asks a room to serve a subscription.
struct SubscribeRequest: Sendable {
    let room: RoomID
    let user: UserID
    let topic: Subscription.Topic
    /// The loop that the subscription lives on, as its place among the gateway's loops.
    let loop: Int
    let subscription: LoopBound<Subscription>
    /// Told on the hub's loop when the room refuses.
    let refused: @Sendable (Refusal) -> Void
}

/// A room that this gateway reads, as its hub sees it. Confined to the hub's loop.
final class OpenRoom {
    enum Phase {
        /// Redis has not confirmed yet that rings will come.
        case listening
        /// Rings come; the group and with it the cursor are not there yet.
        case opening
        case live
    }

    let id: RoomID
    var phase = Phase.listening
    var epoch: UInt64 = 1
    /// The position of the last entry that was handed out: the truth of what this gateway has read.
    var cursor = Position.zero
    var membershipVersion: UInt64 = 0
    /// The end of the log as the last ring told it.
    var rung = Position.zero
    /// A read of the log is under way; a ring meanwhile asks for another.
    var isReading = false
    var isRung = false
    var trail = StatusTrail()
    /// How many status subscriptions each user has here.
    private(set) var watchers: [UserID: Int] = [:]
    /// Requests to be made when rings come.
    var requests: [SubscribeRequest] = []
    /// Subscriptions that begin when the cursor is there.
    private var beginning: [(at: Position, request: SubscribeRequest)] = []
    /// How many subscriptions each loop has, those that are still to begin included.
    private var counts: [Int]

    init(id: RoomID, loops: Int) {
        self.id = id
        counts = Array(repeating: 0, count: loops)
    }

    /// No loop has a subscription here, or asks for one.
    var isUnused: Bool { counts.allSatisfy { $0 == 0 } }

    /// The loops that have subscriptions here.
    var loops: [Int] { counts.indices.filter { counts[$0] > 0 } }

    func retain(_ request: SubscribeRequest) {
        counts[request.loop] += 1
        if request.topic == .status {
            watchers[request.user, default: 0] += 1
        }
    }

    func release(loop: Int, user: UserID, topic: Subscription.Topic) {
        counts[loop] -= 1
        guard topic == .status, let count = watchers[user] else { return }
        watchers[user] = count == 1 ? nil : count - 1
    }

    /// Lets a subscription begin at `position`.
    func begin(_ request: SubscribeRequest, at position: Position) {
        beginning.append((position, request))
    }

    /// Takes those subscriptions whose beginning the cursor has reached.
    func takeBeginning() -> [SubscribeRequest] {
        guard !beginning.isEmpty else { return [] }
        let ready = beginning.filter { $0.at <= cursor }.map(\.request)
        beginning.removeAll { $0.at <= cursor }
        return ready
    }
}
