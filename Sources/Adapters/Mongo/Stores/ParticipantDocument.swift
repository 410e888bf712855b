import Domain

/// A user's place in a room as it lies in `participants`.
enum ParticipantDocument {
    /// Writes what a new participant has besides the `_id`.
    static func writeFields(
        _ participant: Participant, of room: RoomID, version: UInt64, into writer: inout BSONWriter
    ) {
        writer.append("roomId", room)
        writer.append("userId", participant.userID)
        writer.append("role", participant.role.rawValue)
        writer.append("joinedAt", participant.joinedAt)
        writer.append("joinedSeq", participant.joinedSeq)
        writer.append("lastReadSeq", participant.lastReadSeq)
        writer.append("favorite", bool: participant.favorite)
        writer.append("muted", bool: participant.muted)
        if let nickname = participant.nickname {
            writer.append("nickname", nickname)
        }
        writer.append("version", version)
    }

    /// Writes the `_id` of a user's place in a room.
    static func writeID(_ user: UserID, of room: RoomID, into writer: inout BSONWriter) {
        writer.append("_id") { id in
            id.append("room", room)
            id.append("user", user)
        }
    }

    /// Finds a user's place in a room.
    static func filter(_ user: UserID, of room: RoomID) -> BSONDocument {
        BSONDocument { writeID(user, of: room, into: &$0) }
    }

    /// Reads a participant.
    static func participant(_ document: BSONDocument) throws(BSONError) -> Participant {
        Participant(
            userID: try document.value("userId", as: \.userID),
            role: try document.value("role", as: { $0.string.flatMap(Role.init(rawValue:)) }),
            joinedAt: try document.value("joinedAt", as: \.timestamp),
            joinedSeq: try document.value("joinedSeq", as: \.uint64),
            lastReadSeq: try document.value("lastReadSeq", as: \.uint64),
            favorite: try document.valueIfPresent("favorite", as: \.bool) ?? false,
            muted: try document.valueIfPresent("muted", as: \.bool) ?? false,
            nickname: try document.valueIfPresent("nickname", as: \.string))
    }
}
