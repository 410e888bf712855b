import Application
import Domain

/// Reads a room's messages along their numbers.
///
/// A page never passes over a number that is not stored yet. A hole may also be one that the room declares: only where
/// a page has a hole is the room asked for its jumps.
struct MessageHistory {
    private let room: RoomID
    private let limit: Int

    /// The history of `room` in pages of `limit`, at most `MongoLimits.maxPage`.
    init(room: RoomID, limit: Int) {
        self.room = room
        self.limit = limit.clamped(to: MongoLimits.maxPage)
    }

    /// Messages below `seq` (nil: from what the room has saved) and above `floor`, newest first. May block.
    func page(
        before seq: UInt64?, above floor: UInt64, _ client: borrowing MongoClient
    ) throws(MongoError) -> [Message] {
        var end = seq ?? 0
        if seq == nil {
            guard let state = try state(client) else { return [] }
            end = state.lastSeq + 1
        }
        let messages = try messages(from: floor, to: end, direction: -1, client)
        var run = Jumps.none.run(of: messages, before: end, number: \.seq)
        if run.count < messages.count, let jumps = try state(client)?.jumps {
            run = jumps.run(of: messages, before: end, number: \.seq)
        }
        return Array(run)
    }

    /// Messages above `seq`, oldest first. May block.
    func page(after seq: UInt64, _ client: borrowing MongoClient) throws(MongoError) -> [Message] {
        let messages = try messages(from: seq, to: UInt64(Int64.max), direction: 1, client)
        var run = Jumps.none.run(of: messages, after: seq, number: \.seq)
        if run.count < messages.count, let jumps = try state(client)?.jumps {
            run = jumps.run(of: messages, after: seq, number: \.seq)
        }
        return Array(run)
    }

    /// Messages with numbers in `seqs` whose last change lies in `range`, in order of these changes. May block.
    func changed(
        in range: ChangeRange, numbered seqs: ClosedRange<UInt64>, _ client: borrowing MongoClient
    ) throws(MongoError) -> [Message] {
        let filter = BSONDocument { filter in
            filter.append("roomId", room)
            filter.append("changePosition") { position in
                position.append("$gt") { RoomDocument.write(range.after, into: &$0) }
                position.append("$lte") { RoomDocument.write(range.through, into: &$0) }
            }
            filter.append("seq") { seq in
                seq.append("$gte", seqs.lowerBound)
                seq.append("$lte", seqs.upperBound)
            }
        }
        let sort = BSONDocument { sort in
            sort.append("roomId", int32: 1)
            sort.append("changePosition", int32: 1)
        }
        let documents = try client.collection(.messages).find(filter, FindOptions(sort: sort, limit: limit))
        return try decoding { () throws(BSONError) in try documents.map(MessageDocument.message) }
    }

    /// Up to which position everything of a room is stored; nil where there is no such room. May block.
    static func savedPosition(
        of room: RoomID, _ client: borrowing MongoClient
    ) throws(MongoError) -> Position? {
        let found = try client.collection(.rooms).findOne(
            BSONDocument { $0.append("_id", room) }, projection: BSONDocument { $0.append("savedPosition", int32: 1) })
        guard let found else { return nil }
        return try decoding { () throws(BSONError) in try RoomDocument.savedPosition(found) }
    }

    /// A message; nil where there is none. May block.
    static func message(_ id: MessageID, _ client: borrowing MongoClient) throws(MongoError) -> Message? {
        guard let found = try client.collection(.messages).findOne(BSONDocument { $0.append("_id", id) }) else {
            return nil
        }
        return try decoding { () throws(BSONError) in try MessageDocument.message(found) }
    }

    /// The messages with numbers between `from` and `end`, both left out.
    private func messages(
        from: UInt64, to end: UInt64, direction: Int32, _ client: borrowing MongoClient
    ) throws(MongoError) -> [Message] {
        let filter = BSONDocument { filter in
            filter.append("roomId", room)
            filter.append("seq") { seq in
                seq.append("$gt", from)
                seq.append("$lt", end)
            }
        }
        let sort = BSONDocument { sort in
            sort.append("roomId", int32: direction)
            sort.append("seq", int32: direction)
        }
        let documents = try client.collection(.messages).find(filter, FindOptions(sort: sort, limit: limit))
        return try decoding { () throws(BSONError) in try documents.map(MessageDocument.message) }
    }

    private func state(_ client: borrowing MongoClient) throws(MongoError) -> (lastSeq: UInt64, jumps: Jumps)? {
        let projection = BSONDocument { fields in
            fields.append("lastSeq", int32: 1)
            fields.append("jumps", int32: 1)
        }
        let found = try client.collection(.rooms).findOne(
            BSONDocument { $0.append("_id", room) }, projection: projection)
        guard let found else { return nil }
        return try decoding { () throws(BSONError) in
            (try found.value("lastSeq", as: \.uint64), try RoomDocument.jumps(found))
        }
    }
}

extension Int {
    /// The number as the limit of a page: at least 1, at most `maximum`.
    func clamped(to maximum: Int) -> Int { Swift.max(1, Swift.min(self, maximum)) }
}
