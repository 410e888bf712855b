/// The connections of a loop that were written to in this turn.
final class FlushList {
    private var waiting: [TCPConnection] = []
    private var flushing: [TCPConnection] = []

    var isEmpty: Bool { waiting.isEmpty }

    /// Adds a connection that is not on the list.
    func append(_ connection: TCPConnection) { waiting.append(connection) }

    /// Flushes those that are on the list now. Who comes back while that goes on is flushed next time, so that two
    /// that keep each other busy do not keep the loop.
    func flush() {
        guard !waiting.isEmpty else { return }
        swap(&waiting, &flushing)
        for connection in flushing {
            connection.flush()
        }
        flushing.removeAll(keepingCapacity: true)
    }

    func removeAll() {
        waiting = []
        flushing = []
    }
}
