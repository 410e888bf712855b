import Application
import Domain
import EventLoop
import WireProtocols

/// The session's place among those of its user.
extension ChatSession {
    /// Lets the session begin, once it has its place where places are counted.
    func begin(as user: AccessClaims) {
        guard let places = context.places else { return begun(as: user) }
        place = places.admit(self, of: user.userID) { [weak self] in self?.begun(as: user) }
    }

    private func begun(as user: AccessClaims) {
        guard !hasEnded else { return }
        let identity = STOMPIdentity(
            session: connection.id, server: context.serverName, userName: user.username.text)
        perform(stomp.authenticated(as: identity, now: context.loop.now))
        while let action = stomp.receiveHeld(now: context.loop.now) {
            perform(action)
        }
    }

    /// A newer session of the user has taken this one's place: its client is told, and not to come back by itself.
    func endReplaced() {
        let refusal = Refusal(
            .sessionReplaced, "you have begun more sessions than you may have at once, and this was the oldest")
        context.metrics.count(refusal.code)
        perform(
            stomp.dismissed(
                message: refusal.code.rawValue, explanation: refusal.message,
                close: STOMPClose(
                    code: .policyViolation,
                    reason: "\(refusal.code.rawValue): a newer session took its place; do not reconnect")))
    }
}
