import Domain

/// Editing, deleting and reacting, and looking at one message.
///
/// A message is found in MongoDB, or where it is not stored yet in the log of the room that the caller names. What is
/// found is only where the change begins: whether it is still so, and whether the actor may, is decided where the log
/// takes it.
public struct MessageChanges: Sendable {
    private let log: any ChangeLog
    private let warming: any WarmingLog
    private let messages: any MessageReader
    private let rooms: any RoomStore
    private let members: @Sendable (Message) -> [UInt8]
    private let clock: @Sendable () -> Timestamp
    private let pause: @Sendable (_ milliseconds: Int64) async -> Void

    /// How long a call waits for its change to be stored, ms.
    static let savedMilliseconds: Int64 = 1000
    /// How long a message that was sent a moment ago is waited for to be stored, ms.
    static let arrivalMilliseconds: Int64 = 1000
    /// How old a message may be, by the time in its id, to be waited for, ms: it says seconds, and clocks differ.
    static let arrivalAgeMilliseconds: Int64 = 10_000
    /// How long a change is tried again before its outcome counts as unknown, ms.
    static let retryMilliseconds: Int64 = 5000
    /// Between two looks, ms: twice as long each time, up to the larger.
    static let pauses: (first: Int64, longest: Int64) = (5, 100)

    /// - Parameters:
    ///   - members: writes what of a message a change may concern as JSON members, reactions last.
    ///   - pause: waits so many milliseconds.
    public init(
        log: any ChangeLog, warming: any WarmingLog, messages: any MessageReader, rooms: any RoomStore,
        members: @escaping @Sendable (Message) -> [UInt8], clock: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable (_ milliseconds: Int64) async -> Void
    ) {
        self.log = log
        self.warming = warming
        self.messages = messages
        self.rooms = rooms
        self.members = members
        self.clock = clock
        self.pause = pause
    }

    /// Which message is to be changed, and by whom.
    public struct Target: Sendable {
        public let id: MessageID
        /// Where the caller says it is: needed only where it is not stored yet.
        public let room: RoomID?
        public let user: UserID
        /// Asked again with the same key, the change is made once.
        public let key: TempID

        public init(id: MessageID, room: RoomID?, user: UserID, key: TempID) {
            self.id = id
            self.room = room
            self.user = user
            self.key = key
        }
    }

    /// What is to be done to a message.
    public enum Action: Sendable {
        /// Its text is to be this, trimmed and checked.
        case edit(text: String)
        case delete
        case react(sign: String)
        case unreact(sign: String)
    }

    /// A message as it is after a change.
    public struct Changed: Sendable {
        public let message: Message
        /// Whether MongoDB has it so.
        public let isStored: Bool
    }

    /// Changes a message and waits until that is stored, up to a second.
    /// - Throws: `Refusal`: `MESSAGE_NOT_FOUND`, `FORBIDDEN`, `MESSAGE_DELETED`, `TOO_MANY` reactions, `BUSY`,
    ///   `REJECTED` where it was given up, `STORE_UNAVAILABLE`, `OUTCOME_UNKNOWN`.
    public func change(_ target: Target, _ action: Action) async throws(Refusal) -> Changed {
        let deadline = clock().milliseconds + MessageChanges.retryMilliseconds
        while true {
            let base = try await find(target)
            switch try await offer(request(action, target, base), until: deadline) {
            case .changed(let message), .unchanged(let message):
                return Changed(message: message, isStored: try await isStored(message))
            case .outdated:
                guard clock().milliseconds < deadline else {
                    throw Refusal(.busy, "the message changes too fast; try again")
                }
            case .refused(let code): throw MessageChanges.refusal(code)
            }
        }
    }

    /// A message that the user may read.
    /// - Throws: `Refusal`: `MESSAGE_NOT_FOUND`, `STORE_UNAVAILABLE`.
    public func message(_ id: MessageID, for user: UserID) async throws(Refusal) -> Message {
        let found = try await answer { () async throws(StoreError) in try await messages.message(id) }
        guard let message = found?.message else { throw MessageChanges.refusal(.messageNotFound) }
        let range = try await answer { () async throws(StoreError) in
            try await rooms.readableRange(of: message.roomID, for: user)
        }
        guard let range, message.seq > range.joinedSeq, message.seq <= range.lastSeq else {
            throw MessageChanges.refusal(.messageNotFound)
        }
        return message
    }

    private func request(_ action: Action, _ target: Target, _ base: StoredMessage) -> ChangeRequest {
        let step: ChangeRequest.Action =
            switch action {
            case .edit(let text):
                .edit(members: members(base.message.bare(text: text, mentions: base.message.mentions)))
            case .delete: .delete(members: members(base.message.bare(text: "", mentions: [])))
            case .react(let sign): .react(sign)
            case .unreact(let sign): .unreact(sign)
            }
        return ChangeRequest(
            action: step, actor: target.user, key: target.key, base: base, baseMembers: members(base.message))
    }

