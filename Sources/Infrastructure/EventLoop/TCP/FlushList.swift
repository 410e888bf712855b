/// The connections of a loop that were written to in this turn.
final class FlushList {
    private var waiting: [TCPConnection] = []
    private var first: [TCPConnection] = []
    private var flushing: [TCPConnection] = []

    var isEmpty: Bool { waiting.isEmpty && first.isEmpty }

    /// Adds a connection that is not on the list.
    func append(_ connection: TCPConnection) {
        if connection.isFlushedFirst {
            first.append(connection)
        } else {
            waiting.append(connection)
        }
    }

    /// Flushes those that are on the list now. Who comes back while that goes on is flushed next time, so that two
    /// that keep each other busy do not keep the loop.
    func flush() {
        swap(&first, &flushing)
        flushTaken()
        swap(&waiting, &flushing)
        flushTaken()
    }

    /// A connection that has been drained may have more to write at once, and is then put on the list: neither list may be
    /// held on to meanwhile.
    private func flushTaken() {
        for connection in flushing {
            connection.flush()
        }
        flushing.removeAll(keepingCapacity: true)
    }

    func removeAll() {
        waiting = []
        first = []
        flushing = []
    }
}
