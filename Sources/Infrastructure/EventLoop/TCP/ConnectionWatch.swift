/// The connections of a loop that wait for their peer to read or to close: looked at by one timer for all of them.
final class ConnectionWatch {
    private var connections: [TCPConnection] = []
    private var timer: LoopTimer?

    /// Adds a connection that is not watched. The watch drops it when it has nothing to wait for any more.
    func add(_ connection: TCPConnection) {
        connections.append(connection)
        guard timer == nil else { return }
        let period = LoopLimits.watchMilliseconds
        let loop = connection.loop
        timer = loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { [unowned loop] in
            loop.watch.inspect(now: loop.now)
        }
    }

    func removeAll() {
        connections = []
        timer = nil
    }

    private func inspect(now: UInt64) {
        connections.removeAll { !$0.isStillWaiting(now: now) }
        if connections.isEmpty {
            timer?.cancel()
            timer = nil
        }
    }
}