    /// Offers the change to the log until there is an answer. Repeating it is safe: it has a key of its own.
    private func offer(_ request: ChangeRequest, until deadline: Int64) async throws(Refusal) -> ChangeOutcome {
        var mayBeDone = false
        while true {
            let cause: RoomLogError
            do throws(RoomLogError) {
                return try await log.change(request)
            } catch {
                cause = error
            }
            switch cause {
            case .cold: try await warm(request.base.message.roomID)
            case .failed, .noGroup, .stale: throw Refusal(.internalError, "the room log answered with an error")
            case .unavailable, .outcomeUnknown:
                mayBeDone = mayBeDone || cause == .outcomeUnknown
                await pause(MessageChanges.pauses.longest)
            }
            guard clock().milliseconds < deadline else {
                throw mayBeDone
                    ? Refusal(.outcomeUnknown, "the change may have been made; ask again with the same requestId")
                    : Refusal(.storeUnavailable, "the room log is out of reach; try again")
            }
        }
    }

    private func find(_ target: Target) async throws(Refusal) -> StoredMessage {
        var wait = MessageChanges.pauses.first
        let begun = clock().milliseconds
        while true {
            let stored = try await answer { () async throws(StoreError) in try await messages.message(target.id) }
            if let stored { return stored }
            if let room = target.room, let found = try await unsaved(target.id, of: room) { return found }
            let now = clock().milliseconds
            guard now - begun < MessageChanges.arrivalMilliseconds,
                now - target.id.milliseconds < MessageChanges.arrivalAgeMilliseconds
            else { throw MessageChanges.refusal(.messageNotFound) }
            await pause(wait)
            wait = min(wait * 2, MessageChanges.pauses.longest)
        }
    }

    private func unsaved(_ id: MessageID, of room: RoomID) async throws(Refusal) -> StoredMessage? {
        do throws(RoomLogError) {
            return try await log.unsaved(id, of: room)
        } catch {
            switch error {
            case .cold: return nil
            case .stale, .noGroup, .unavailable, .outcomeUnknown, .failed:
                throw Refusal(.storeUnavailable, "the room log is out of reach; try again")
            }
        }
    }

    /// Whether everything up to the message's last change is stored, waiting a while for it.
    /// - Throws: `REJECTED` where that change was given up: it is not stored then, though what followed it is.
    private func isStored(_ message: Message) async throws(Refusal) -> Bool {
        guard await isPassed(message) else { return false }
        let stored: StoredMessage?
        do throws(StoreError) {
            stored = try await messages.message(message.id)
        } catch {
            return false
        }
        guard let stored, stored.message.changed >= message.changed else {
            throw Refusal(.rejected, "the store refuses the message as it would be; it stays as it was")
        }
        return true
    }

    /// Whether the saved position has passed the message's last change, waiting a while for it.
    private func isPassed(_ message: Message) async -> Bool {
        let deadline = clock().milliseconds + MessageChanges.savedMilliseconds
        var wait = MessageChanges.pauses.first
        while true {
            do throws(RoomLogError) {
                if try await log.savedPosition(of: message.roomID) >= message.changed { return true }
            } catch {
                // A room that has left Redis is stored whole.
                if error == .cold { return true }
            }
            guard clock().milliseconds < deadline else { return false }
            await pause(wait)
            wait = min(wait * 2, MessageChanges.pauses.longest)
        }
    }

    private func warm(_ room: RoomID) async throws(Refusal) {
        let isThere: Bool
        do throws(RoomLogError) {
            isThere = try await warming.warm(room, from: rooms)
        } catch {
            throw Refusal(.storeUnavailable, "the room log is out of reach; try again")
        }
        guard isThere else { throw MessageChanges.refusal(.messageNotFound) }
    }

    private static func refusal(_ code: ErrorCode) -> Refusal {
        switch code {
        // Who is not in a room does not learn what is in it.
        case .messageNotFound, .notParticipant:
            Refusal(.messageNotFound, "there is no such message, or you may not read it; a new one needs its roomId")
        case .forbidden: Refusal(.forbidden, "only its sender edits a message; admins of the room delete it, too")
        case .messageDeleted: Refusal(.messageDeleted, "the message has been deleted")
        case .tooMany:
            Refusal(
                .tooMany,
                "a message has at most \(ReactionRules.maxSigns) different reactions, "
                    + "\(ReactionRules.maxReactions) in all")
        case .busy: Refusal(.busy, "the room has too much that is not stored yet; try again")
        default: Refusal(code, "the room did not take the change; try again")
        }
    }
}

extension Message {
    /// Its content with another text, and what belongs to it besides reactions.
    fileprivate func bare(text: String, mentions: [UserID]) -> Message {
        Message(
            id: id, roomID: roomID, seq: seq, senderID: senderID, tempID: tempID,
            content: MessageContent(text: text, kind: content.kind), replyTo: replyTo, threadID: threadID,
            mentions: mentions, createdAt: createdAt)
    }
}

extension ObjectID {
    /// The time in it, ms since 1970, to the second.
    fileprivate var milliseconds: Int64 { Int64(seconds) * 1000 }
}
