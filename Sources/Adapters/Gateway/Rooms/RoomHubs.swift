import Domain
import EventLoop

/// Finds the hub of a room among those of the gateway's loops.
struct RoomHubs: Sendable {
    private let hubs: [LoopBound<RoomHub>]

    init(_ hubs: [LoopBound<RoomHub>]) { self.hubs = hubs }

    /// Runs `body` with the hub of `room`, on that hub's loop: at once where the caller is on it.
    func with(_ room: RoomID, _ body: @escaping @Sendable (RoomHub) -> Void) {
        let hub = hubs[Int(truncatingIfNeeded: UInt(bitPattern: room.hashValue) % UInt(hubs.count))]
        if hub.loop.isCurrent {
            body(hub.value)
        } else {
            hub.loop.execute { body(hub.value) }
        }
    }

    /// Runs `body` with each hub on its loop.
    func each(_ body: @escaping @Sendable (RoomHub) -> Void) {
        for hub in hubs {
            hub.loop.execute { body(hub.value) }
        }
    }
}
