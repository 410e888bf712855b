import Application
import Domain
import EventLoop
import Telemetry

/// What messages that are on their way took of their sender's allowance.
struct AllowanceUse: Sendable {
    let user: UserID
    /// The minute that it was of.
    let minute: UInt64
    /// Set where there was none left: then only repeats are answered, and nothing was taken.
    let refusal: Refusal?
}

/// The allowances of the users who send through one loop. Confined to that loop.
///
/// Most messages find one in the lot that their loop holds; those of one user that have to wait for a lot keep their
/// order. Where the ledger does not answer, messages go out unlimited, and are counted.
final class MessageAllowances {
    /// Told what was decided; nil: the messages may go.
    typealias Answer = (Refusal?) -> Void

    private struct Entry {
        var allowance = MessageAllowance()
        var waiting: [(count: Int, answer: Answer)] = []
        /// Between two questions.
        var isPausing = false
    }

    private let loop: EventLoop
    private let ledger: any UserLedger
    private let metrics: GatewayMetrics
    private var entries: [UserID: Entry] = [:]

    init(loop: EventLoop, ledger: any UserLedger, metrics: GatewayMetrics) {
        self.loop = loop
        self.ledger = ledger
        self.metrics = metrics
        ledger.onRecall = { [unowned self] user in giveBack(of: user) }
        loop.schedule(
            afterMilliseconds: GatewayLimits.allowanceSweepMilliseconds,
            repeatMilliseconds: GatewayLimits.allowanceSweepMilliseconds
        ) { [weak self] in self?.sweep() }
    }

    /// Decides whether `count` messages that go out together may go, now or when the answer for them is there.
    func take(_ count: Int, of user: UserID, _ answer: @escaping Answer) {
        var entry = entries[user] ?? Entry()
        let decision = entry.waiting.isEmpty ? entry.allowance.take(count, now: loop.now) : .wait
        if decision == .wait {
            entry.waiting.append((count, answer))
        }
        entries[user] = entry
        switch decision {
        case .go: answer(nil)
        case .wait: break
        case .refuse(let milliseconds): answer(Self.refusal(milliseconds))
        }
        ask(of: user)
    }

    /// Whether no messages wait for a lot.
    var hasDecided: Bool { entries.values.allSatisfy(\.waiting.isEmpty) }

    /// The minute that messages which are let go now are of.
    func minute(of user: UserID) -> UInt64 { entries[user]?.allowance.minute ?? 0 }

    /// Puts back what was not used: messages that are not in the log, and repeats of what was there before.
    func settle(_ use: AllowanceUse?, _ messages: [OutgoingMessage], _ outcomes: [SendOutcome]) {
        guard let use, use.refusal == nil else { return }
        let unused = zip(messages, outcomes).count { message, outcome in
            switch outcome {
            case .inLog(let id, _, _, _): id != message.id
            case .refused: true
            case .unconfirmed, .unknown: false
            }
        }
        entries[use.user]?.allowance.putBack(unused, minute: use.minute)
    }

    /// Gives back what is left of a user's lots: another loop needs it, or nobody here does.
    func giveBack(of user: UserID) {
        guard let minute = entries[user]?.allowance.minute, entries[user]?.waiting.isEmpty == true,
            let count = entries[user]?.allowance.takeLeft(now: loop.now)
        else { return }
        ledger.giveBack(count, of: user, minute: minute)
    }

    /// Puts a question where one is due: for the first who waits, else where little is left.
    private func ask(of user: UserID) {
        guard let entry = entries[user], !entry.isPausing,
            let needed = entries[user]?.allowance.ask(for: entry.waiting.first?.count ?? 0, now: loop.now)
        else { return }
        ledger.takeLot(of: user, needed: needed) { [weak self] result in self?.answered(result, of: user) }
    }

    private func answered(_ result: Result<AllowanceLot, UserLedgerError>, of user: UserID) {
        switch result {
        case .success(let lot):
            guard entries[user]?.allowance.answered(lot, now: loop.now) == .askAgain,
                entries[user]?.waiting.isEmpty == false
            else { return decide(of: user) }
            pause(of: user)
        case .failure:
            metrics.count(skipped: .messages)
            entries[user]?.allowance.failed()
            let waiting = entries[user]?.waiting ?? []
            entries[user]?.waiting = []
            for (_, answer) in waiting {
                answer(nil)
            }
        }
    }

    /// Lets the others give back what they do not use.
    private func pause(of user: UserID) {
        entries[user]?.isPausing = true
        loop.schedule(afterMilliseconds: GatewayLimits.recallMilliseconds) { [weak self] in
            guard let self else { return }
            entries[user]?.isPausing = false
            ask(of: user)
        }
    }

    private func decide(of user: UserID) {
        while let next = entries[user]?.waiting.first,
            let decision = entries[user]?.allowance.take(next.count, now: loop.now), decision != .wait
        {
            entries[user]?.waiting.removeFirst()
            if case .refuse(let milliseconds) = decision {
                next.answer(Self.refusal(milliseconds))
            } else {
                next.answer(nil)
            }
        }
        ask(of: user)
    }

    private func sweep() {
        let now = loop.now
        entries = entries.filter { !$0.value.waiting.isEmpty || !$0.value.allowance.isOver(now: now) }
    }

    private static func refusal(_ milliseconds: Int) -> Refusal {
        Refusal(
            .rateLimited, "you have sent as many messages in this minute as you may; try again later",
            retryAfterMilliseconds: milliseconds)
    }
}
