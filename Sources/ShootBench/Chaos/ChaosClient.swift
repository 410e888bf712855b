import Domain

/// One client of a chaos run: it outlives its connections. Confined to the thread of its load.
final class ChaosClient {
    let index: Int
    let room: Int
    let slot: Int
    let token: String
    /// Its connection, or the last one.
    var connection: LoadConnection?
    /// When it tries again, ns; 0: not before something happens.
    var connectAt: UInt64 = 0
    /// Which gateway it goes to next.
    var gateway: Int
    /// Gateways in a row that did not take its connection.
    var refusals = 0
    /// Tries in a row that came to nothing.
    var failures = 0
    /// When something last came, ns.
    var heard: UInt64 = 0
    /// Whether what it missed is on its way or there, and its sends may go out.
    var isHere = false
    /// Put out of its room, or given up: it does not come back.
    var isOut = false
    /// Told to stay away for a while.
    var isAway = false
    var sends = SendLedger()
    var deliveries: [Delivery] = []
    /// Where in the room's log it stands.
    private(set) var place = Position.zero
    private var views: [UInt64: MessageView] = [:]
    /// Messages whose change was told at `place` without a place of its own, and what came there.
    private var toldHere: Set<UInt64> = []
    private var marksHere: Set<String> = []
    /// When each was last changed, as told on this connection.
    private var changedAt: [UInt64: String] = [:]
    private var placeholders = 0
    private var resumes: [String: Int] = [:]
    var complaints: [String] = []
    var moves = 0

    init(index: Int, plan: ChaosPlan) {
        self.index = index
        room = plan.room(of: index)
        slot = plan.slot(of: index)
        token = plan.clients[index].token
        gateway = plan.firstGateway(of: index)
    }

    /// The number behind which it resumes.
    var lastSeq: UInt64 { deliveries.last?.seq ?? 0 }

    /// It subscribes again: where from, and whether by the exact place or by the number.
    func beginResume(exactly: Bool) {
        place = exactly ? place : Position(seq: lastSeq)
        toldHere = []
        marksHere = []
        changedAt = [:]
    }

    /// The first thing that a subscription tells which resumes.
    func takeResumed(_ frame: ReceivedFrame) {
        let from = frame.number("\"fromSeq\":")
        if from != lastSeq {
            complain("resumed behind \(from.map { "\($0)" } ?? "nothing"), not behind \(lastSeq)")
        }
        resumes[frame.member("\"recovered\":\"") ?? "nothing", default: 0] += 1
    }

    /// A message, or a change of one; gives whether it is a message that it had not.
    ///
    /// Places only go on. What MongoDB tells of older messages has none of its own: it comes at the place from which was
    /// resumed, and each message once.
    func take(_ told: ToldMessage) -> Bool {
        let isChange = told.event != "MESSAGE_CREATED" && told.seq <= lastSeq
        if told.place > place {
            place = told.place
            toldHere = []
            marksHere = [told.mark]
        } else if !isChange || told.place < place || !toldHere.insert(told.seq).inserted
            || !marksHere.insert(told.mark).inserted
        {
            complain("\(told.event) of number \(told.seq) came at \(told.place), where it had \(place) already")
        }
        if let time = told.updatedAt {
            if let last = changedAt[told.seq], time < last {
                complain("number \(told.seq) went back, from how it was at \(last) to how it was at \(time)")
            }
            changedAt[told.seq] = time
        }
        views[told.seq] = told.view
        guard !isChange else { return false }
        if told.event == "MESSAGE_DELETED" {
            placeholders += 1
        } else if told.event != "MESSAGE_CREATED" {
            complain("\(told.event) of number \(told.seq) came, and not the message")
        }
        deliveries.append(Delivery(seq: told.seq, id: told.id, name: told.name))
        return true
    }

    /// At most a few: one mistake may show in each message.
    func complain(_ text: @autoclosure () -> String) {
        if complaints.count < 5 {
            complaints.append("client \(index): \(text())")
        }
    }

    var journal: Journal {
        var journal = Journal()
        journal.deliveries = deliveries
        journal.views = views
        journal.placeholders = placeholders
        journal.resumes = resumes
        for (index, send) in sends.sends.enumerated() {
            let number = index + 1
            switch send.outcome {
            case .waiting: journal.unanswered.append(number)
            // What became of it is seen by its dead letter.
            case .accepted where send.isUntold: journal.untold.insert(number)
            case .accepted: journal.accepted.append(number)
            case .refused(let code): journal.refused.append((number, code))
            }
            if send.isSaved {
                journal.saved.append(number)
            }
            if send.isPoison {
                journal.poisoned.append(number)
            }
            if send.isRejected {
                journal.rejected.insert(number)
            }
            if send.isOutOfTurn {
                journal.outOfTurn.insert(number)
            }
        }
        journal.stepsBack = sends.stepsBack
        journal.complaints = complaints
        journal.moves = moves
        return journal
    }
}
