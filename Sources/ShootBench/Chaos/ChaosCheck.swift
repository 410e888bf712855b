/// Holds what the clients were told against each other and against MongoDB.
///
/// It counts, and says in a line each, what was promised and not kept: an accepted message that is not stored, or not
/// delivered (lost); one that is stored or delivered twice (doubled); numbers with holes, or in another order than the
/// store's or the sender's (reordered); and what was told and is not so.
struct ChaosCheck {
    var lost = 0
    private(set) var doubled = 0
    private(set) var reordered = 0
    private(set) var accepted = 0
    /// One line for each kind of broken promise and room or client, the first few of each.
    private(set) var broken: [String] = []
    private var said: [String: Int] = [:]

    let plan: ChaosPlan
    private let kicked: Set<Int>
    /// What failed and was stored all the same, by an operator's hand.
    private let replayed: Set<MessageName>

    /// Lines of a kind that are told; further ones are counted.
    private static let linesOfAKind = 5

    /// - Parameters:
    ///   - letters: what MongoDB refused.
    ///   - changes: what was changed over REST.
    init(
        _ plan: ChaosPlan, _ journals: [Journal], stored: [[StoredMessage]], letters: [StoredLetter] = [],
        changes: ChangeBook = ChangeBook(), kicked: Set<Int>
    ) {
        self.plan = plan
        self.kicked = kicked
        replayed = Set(letters.lazy.filter { $0.state == "REPLAYED" }.compactMap(\.name))
        for room in plan.rooms.indices {
            let clients = (0..<plan.perRoom).map { plan.client(room: room, slot: $0) }
            checkNumbers(of: room, stored[room])
            checkAnswers(in: room, clients.map { journals[$0] }, stored[room])
            for client in clients {
                checkDeliveries(to: client, in: room, journals[client].deliveries, stored[room])
                checkViews(of: client, in: room, journals[client], stored[room], letters)
            }
        }
        checkLetters(letters, journals, stored, changes)
        checkChanges(changes, stored)
        for (client, journal) in journals.enumerated() {
            for complaint in journal.complaints {
                say("protocol", complaint)
            }
            for step in journal.stepsBack {
                say("status", "client \(client) was told \(step.status) of its message \(step.number) out of turn")
            }
        }
        for (kind, count) in said.sorted(by: { $0.key < $1.key }) where count > Self.linesOfAKind {
            broken.append("\(kind): \(count - Self.linesOfAKind) more")
        }
    }

    /// Adds what was found elsewhere.
    mutating func add(_ lines: [String]) { broken += lines }

    mutating func say(_ kind: String, _ text: String) {
        said[kind, default: 0] += 1
        if said[kind, default: 0] <= Self.linesOfAKind {
            broken.append("\(kind): \(text)")
        }
    }

    /// In MongoDB numbers go up one by one from 1, and no message is there twice.
    private mutating func checkNumbers(of room: Int, _ stored: [StoredMessage]) {
        var seen: Set<MessageName> = []
        for (index, message) in stored.enumerated() {
            if message.seq != UInt64(index + 1) {
                reordered += 1
                say("store", "room \(room) has number \(message.seq) in place \(index + 1)")
            }
            if message.isDuplicate {
                doubled += 1
                say("store", "room \(room) has a second copy at number \(message.seq)")
            }
            if let name = message.name, !seen.insert(name).inserted {
                doubled += 1
                say("store", "room \(room) has message \(name.text) twice")
            }
        }
    }

    /// What senders of a room were told is so.
    private mutating func checkAnswers(in room: Int, _ journals: [Journal], _ stored: [StoredMessage]) {
        var numbers: [Set<Int>] = Array(repeating: [], count: journals.count)
        var last = Array(repeating: 0, count: journals.count)
        for message in stored {
            guard let name = message.name, journals.indices.contains(name.slot) else { continue }
            let number = Int(name.number)
            numbers[name.slot].insert(number)
            guard !journals[name.slot].outOfTurn.contains(number) else { continue }
            if number < last[name.slot] {
                reordered += 1
                say("order", "room \(room): message \(number) of sender \(name.slot) is behind \(last[name.slot])")
            }
            last[name.slot] = max(last[name.slot], number)
        }
        for (slot, journal) in journals.enumerated() {
            let client = plan.client(room: room, slot: slot)
            accepted += journal.accepted.count
            for number in journal.accepted where !numbers[slot].contains(number) {
                lost += 1
                say("lost", "client \(client): message \(number) was accepted and is not stored")
            }
            for number in journal.saved where !numbers[slot].contains(number) {
                say("false SAVED", "client \(client): message \(number) is not stored")
            }
            let byHand = Set(replayed.lazy.filter { $0.room == room && $0.slot == slot }.map { Int($0.number) })
            for (number, code) in journal.refused where numbers[slot].contains(number) && !byHand.contains(number) {
                say("false FAILED", "client \(client): message \(number) was refused (\(code)) and is stored")
            }
            if !kicked.contains(client), let first = journal.unanswered.first {
                say("unanswered", "client \(client): \(journal.unanswered.count) messages from \(first) on")
            }
        }
    }

    /// A subscriber got everything that is stored, each once, in order; who was put out, a beginning of it.
    private mutating func checkDeliveries(
        to client: Int, in room: Int, _ deliveries: [Delivery], _ stored: [StoredMessage]
    ) {
        let bySeq = Dictionary(stored.map { ($0.seq, $0) }) { first, _ in first }
        var next: UInt64 = 1
        for delivery in deliveries {
            if delivery.seq < next {
                doubled += 1
                say("delivery", "client \(client) got number \(delivery.seq) behind \(next - 1)")
                continue
            }
            if delivery.seq > next {
                lost += Int(delivery.seq - next)
                reordered += 1
                say("delivery", "client \(client) got number \(delivery.seq) when \(next) was due")
            }
            next = delivery.seq + 1
            guard let message = bySeq[delivery.seq] else {
                lost += 1
                say("delivery", "client \(client) got number \(delivery.seq), which room \(room) does not have")
                continue
            }
            if message.id != delivery.id, !message.isDeleted {
                reordered += 1
                say("delivery", "client \(client) got another message \(delivery.seq) than is stored in room \(room)")
            }
        }
        guard !kicked.contains(client) else { return checkKicked(client, in: room, seen: next - 1, stored) }
        let end = stored.last?.seq ?? 0
        if next <= end {
            lost += Int(end - next + 1)
            say("delivery", "client \(client) has nothing behind number \(next - 1) of \(end) in room \(room)")
        }
    }

    /// Who was put out saw at most the message that says so, which is the room's own.
    private mutating func checkKicked(_ client: Int, in room: Int, seen: UInt64, _ stored: [StoredMessage]) {
        let told = stored.first { $0.name == nil && !$0.isDeleted }
        guard let told else { return say("kick", "client \(client) was put out, and room \(room) does not say so") }
        if seen > told.seq {
            say("kick", "client \(client) was put out at number \(told.seq) and got \(seen)")
        }
    }
}
