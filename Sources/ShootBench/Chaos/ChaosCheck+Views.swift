/// What subscribers show of messages in the end, and what MongoDB has.
extension ChaosCheck {
    /// Who was told everything shows each message as it is stored.
    ///
    /// What was given up is another matter: who saw it before goes on showing it, who came across its number afterwards
    /// shows nothing there, and neither is told that it was replayed.
    mutating func checkViews(
        of client: Int, in room: Int, _ journal: Journal, _ stored: [StoredMessage], _ letters: [StoredLetter]
    ) {
        let given = Dictionary(
            letters.lazy.filter { $0.room == room && $0.change == 0 }.map { ($0.seq, $0) }
        ) { $1 }
        for message in stored where message.name != nil || message.isDeleted {
            guard let view = journal.views[message.seq], view != message.view else { continue }
            if let name = given[message.seq]?.name,
                view == .deleted || view.text == ChaosFrames.text(name, isPoison: true)
            {
                continue
            }
            lost += 1
            say(
                "view",
                "client \(client) shows number \(message.seq) of room \(room) as \(view), stored is \(message.view)")
        }
    }

    /// What was changed over REST is stored so.
    mutating func checkChanges(_ book: ChangeBook, _ stored: [[StoredMessage]]) {
        for (room, messages) in stored.enumerated() {
            for message in messages {
                guard let id = message.id, let expected = book.views[id], expected != message.view else { continue }
                lost += 1
                say("change", "number \(message.seq) of room \(room) is stored as \(message.view), not as \(expected)")
            }
        }
    }
}

/// How messages are to be after the changes that were answered with success.
struct ChangeBook: Sendable {
    private(set) var views: [MessageKey: MessageView] = [:]
    /// Messages of which MongoDB was to refuse a change.
    private(set) var refused: Set<MessageKey> = []

    /// Notes how a message is now.
    mutating func note(_ id: MessageKey, _ view: MessageView) { views[id] = view }

    /// Notes that MongoDB is to refuse a change of a message.
    mutating func noteRefusal(of id: MessageKey) { refused.insert(id) }
}
