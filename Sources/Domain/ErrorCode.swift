/// Every error that a client can be told, by the name it is told. `docs/errors.md` says for each what to do about it.
public enum ErrorCode: String, CaseIterable, Sendable {
    /// A field of the request breaks a rule; `fields` names them.
    case validationFailed = "VALIDATION_FAILED"
    /// The request could not be read at all (malformed JSON, HTTP or STOMP).
    case malformedRequest = "MALFORMED_REQUEST"
    /// There is no such path.
    case notFound = "NOT_FOUND"
    /// The path exists, the method does not.
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    /// A body, header, frame or message is over its limit.
    case tooLarge = "TOO_LARGE"
    /// The request took too long to arrive.
    case requestTimeout = "REQUEST_TIMEOUT"
    /// No credentials, or ones that are not valid (any more).
    case unauthenticated = "UNAUTHENTICATED"
    /// User name or password is wrong.
    case invalidCredentials = "INVALID_CREDENTIALS"
    /// A refresh token that is unknown or expired.
    case invalidToken = "INVALID_TOKEN"
    /// A refresh token that was used before: its whole family is revoked.
    case tokenReused = "TOKEN_REUSED"
    /// The user name belongs to somebody.
    case usernameTaken = "USERNAME_TAKEN"
    /// There is no such user.
    case userNotFound = "USER_NOT_FOUND"
    /// Allowed to others, not to this user.
    case forbidden = "FORBIDDEN"
    /// There is no such room, or the user may not know of it.
    case roomNotFound = "ROOM_NOT_FOUND"
    /// The user is not (any more) a participant of the room.
    case notParticipant = "NOT_PARTICIPANT"
    /// There is no such message, or the user may not know of it.
    case messageNotFound = "MESSAGE_NOT_FOUND"
    /// The message has been deleted: it takes no change any more.
    case messageDeleted = "MESSAGE_DELETED"
    /// There is no such destination.
    case unknownDestination = "UNKNOWN_DESTINATION"
    /// Too much waits to be stored, or memory is short: try again later.
    case busy = "BUSY"
    /// The message could not be stored, for good.
    case rejected = "REJECTED"
    /// The server that keeps this is out of reach: nothing was done.
    case storeUnavailable = "STORE_UNAVAILABLE"
    /// The server that keeps this was cut off half-way: sending again with the same `tempId` is safe and tells.
    case outcomeUnknown = "OUTCOME_UNKNOWN"
    /// The message is in the room log, and too few replicas of Redis have it yet: sending again tells.
    case notReplicated = "NOT_REPLICATED"
    /// The room has as many participants, the message as many reactions, or the gateway as many connections as allowed.
    case tooMany = "TOO_MANY"
    /// The user, or all in the room together, have sent as many messages in this minute as they may.
    case rateLimited = "RATE_LIMITED"
    /// Too many logins of this account, or from this address, have failed: wait.
    case tooManyAttempts = "TOO_MANY_ATTEMPTS"
    /// A newer session of the same user has taken this one's place.
    case sessionReplaced = "SESSION_REPLACED"
    /// The server has a fault of its own.
    case internalError = "INTERNAL_ERROR"

    /// The HTTP status that goes with it.
    public var httpStatus: Int {
        switch self {
        case .validationFailed, .malformedRequest: 400
        case .unauthenticated, .invalidCredentials, .invalidToken, .tokenReused: 401
        case .forbidden, .notParticipant: 403
        case .notFound, .userNotFound, .roomNotFound, .messageNotFound, .unknownDestination: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .usernameTaken, .sessionReplaced, .messageDeleted: 409
        case .tooLarge: 413
        case .rejected: 422
        case .tooMany, .rateLimited, .tooManyAttempts: 429
        case .internalError: 500
        case .busy, .storeUnavailable, .outcomeUnknown, .notReplicated: 503
        }
    }
}
