import Domain
import Synchronization

/// Keeps Redis tidy: takes away what dead gateways left, sees to it that nothing waits unnoticed, and takes rooms out
/// that nobody uses.
public final class Janitor: Sendable {
    private let log: any JanitorLog
    private let rooms: any RoomStore
    /// Rooms that differed when they were looked at last, each as Redis had it then.
    private let differing = Mutex<[RoomID: RoomHead]>([:])

    /// Shards looked at in one go.
    static let shardsAtATime = 32
    /// Rooms asked MongoDB about in one go.
    static let roomsAtATime = 512
    /// Differing rooms that are remembered until the next look; of further ones nothing is said.
    static let maxDiffering = 10_000

    /// What a round came to.
    public struct Report: Sendable, Equatable {
        public var groupsSwept = 0
        public var roomsVisited = 0
        public var roomsPutBack = 0
        public var consumersDeleted = 0
        public var roomsCooled = 0
        /// Rooms that Redis holds to be saved and that MongoDB had otherwise at two looks running: they stay.
        public var roomsDiffering: [RoomID] = []
        /// MongoDB's last error, where there was one; rooms stay in Redis then.
        public var storeError: StoreError?

        public init() {}
    }

    public init(log: any JanitorLog, rooms: any RoomStore) {
        self.log = log
        self.rooms = rooms
    }

    /// Looks after everything whose time it is, step by step.
    ///
    /// - Parameter goesOn: asked before each step; on false the round ends.
    /// - Throws: where Redis does not answer; what has been done stays done.
    public func run(goesOn: () async -> Bool) async throws(RoomLogError) -> Report {
        var report = Report()
        for gateway in try await log.deadGateways() {
            try await sweep(gateway, &report, goesOn)
        }
        for first in stride(from: 0, to: log.shards, by: Janitor.shardsAtATime) {
            let shards = Array(first..<min(first + Janitor.shardsAtATime, log.shards))
            var isPartial = true
            while isPartial {
                guard await goesOn() else { return report }
                let visit = try await log.visit(shards: shards)
                report.roomsVisited += visit.rooms
                report.roomsPutBack += visit.putBack
                report.consumersDeleted += visit.consumersDeleted
                try await cool(visit.idle, &report, goesOn)
                isPartial = visit.isPartial
            }
        }
        return report
    }

    private func sweep(
        _ gateway: String, _ report: inout Report, _ goesOn: () async -> Bool
    ) async throws(RoomLogError) {
        while await goesOn() {
            let swept = try await log.sweep(gateway)
            report.groupsSwept += swept.groups
            if swept.isDone {
                return try await log.forget(gateway)
            }
        }
    }

    /// MongoDB is asked what it has of the rooms: only what is there as it is in Redis may be there alone.
    private func cool(
        _ idle: [(room: RoomID, head: RoomHead)], _ report: inout Report, _ goesOn: () async -> Bool
    ) async throws(RoomLogError) {
        for first in stride(from: 0, to: idle.count, by: Janitor.roomsAtATime) {
            let part = idle[first..<min(first + Janitor.roomsAtATime, idle.count)]
            let stored: [RoomID: RoomHead]
            do throws(StoreError) {
                stored = try await rooms.heads(of: part.map(\.room))
            } catch {
                report.storeError = error
                return
            }
            report.roomsDiffering += part.filter { differsAgain($0.room, $0.head, from: stored[$0.room]) }.map(\.room)
            guard await goesOn() else { return }
            report.roomsCooled += try await log.cool(part.filter { stored[$0.room] == $0.head })
        }
    }

    /// Whether a room was the same in Redis and other than in MongoDB at the last look, too. Once says nothing: it may have
    /// been written to between the question to Redis and that to MongoDB.
    private func differsAgain(_ room: RoomID, _ head: RoomHead, from stored: RoomHead?) -> Bool {
        differing.withLock { differing in
            guard stored != head else {
                differing[room] = nil
                return false
            }
            if differing[room] == head { return true }
            if differing[room] != nil || differing.count < Janitor.maxDiffering {
                differing[room] = head
            }
            return false
        }
    }
}
