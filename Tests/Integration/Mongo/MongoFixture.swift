import Application
import Domain
import Launcher
import Mongo
import Support
import Synchronization

/// A database of a test's own, with the schema made.
struct MongoFixture {
    let mongo: MongoClientPool
    let rooms: MongoRoomStore
    let messages: MongoMessageStore
    let url: String

    static let time = Timestamp(milliseconds: 1_700_000_000_000)

    /// Runs `body` with a fresh database and takes the connections down again.
    static func with(_ body: (MongoFixture) async throws -> Void) async throws {
        let url = try await TestServers.shared.freshMongoURL()
        let mongo = try MongoClientPool(MongoConfiguration(uri: url, threads: 8))
        do {
            try await MongoSchema.migrate(mongo)
            try await body(
                MongoFixture(
                    mongo: mongo, rooms: MongoRoomStore(mongo), messages: MongoMessageStore(mongo), url: url))
        } catch {
            await mongo.shutdown()
            throw error
        }
        await mongo.shutdown()
    }

    /// An id that no other call gives.
    static func newID() -> ObjectID {
        ObjectID(seconds: 1_700_000_000, process: 1, counter: counter.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    private static let counter = Atomic<UInt32>(0)

    /// A client's own id made of a number.
    static func tempID(_ number: Int) -> TempID {
        let digits = String(number, radix: 16)
        let text = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        guard let id = TempID(text) else { preconditionFailure("cannot make a temp id of \(number)") }
        return id
    }

    /// A message of `room` with this number; its `tempId` is made of the number unless another is given.
    static func message(
        _ seq: UInt64, in room: RoomID, by sender: UserID = 1, tempID: TempID? = nil, text: String = "hello"
    ) -> Message {
        Message(
            id: newID(), roomID: room, seq: seq, senderID: sender, tempID: tempID ?? Self.tempID(Int(seq)),
            content: MessageContent(text: text, kind: .text),
            createdAt: Timestamp(milliseconds: time.milliseconds + Int64(seq)))
    }

    /// The same message as its gateway's repeat brings it, at another number.
    static func again(_ message: Message, at seq: UInt64) -> Message {
        Message(
            id: message.id, roomID: message.roomID, seq: seq, senderID: message.senderID, tempID: message.tempID,
            content: message.content, createdAt: message.createdAt)
    }

    /// What keeps the number of a message that could not be stored.
    static func placeholder(for message: Message) -> Message {
        Message(
            id: message.id, roomID: message.roomID, seq: message.seq, senderID: message.senderID, tempID: nil,
            content: MessageContent(text: "", kind: .system), createdAt: message.createdAt, isDeleted: true)
    }

    /// Makes MongoDB refuse messages with this text in this database.
    func refuseMessages(containing marker: String) async throws {
        let server = try await TestServers.shared.stack.mongo
        let database = url.split(separator: "/").last?.split(separator: "?").first.map(String.init) ?? ""
        try await blocking { try server?.refuseMessages(containing: marker, database: database) }
    }

    /// A group of user 1 and `members` with nothing said in it.
    func group(of members: [UserID] = [2, 3], active time: Timestamp = MongoFixture.time) async throws -> Room {
        try await rooms.createGroup(
            id: MongoFixture.newID(), title: "Group", owner: 1, participantIDs: members, at: time)
    }

    /// Stores messages 1 to `count` of a room and moves the room on to them.
    func fill(_ room: RoomID, count: UInt64) async throws {
        let batch = (1...count).map { MongoFixture.message($0, in: room) }
        _ = try await messages.insert(batch)
        try await messages.advance([
            RoomProgress(
                roomID: room, position: Position(seq: count), lastMessage: batch.last.map(LastMessage.init(of:)),
                readBySenders: [1: count])
        ])
    }
}

extension UserID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(rawValue: value) }
}

extension LastMessage {
    /// A message in short.
    init(of message: Message) {
        self.init(
            id: message.id, seq: message.seq, senderID: message.senderID, text: message.content.text,
            createdAt: message.createdAt, changed: message.changed)
    }
}
