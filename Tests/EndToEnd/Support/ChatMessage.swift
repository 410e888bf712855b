import Support

/// A message as a client knows it, live or from the history.
struct ChatMessage: Sendable, Hashable {
    let id: String
    let seq: Int
    let senderID: Int
    /// nil in what the room itself says.
    let tempID: String?
    let text: String
    let type: String

    /// Reads a message object; nil where it is none.
    init?(_ json: JSONNode) {
        guard let id = json["id"].string, let seq = json["seq"].int, let sender = json["senderId"].int,
            let text = json["content"]["text"].string, let type = json["content"]["type"].string
        else { return nil }
        self.id = id
        self.seq = seq
        senderID = sender
        tempID = json["tempId"].string
        self.text = text
        self.type = type
    }
}

/// A step of a message's life, as its sender is told it.
struct StatusStep: Sendable, Equatable {
    let tempID: String
    let status: String
    let messageID: String?
    let seq: Int?
    let errorCode: String?

    /// Reads a body of `/topic/message/status/{roomId}`; nil where it is none.
    init?(_ json: JSONNode) {
        guard let tempID = json["tempId"].string, let status = json["status"].string else { return nil }
        self.tempID = tempID
        self.status = status
        messageID = json["persistedId"].string
        seq = json["seq"].int
        errorCode = json["errorCode"].string
    }

    /// The steps of a message that goes well, in order.
    static let life = ["SENDING", "SENT_TO_STREAM", "PROCESSING", "SAVED"]
}
