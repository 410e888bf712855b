import Domain

/// Keeps Redis tidy: takes away what dead gateways left, sees to it that nothing waits unnoticed, and takes rooms out
/// that nobody uses.
public struct Janitor: Sendable {
    private let log: any JanitorLog
    private let rooms: any RoomStore

    /// Shards looked at in one go.
    static let shardsAtATime = 32
    /// Rooms asked MongoDB about in one go.
    static let roomsAtATime = 512

    /// What a round came to.
    public struct Report: Sendable, Equatable {
        public var groupsSwept = 0
        public var roomsVisited = 0
        public var roomsPutBack = 0
        public var consumersDeleted = 0
        public var roomsCooled = 0
        /// Rooms that Redis holds to be saved and that MongoDB has otherwise: they stay.
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
            report.roomsDiffering += part.filter { stored[$0.room] != $0.head }.map(\.room)
            guard await goesOn() else { return }
            report.roomsCooled += try await log.cool(part.filter { stored[$0.room] == $0.head })
        }
    }
}
