import Application
import Bytes
import Domain
import WireProtocols

/// What goes over a room's channel only.
extension RedisRoomLog {
    public func tellTyping(
        _ isTyping: Bool, of user: UserID, in room: RoomID,
        completion: @escaping (Result<TypingOutcome, RoomLogError>) -> Void
    ) {
        let keys = self.keys
        connection.eval(RoomScripts.typing, keys: 2, arguments: 4) { writer in
            writer.bulk(.members, of: room, keys)
            writer.bulk { out in
                keys.append(.typing, of: room, to: &out)
                out.append(ASCII.colon)
                out.append(decimal: user.rawValue)
            }
            writer.bulk(decimal: user.rawValue)
            writer.bulk(isTyping ? "1" : "0")
            writer.bulk(.channel, of: room, keys)
            writer.bulk(decimal: TypingLimits.pauseMilliseconds)
        } completion: { result in
            completion(
                RedisRoomLog.answer(result, expecting: "from typing.lua a number") {
                    $0.integer.map(TypingOutcome.init)
                })
        }
    }
}

extension TypingOutcome {
    /// What typing.lua answers.
    init(_ reply: Int64) {
        switch reply {
        case 0: self = .told
        case ..<0: self = .notParticipant
        default: self = .tooSoon(milliseconds: UInt64(reply))
        }
    }
}
