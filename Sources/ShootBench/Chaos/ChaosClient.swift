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
    var sends = SendLedger()
    var deliveries: [Delivery] = []
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

    /// At most a few: one mistake may show in each message.
    func complain(_ text: @autoclosure () -> String) {
        if complaints.count < 5 {
            complaints.append("client \(index): \(text())")
        }
    }

    var journal: Journal {
        var journal = Journal()
        journal.deliveries = deliveries
        for (index, send) in sends.sends.enumerated() {
            let number = index + 1
            switch send.outcome {
            case .waiting: journal.unanswered.append(number)
            case .accepted: journal.accepted.append(number)
            case .refused(let code): journal.refused.append((number, code))
            }
            if send.isSaved {
                journal.saved.append(number)
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
