import Application

extension RoomLogError {
    /// What a failure of Redis means to whoever reads and writes rooms.
    init(_ error: RedisError) {
        if error.isOutcomeUnknown {
            self = .outcomeUnknown
        } else if error.isServer("NOGROUP") {
            self = .noGroup
        } else if error.isRetriable {
            self = .unavailable
        } else {
            self = .failed(error.description)
        }
    }
}
