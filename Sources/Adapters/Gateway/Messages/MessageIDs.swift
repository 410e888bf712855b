import Domain
import Synchronization

/// Gives ids to messages and rooms: the time, this process' own random number and a counter.
public final class MessageIDs: Sendable {
    private let process: UInt64
    private let counter: Atomic<UInt32>

    /// - Parameters:
    ///   - process: 40 random bits that tell this process from others.
    ///   - start: where the counter begins, random as well.
    public init(process: UInt64, start: UInt32) {
        self.process = process
        counter = Atomic(start)
    }

    /// A new id; `seconds` since 1970 is the time that stands in it.
    public func next(seconds: UInt32) -> ObjectID {
        let count = counter.wrappingAdd(1, ordering: .relaxed).newValue
        return ObjectID(seconds: seconds, process: process, counter: count & 0xFF_FFFF)
    }
}
