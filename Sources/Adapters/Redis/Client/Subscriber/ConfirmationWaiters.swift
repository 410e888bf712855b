/// Who waits for the server to confirm a subscription, and until when.
struct ConfirmationWaiters {
    private struct Deadline {
        let time: UInt64
        let channel: RedisChannel
    }

    private let milliseconds: UInt64
    private var waiting: [RedisChannel: [(deadline: UInt64, confirmation: RedisSubscriber.Confirmation)]] = [:]
    /// In order, since all wait equally long; those that were confirmed meanwhile are passed over.
    private var deadlines = FIFO<Deadline>()

    /// Waiters that are given up after `milliseconds`.
    init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    mutating func add(_ confirmation: @escaping RedisSubscriber.Confirmation, for channel: RedisChannel, now: UInt64) {
        let deadline = now + milliseconds
        waiting[channel, default: []].append((deadline, confirmation))
        deadlines.append(Deadline(time: deadline, channel: channel))
    }

    /// Takes out those who wait for `channel`.
    mutating func remove(_ channel: RedisChannel) -> [RedisSubscriber.Confirmation] {
        waiting.removeValue(forKey: channel)?.map(\.confirmation) ?? []
    }

    /// Takes out those whose time is over at `now`, with all others who wait for the same channel.
    mutating func removeOverdue(now: UInt64) -> [(RedisChannel, [RedisSubscriber.Confirmation])] {
        var overdue: [(RedisChannel, [RedisSubscriber.Confirmation])] = []
        while let next = deadlines.first, next.time <= now {
            _ = deadlines.popFirst()
            if waiting[next.channel]?.contains(where: { $0.deadline <= now }) == true {
                overdue.append((next.channel, remove(next.channel)))
            }
        }
        return overdue
    }

    /// Takes all out.
    mutating func removeAll() -> [RedisSubscriber.Confirmation] {
        defer { self = ConfirmationWaiters(milliseconds: milliseconds) }
        return waiting.values.flatMap { $0.map(\.confirmation) }
    }
}
