import Application
import Bytes
import Domain
import EventLoop
import WireProtocols

/// One loop's side of what gateways keep of users together, over two connections of that loop.
public final class RedisUserLedger: UserLedger {
    public var onReplaced: ((UInt64) -> Void)?
    public var onRecall: ((UserID) -> Void)?

    private let connection: RedisConnection
    private let subscriber: RedisSubscriber
    private let options: Options

    /// What a ledger is set up with.
    public struct Options: Sendable {
        /// Names this loop of this run of this gateway: `<gateway id>:<boot id>:<loop>`.
        public var loop: String
        /// Sessions that a user may have.
        public var sessions = 3
        /// Messages that a user may send in a minute.
        public var messagesPerMinute = 60
        /// After how long a session that its gateway does not note again counts as dead, ms.
        public var sessionMilliseconds: UInt64 = 30_000

        public init(loop: String) { self.loop = loop }
    }

    /// Takes over both connections, which live on one loop and have been begun. Call on that loop.
    public init(connection: RedisConnection, subscriber: RedisSubscriber, options: Options) {
        self.connection = connection
        self.subscriber = subscriber
        self.options = options
        subscriber.delegate = self
        listen()
    }

    public func note(
        session: UInt64, of user: UserID, isNew: Bool,
        completion: @escaping (Result<SessionStanding, UserLedgerError>) -> Void
    ) {
        let options = self.options
        eval(UserScripts.session, UserKeys.sessions(of: user), arguments: 4) { writer in
            writer.bulk(utf8: "\(options.loop):\(session)")
            writer.bulk(decimal: Int64(options.sessions))
            writer.bulk(decimal: options.sessionMilliseconds)
            writer.bulk(isNew ? "1" : "0")
        } completion: { reply in
            completion(reply.flatMap { $0.integer == 0 ? .success(.replaced) : .success(.admitted) })
        }
    }

    public func forget(session: UInt64, of user: UserID) {
        connection.send { writer in
            writer.command(3)
            writer.bulk("HDEL")
            writer.bulk(UserKeys.sessions(of: user))
            writer.bulk(utf8: "\(options.loop):\(session)")
        } completion: { _ in
            // Where Redis is away it counts as dead a little later.
        }
    }

    public func takeLot(
        of user: UserID, needed: Int, completion: @escaping (Result<AllowanceLot, UserLedgerError>) -> Void
    ) {
        let options = self.options
        eval(UserScripts.lot, UserKeys.allowance(of: user), arguments: 4) { writer in
            writer.bulk(decimal: Int64(options.messagesPerMinute))
            writer.bulk(decimal: Int64(needed))
            writer.bulk(utf8: options.loop)
            writer.bulk(decimal: user.rawValue)
        } completion: { reply in
            completion(
                reply.flatMap { reply in
                    guard reply.count == 3, let count = reply[0].decimal, let minute = reply[1].decimal,
                        let milliseconds = reply[2].decimal
                    else { return .failure(UserLedgerError("lot.lua answered no count, minute and ms")) }
                    return .success(
                        AllowanceLot(count: Int(clamping: count), minute: minute, milliseconds: milliseconds))
                })
        }
    }

    public func giveBack(_ count: Int, of user: UserID, minute: UInt64) {
        let loop = options.loop
        eval(UserScripts.giveBack, UserKeys.allowance(of: user), arguments: 3) { writer in
            writer.bulk(decimal: Int64(count))
            writer.bulk(decimal: minute)
            writer.bulk(utf8: loop)
        } completion: { _ in
            // Where Redis is away it is lost to the user until the minute is over.
        }
    }

    /// A limit must not hold up what it limits: it is asked for a shorter time than the rest.
    private func eval(
        _ script: RedisScript, _ key: [UInt8], arguments: Int, _ encode: @escaping (inout RESPWriter) -> Void,
        completion: @escaping (Result<RESPReply, UserLedgerError>) -> Void
    ) {
        connection.eval(
            script, keys: 1, arguments: arguments, timeoutMilliseconds: RedisLimits.ledgerMilliseconds
        ) { writer in
            writer.bulk(key)
            encode(&writer)
        } completion: { result in
            completion(result.mapError { UserLedgerError("\($0)") })
        }
    }

    private func listen() {
        subscriber.subscribe(UserKeys.channel(of: options.loop)) { [weak self] result in
            guard let self, case .failure = result else { return }
            _ = connection.loop.schedule(afterMilliseconds: RedisLimits.ledgerMilliseconds) { [weak self] in
                self?.listen()
            }
        }
    }
}

extension RedisUserLedger: RedisSubscriberDelegate {
    public func subscriber(_ subscriber: RedisSubscriber, received payload: Span<UInt8>, on channel: Span<UInt8>) {
        guard payload.count > 2, let number = payload.extracting(2..<payload.count).decimal() else { return }
        switch payload[0] {
        case UInt8(ascii: "e"): onReplaced?(number)
        case UInt8(ascii: "r"): onRecall?(UserID(rawValue: Int64(clamping: number)))
        default: break
        }
    }

    // What was missed is made up for: sessions are noted again, and lots end with their minute.
    public func subscriberIsUp(_ subscriber: RedisSubscriber, again: Bool) {}

    public func subscriberIsDown(_ subscriber: RedisSubscriber) {}

    public func subscriber(_ subscriber: RedisSubscriber, restored channel: RedisChannel) {}

    public func subscriber(_ subscriber: RedisSubscriber, lost channel: RedisChannel, error: RedisError) { listen() }

    public func subscriberMissedProbe(_ subscriber: RedisSubscriber) {}
}
