import Domain

/// Puts rooms into Redis that are only in MongoDB.
public protocol WarmingLog: Sendable {
    /// What `warm` has to be given; to be had before the room is read from MongoDB.
    func warmTicket(for room: RoomID) async throws(RoomLogError) -> WarmTicket

    /// Puts a room into Redis that is not there; one that is there already stays as it is.
    /// - Throws: `RoomLogError`; `stale` where the room may have changed since it was read.
    func warm(_ room: RoomID, with state: WarmState, ticket: WarmTicket) async throws(RoomLogError)
}

extension WarmingLog {
    /// Reads a room from `store` and puts it into Redis; false where there is no such room. One that may have changed
    /// meanwhile is left cold: the caller asks again, and finds it so.
    func warm(_ room: RoomID, from store: any RoomStore) async throws(RoomLogError) -> Bool {
        let ticket = try await warmTicket(for: room)
        let state: WarmState?
        do throws(StoreError) {
            state = try await store.warmState(of: room)
        } catch {
            throw .unavailable
        }
        guard let state else { return false }
        do throws(RoomLogError) {
            try await warm(room, with: state, ticket: ticket)
        } catch {
            guard error == .stale else { throw error }
        }
        return true
    }
}
