import EventLoop
import Synchronization

/// How many connections the loops of a server hold, each loop writing its own number.
///
/// A connection that was upgraded is closed by another owner. So each loop's own count is taken, at every accept and every
/// tick, and costs a connection nothing; only the other loops' numbers can be a tick old.
final class ConnectionCount: Sendable {
    private final class Cell: Sendable {
        let value = Atomic<Int>(0)
    }

    private let cells: [Cell]

    init(loops: Int) { cells = (0..<loops).map { _ in Cell() } }

    /// All loops together.
    var total: Int { cells.reduce(0) { $0 + $1.value.load(ordering: .relaxed) } }

    /// Writes the number of the loop at `index`.
    func set(_ count: Int, at index: Int) { cells[index].value.store(count, ordering: .relaxed) }
}
