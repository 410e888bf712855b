/// What is held against each other where MongoDB refuses messages: dead letters, placeholders, and what senders were told.
extension ChaosCheck {
    /// Tries after which a message is given up.
    private static let tries = 3

    /// Whoever's message was refused was told so; a placeholder is at its number, or since its replay the message itself.
    /// A change that was refused is given up without more.
    mutating func checkLetters(
        _ letters: [StoredLetter], _ journals: [Journal], _ stored: [[StoredMessage]], _ changes: ChangeBook
    ) {
        let changed = Set(letters.lazy.filter { $0.change > 0 }.compactMap(\.id))
        if changed != changes.refused {
            say(
                "dead letter",
                "changes of \(changes.refused.count) messages were to be refused, not of \(changed.count)")
        }
        var found: [MessageName: Int] = [:]
        for letter in letters where letter.change == 0 || letter.id == nil {
            let place = "number \(letter.seq)-\(letter.change) of room \(letter.room)"
            guard let name = letter.name, plan.hasClient(room: name.room, slot: name.slot),
                case let client = plan.client(room: name.room, slot: name.slot),
                journals[client].poisoned.contains(Int(name.number))
            else {
                say("dead letter", "\(place) was given up, and is nothing that MongoDB was to refuse")
                continue
            }
            found[name, default: 0] += 1
            if letter.tries != Self.tries {
                say("dead letter", "\(place) was given up after \(letter.tries) tries")
            }
            let told = journals[client].rejected.union(journals[client].untold)
            if !told.contains(Int(name.number)) {
                say("dead letter", "client \(client) was not told that its message \(name.number) failed")
            }
            check(letter, against: stored[letter.room].first { $0.seq == letter.seq }, place)
        }
        // What had no answer when its connection ended may have been sent again after it was given up.
        for (name, count) in found
        where count > 1 && journals[plan.client(room: name.room, slot: name.slot)].moves == 0 {
            say("dead letter", "message \(name.text) was given up \(count) times")
        }
        let all = found.values.reduce(0, +)
        let poisoned = journals.reduce(0) { $0 + $1.poisoned.count }
        if all < poisoned {
            say("dead letter", "\(poisoned) messages were to be refused, and \(all) were given up")
        }
        checkPlaceholders(letters, stored)
    }

    private mutating func check(_ letter: StoredLetter, against message: StoredMessage?, _ place: String) {
        let isReplayed = letter.state == "REPLAYED"
        let holds =
            if let message, message.id == letter.id {
                isReplayed ? message.name == letter.name && !message.isDeleted : message.isPlaceholder
            } else {
                false
            }
        if !holds {
            lost += 1
            let missing = isReplayed ? "its message" : "a placeholder"
            say("dead letter", "\(place) is \(letter.state), and \(missing) is not there")
        }
    }

    private mutating func checkPlaceholders(_ letters: [StoredLetter], _ stored: [[StoredMessage]]) {
        for (room, messages) in stored.enumerated() {
            let given = Set(letters.lazy.filter { $0.room == room && $0.change == 0 }.map(\.seq))
            for message in messages where message.isPlaceholder && !given.contains(message.seq) {
                lost += 1
                say("dead letter", "number \(message.seq) of room \(room) is a placeholder for nothing")
            }
        }
    }
}
