import Launcher

extension Fault {
    static let messageFaults = [
        Fault(
            name: "poison-entry",
            title: "MongoDB refuses messages again and again; some are sent again, some replayed, some left",
            outage: { $0 / 3 }, inject: poison),
        Fault(
            name: "change-away",
            title: "clients are away, messages are edited, deleted and reacted to meanwhile; they come back elsewhere",
            outage: { $0 / 3 }, inject: changeWhileAway),
    ]
}

/// A part of the rooms, some clients of which are to be away while something happens.
struct Absence: Sendable {
    let room: Int
    let away: [Int]
    /// Others of the room, who stay.
    let there: [Int]
    /// Whether so much is said meanwhile that the room's log does not reach back to where they left.
    let isLong: Bool
}

extension ChaosStage {
    /// Rooms that one round of such a fault is about.
    private static let roomsAtOnce = 4
    private static let awayOfARoom = 3
    /// More messages than a log keeps.
    private static let longAbsence = 1200
    /// How long clients may take to do what they are told.
    private static let patience = Duration.seconds(60)

    /// Chooses rooms, and who of them is to be away; every other absence is a long one.
    func chooseAbsences() -> [Absence] {
        var rooms = Array(plan.rooms.indices)
        rooms.shuffle(using: &random)
        return rooms.prefix(Self.roomsAtOnce).enumerated().map { index, room in
            var members = (0..<plan.perRoom).map { plan.client(room: room, slot: $0) }
            members.shuffle(using: &random)
            let away = min(Self.awayOfARoom, members.count - 1)
            return Absence(
                room: room, away: Array(members.prefix(away)), there: Array(members.dropFirst(away)),
                isLong: index % 2 == 0)
        }
    }

    /// Sends clients away; gives the number of each room's newest message once they are.
    func leave(_ absences: [Absence]) async throws -> [Int] {
        try await carriedOut(control.order(.leave(absences.flatMap(\.away))))
        return try absences.map { try RedisProbe.lastSeq(of: plan.rooms[$0.room], port: redisPort) }
    }

    /// Lets so much be said in the rooms of long absences that their logs begin behind what they had when these began.
    func makeLong(_ absences: [Absence], since ends: [Int]) async throws {
        for absence in absences where absence.isLong {
            control.order(.burst(room: absence.room, messages: Self.longAbsence))
        }
        for (absence, end) in zip(absences, ends) where absence.isLong {
            try await wait(for: "the log of room \(absence.room) is trimmed", within: Self.patience) {
                try RedisProbe.logStart(of: plan.rooms[absence.room], port: redisPort) > end + 1
            }
        }
    }

    /// Calls everybody back and waits until they are there; gives the moment of the call, ns.
    func comeBack(_ absences: [Absence], meanwhile: () async throws -> Void = {}) async throws -> UInt64 {
        let moment = monotonicNanoseconds()
        let order = control.order(.comeBack(absences.flatMap(\.away)))
        try await meanwhile()
        try await carriedOut(order) { $0.away == 0 }
        return moment
    }

    /// Waits until an order has been carried out, and until the load stands as it is to.
    func carriedOut(_ order: Int, _ isSo: (ChaosControl.Standing) -> Bool = { _ in true }) async throws {
        try await wait(for: "clients do as they are told", within: Self.patience) {
            control.standing.map { $0.orders >= order && isSo($0) } ?? false
        }
    }

    var redisPort: UInt16 { bench.redis?.port ?? 0 }

    /// Those who were away for long were told out of MongoDB, the others out of the log.
    func expectResumes() {
        for source in ["log", "store"] {
            expect("to resume out of the \(source)") { journals in
                journals.contains { $0.resumes[source, default: 0] > 0 }
            }
        }
    }
}
