import Application
import Bytes
import Domain
import WireProtocols

/// Entries that can't be stored.
extension RedisPersistLog {
    /// Bytes that are kept of why a try failed: what MongoDB says first tells what it is about.
    private static let maxCauseBytes = 500

    public func count(_ failures: [FailedEntry], token: String) async throws(RoomLogError) -> [[FailedTry]?] {
        let keys = self.keys
        return try await all(failures) { connection, failure, done in
            connection.eval(RoomScripts.refuse, keys: 2, arguments: 3) { writer in
                writer.bulk(.lock, of: failure.id.roomID, keys)
                writer.bulk(.tries, of: failure.id.roomID, keys)
                writer.bulk(utf8: token)
                writer.bulk(failure.id.position)
                writer.bulk(Self.line(failure.cause))
            } completion: { result in
                done(result.map { $0.isNull ? nil : Self.tries($0) })
            }
        }
    }

    public func bury(_ letters: [DeadLetter], code: ErrorCode, token: String) async throws(RoomLogError) {
        let (keys, kept) = (self.keys, options.deadLettersPerShard)
        _ = try await all(letters) { connection, letter, done in
            let room = letter.id.roomID
            connection.eval(RoomScripts.bury, keys: 9, arguments: 10) { writer in
                for key in [RoomKeys.RoomKey.lock, .state, .log, .seen0, .seen1, .tries] {
                    writer.bulk(key, of: room, keys)
                }
                writer.bulk(keys.name(.deadLetters, of: keys.shards.shard(of: room)))
                writer.bulk(.changed0, of: room, keys)
                writer.bulk(.changed1, of: room, keys)
                writer.bulk(utf8: token)
                writer.bulk(letter.id.position)
                writer.bulk(room.hexBytes)
                writer.bulk(utf8: code.rawValue)
                writer.bulk(Self.line(letter.tries.last?.cause ?? ""))
                writer.bulk(.channel, of: room, keys)
                writer.bulk(decimal: kept)
                writer.bulk(letter.origin?.messageID.hexBytes ?? [])
                writer.bulk(utf8: letter.origin.map { "\($0.senderID)" } ?? "")
                writer.bulk(letter.origin?.tempID?.textBytes ?? [])
            } completion: {
                done($0.map { $0.integer ?? 0 })
            }
        }
    }

    /// The tries of one entry, as refuse.lua writes them.
    static func tries(_ reply: RESPReply) -> [FailedTry] {
        reply.string.split(separator: "\n").map { line in
            let time = line.prefix { $0 != " " }
            return FailedTry(
                at: Timestamp(milliseconds: Int64(time) ?? 0), cause: String(line.dropFirst(time.count + 1)))
        }
    }

    /// What was wrong on one line, cut where it is long; a character that was cut in two is repaired when it is read.
    private static func line(_ text: String) -> [UInt8] {
        text.utf8.prefix(maxCauseBytes).map { $0 < UInt8(ascii: " ") ? UInt8(ascii: " ") : $0 }
    }
}
