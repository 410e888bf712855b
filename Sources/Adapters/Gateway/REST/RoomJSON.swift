import Application
import Bytes
import Domain

/// Writes rooms as the REST API gives them.
enum RoomJSON {
    /// A room with its first participants, the newest message and the asking user's own marks.
    static func write(_ summary: RoomSummary, names: [UserID: UserSummary], into out: inout ByteWriter) {
        let room = summary.room
        out.append("{\"id\":\"")
        out.append(room.id.hexBytes)
        out.append("\",\"type\":\"")
        out.append(utf8: room.type.rawValue)
        out.append("\",\"title\":")
        out.append(jsonStringOrNull: room.title)
        out.append(",\"participants\":[")
        for (index, participant) in summary.participants.enumerated() {
            if index > 0 {
                out.append(ASCII.comma)
            }
            write(participant, names: names, into: &out)
        }
        out.append("],\"lastMessage\":")
        if let message = room.lastMessage {
            write(message, into: &out)
        } else {
            out.append("null")
        }
        out.append(",\"lastSeq\":")
        out.append(decimal: room.lastSeq)
        out.append(",\"unreadCount\":")
        out.append(decimal: summary.unreadCount)
        out.append(summary.own.favorite ? ",\"favorite\":true" : ",\"favorite\":false")
        out.append(summary.own.muted ? ",\"muted\":true" : ",\"muted\":false")
        out.append(",\"lastActiveAt\":\"")
        out.append(room.lastActiveAt.rfc3339)
        out.append("\"}")
    }

    /// A participant; the nickname is the one in this room, else the user's own, null where it cannot be had.
    static func write(_ participant: Participant, names: [UserID: UserSummary], into out: inout ByteWriter) {
        out.append("{\"userId\":")
        out.append(decimal: participant.userID.rawValue)
        out.append(",\"nickname\":")
        out.append(jsonStringOrNull: participant.nickname ?? names[participant.userID]?.nickname.text)
        out.append(",\"role\":\"")
        out.append(utf8: participant.role.rawValue)
        out.append("\",\"lastReadSeq\":")
        out.append(decimal: participant.lastReadSeq)
        out.append("}")
    }

    private static func write(_ message: LastMessage, into out: inout ByteWriter) {
        out.append("{\"id\":\"")
        out.append(message.id.hexBytes)
        out.append("\",\"seq\":")
        out.append(decimal: message.seq)
        out.append(",\"senderId\":")
        out.append(decimal: message.senderID.rawValue)
        out.append(",\"text\":")
        out.append(jsonString: message.text)
        out.append(",\"createdAt\":\"")
        out.append(message.createdAt.rfc3339)
        out.append("\"}")
    }
}

extension ByteWriter {
    /// Appends a JSON string, or `null`.
    mutating func append(jsonStringOrNull text: String?) {
        if let text {
            append(jsonString: text)
        } else {
            append("null")
        }
    }
}
