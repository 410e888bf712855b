/// Why a distributed lock could not be taken, or what was done under it has to end.
public enum LockError: Error, Equatable, Sendable {
    /// Others held it for as long as it was tried.
    case taken
    /// It ran out, or became another's: whoever has it now may already be at work.
    case lost
    /// Redis does not answer. The lock may or may not have been taken or given back; it runs out by itself.
    case unavailable(String)
}
