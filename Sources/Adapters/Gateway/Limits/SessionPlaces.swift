import Application
import Domain
import EventLoop
import Telemetry

/// The places that the sessions of one loop have among those of their users. Confined to that loop.
///
/// Each is noted in the ledger when it begins and again every few seconds, so that those of a gateway that died cease to
/// count. Where the ledger does not answer a session begins all the same, and is noted later.
final class SessionPlaces {
    private struct Place {
        let session: ChatSession
        let user: UserID
        /// The ledger knows of it.
        var isNoted = false
    }

    private let ledger: any UserLedger
    private let metrics: GatewayMetrics
    private var places: [UInt64: Place] = [:]
    private var last: UInt64 = 0
    private var slice: UInt64 = 0

    init(ledger: any UserLedger, metrics: GatewayMetrics) {
        self.ledger = ledger
        self.metrics = metrics
        ledger.onReplaced = { [unowned self] number in replaced(number) }
    }

    /// Gives a new session its place and its number; `admitted` comes when it may begin.
    func admit(_ session: ChatSession, of user: UserID, admitted: @escaping () -> Void) -> UInt64 {
        last += 1
        let number = last
        places[number] = Place(session: session, user: user)
        note(number) { isKnown in
            if !isKnown {
                self.metrics.count(skipped: .sessions)
            }
            admitted()
        }
        return number
    }

    /// A session has ended.
    func leave(_ number: UInt64) {
        guard let place = places.removeValue(forKey: number) else { return }
        ledger.forget(session: number, of: place.user)
    }

    /// Notes part of the sessions again. To be called every `sessionTickMilliseconds`.
    func tick() {
        slice = (slice + 1) % GatewayLimits.sessionNoteTicks
        for number in places.keys where number % GatewayLimits.sessionNoteTicks == slice {
            note(number) { _ in }
        }
    }

    private func note(_ number: UInt64, then: @escaping (_ isKnown: Bool) -> Void) {
        guard let place = places[number] else { return }
        ledger.note(session: number, of: place.user, isNew: !place.isNoted) { [weak self] result in
            switch result {
            case .success(.admitted): self?.places[number]?.isNoted = true
            case .success(.replaced): self?.replaced(number)
            case .failure: return then(false)
            }
            then(true)
        }
    }

    private func replaced(_ number: UInt64) {
        guard let place = places[number] else { return }
        metrics.sessionsReplaced.add()
        place.session.endReplaced()
    }
}
