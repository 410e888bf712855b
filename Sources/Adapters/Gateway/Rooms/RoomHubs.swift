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

    /// Runs `body` with each hub on its loop, and returns when all have called back. A loop that has stopped counts as
    /// done.
    func each(_ body: @escaping @Sendable (RoomHub, @escaping @Sendable () -> Void) -> Void) async {
        await withTaskGroup { group in
            for hub in hubs {
                group.addTask {
                    let ended = AsyncStream.makeStream(of: Void.self)
                    hub.loop.execute { body(hub.value) { ended.continuation.finish() } }
                    for await _ in ended.stream {}
                }
            }
        }
    }

    /// Asks each hub on its loop; whether all answer true. A loop that has stopped counts as true.
    func all(_ body: @escaping @Sendable (RoomHub) -> Bool) async -> Bool {
        var isTrue = true
        for hub in hubs {
            let answer = try? await hub.loop.submit { body(hub.value) }
            isTrue = isTrue && answer ?? true
        }
        return isTrue
    }
}
