/// A message as it lies in MongoDB.
struct StoredMessage: Sendable {
    var id: MessageKey?
    var seq: UInt64 = 0
    /// nil: said by the room itself, or without its content.
    var name: MessageName?
    var isDuplicate = false
    /// Whether it was ever changed.
    var isChanged = false
    var view = MessageView(text: "")

    var isDeleted: Bool { view.isDeleted }
    /// It keeps the number of what the store refused.
    var isPlaceholder: Bool { isDeleted && name == nil && !isDuplicate && !isChanged }
}

/// What became a dead letter, as MongoDB keeps it.
struct StoredLetter: Sendable {
    var room = 0
    var seq: UInt64 = 0
    var change: UInt64 = 0
    var id: MessageKey?
    var name: MessageName?
    var tries = 0
    var state = ""

    /// As `shoot dlq` names it.
    func text(in plan: ChaosPlan) -> String { "\(plan.rooms[room])-\(seq)-\(change)" }
}

/// What MongoDB has of some rooms.
enum StoredMessages {
    /// The messages of each room, by their numbers. May block.
    static func read(url: String, rooms: [String]) throws(BenchError) -> [[StoredMessage]] {
        try StoredDocuments.with(collection: "messages", of: url) { collection throws(BenchError) in
            var stored: [[StoredMessage]] = []
            for room in rooms {
                var found: [StoredMessage] = []
                try StoredDocuments.find(
                    #"{"roomId":{"$oid":"\#(room)"}}"#,
                    #"{"sort":{"seq":1},"projection":{"_id":1,"seq":1,"tempId":1,"isDeleted":1,"duplicateOf":1,"#
                        + #""content.text":1,"changePosition":1,"reactions":1},"readConcern":{"level":"majority"}}"#,
                    in: collection
                ) { found.append(message($0)) }
                stored.append(found)
            }
            return stored
        }
    }

    /// The dead letters of these rooms. May block.
    static func letters(url: String, rooms: [String]) throws(BenchError) -> [StoredLetter] {
        try StoredDocuments.with(collection: "deadLetters", of: url) { collection throws(BenchError) in
            var letters: [StoredLetter] = []
            for (index, room) in rooms.enumerated() {
                try StoredDocuments.find(
                    #"{"roomId":{"$oid":"\#(room)"}}"#,
                    #"{"sort":{"seq":1,"change":1},"projection":{"seq":1,"change":1,"messageId":1,"tempId":1,"#
                        + #""tries.at":1,"state":1},"readConcern":{"level":"majority"}}"#,
                    in: collection
                ) { letters.append(letter($0, room: index)) }
            }
            return letters
        }
    }

    private static func message(_ document: [StoredDocuments.Element]) -> StoredMessage {
        var message = StoredMessage()
        for element in document {
            switch element.name {
            case "_id": message.id = element.objectID
            case "seq": message.seq = element.number ?? 0
            case "tempId": message.name = element.uuid
            case "isDeleted": message.view.isDeleted = element.isTrue
            case "duplicateOf": message.isDuplicate = true
            case "changePosition": message.isChanged = true
            case "content": message.view.text = element.elements.first?.string ?? ""
            case "reactions": message.view.reactions = reactions(element)
            default: break
            }
        }
        return message
    }

    private static func reactions(_ list: StoredDocuments.Element) -> [String: [Int64]] {
        var reactions: [String: [Int64]] = [:]
        for reaction in list.elements {
            let parts = Dictionary(reaction.elements.map { ($0.name, $0) }) { $1 }
            guard let sign = parts["sign"]?.string else { continue }
            reactions[sign] = parts["userIds"]?.elements.compactMap { $0.number.map { Int64(clamping: $0) } } ?? []
        }
        return reactions
    }

    private static func letter(_ document: [StoredDocuments.Element], room: Int) -> StoredLetter {
        var letter = StoredLetter(room: room)
        for element in document {
            switch element.name {
            case "seq": letter.seq = element.number ?? 0
            case "change": letter.change = element.number ?? 0
            case "messageId": letter.id = element.objectID
            case "tempId": letter.name = element.uuid
            case "tries": letter.tries = element.elements.count
            case "state": letter.state = element.string ?? ""
            default: break
            }
        }
        return letter
    }
}
