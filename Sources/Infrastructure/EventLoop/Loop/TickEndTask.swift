/// Work that gathers during a turn of a loop and is done once at its end: one pipelined call for all that was asked.
public protocol TickEndTask: AnyObject {
    /// Called on the loop after all I/O, timers and mailbox items of a turn, and once more before the loop waits.
    ///
    /// What it writes to connections is flushed right after it. It is called on every turn: with nothing gathered it
    /// returns at once.
    func tickEnded()
}
