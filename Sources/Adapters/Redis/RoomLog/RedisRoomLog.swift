import Application
import Bytes
import Domain
import EventLoop
import WireProtocols

/// A gateway's side of the room logs, over two connections of one loop: one for commands, one that hears rings.
public final class RedisRoomLog: RoomLog {
    /// Called with every ring of a room that is open; with nil where rings of it may have been missed.
    public var onRing: ((RoomID, Ring?) -> Void)?

    let connection: RedisConnection
    let keys: RoomKeys
    let group: [UInt8]
    let maxEntries: UInt64
    private let subscriber: RedisSubscriber
    /// For messages alone where replicas are waited for, which blocks it; else `connection`.
    private let publisher: RedisConnection
    private let confirmation: ReplicaConfirmation?
    private let probe: RoomLogProbe?
    private let backlogLimit: UInt64
    private let rememberMilliseconds: UInt64
    private let messagesPerMinute: UInt64
    /// Rooms of which an opening is under way, each with those that ask meanwhile.
    var opening: [RoomID: [OpenRequest]] = [:]
    /// Rooms that were closed while an opening of them was under way, each with those that wait for it.
    var closing: [RoomID: [() -> Void]] = [:]
    /// Rooms that were closed while Redis was away: the group may still be there.
    var leftBehind: Set<RoomID> = []
    private let isMemoryShort: @Sendable () -> Bool
    /// Rooms whose rings are wanted.
    private(set) var listening: Set<RoomID> = []
    /// Of these, rooms whose rings may have been missed, and that are still to be rung.
    private var toRing: [RoomID] = []

    /// What a room log is set up with.
    public struct Options: Sendable {
        /// Names this run of this gateway: `<gateway id>:<boot id>`.
        public var gateway: String
        /// Entries of one room that may be unsaved before sends are refused.
        public var backlogLimit: UInt64 = 10_000
        /// How long a temp id is remembered, ms.
        public var rememberMilliseconds: UInt64 = 600_000
        /// Messages that a room takes in a minute; 0: any number.
        public var messagesPerMinute: UInt64 = 0
        /// Entries read of one room at a time.
        public var maxEntries = 1024
        /// Whether Redis has so little memory left that only repeats are answered.
        public var isMemoryShort: @Sendable () -> Bool = { false }
        /// Replicas of Redis that must have a message before its sender is answered.
        public var waitReplicas = 0
        /// How long they have for it, ms.
        public var waitMilliseconds: UInt64 = 1000

        public init(gateway: String) { self.gateway = gateway }
    }

    /// Takes over the connections, which live on one loop. Call on that loop.
    ///
    /// - Parameters:
    ///   - publisher: a connection for messages alone, which is needed where replicas are waited for.
    ///   - probe: is told of its rings, and ends with the log.
    public init(
        connection: RedisConnection, subscriber: RedisSubscriber, publisher: RedisConnection? = nil,
        probe: RoomLogProbe? = nil, shards: ShardMap, options: Options
    ) {
        precondition(
            options.waitReplicas == 0 || publisher != nil, "cannot wait for replicas when reads share the connection")
        self.connection = connection
        self.subscriber = subscriber
        self.publisher = publisher ?? connection
        self.probe = probe
        confirmation =
            options.waitReplicas == 0
            ? nil
            : ReplicaConfirmation(
                publisher ?? connection,
                ReplicaConfirmation.Demand(
                    replicas: options.waitReplicas, milliseconds: options.waitMilliseconds))
        keys = RoomKeys(shards: shards)
        group = Array("gw:\(options.gateway)".utf8)
        backlogLimit = options.backlogLimit
        rememberMilliseconds = options.rememberMilliseconds
        messagesPerMinute = options.messagesPerMinute
        maxEntries = UInt64(options.maxEntries)
        isMemoryShort = options.isMemoryShort
        publisher?.scripts = [RoomScripts.publish]
        connection.scripts = RoomScripts.ofGateways
        subscriber.delegate = self
        // Rings that came while commands could not be sent led to nothing.
        connection.stateChanged = { [weak self] isReady in
            if isReady {
                self?.ringAll()
                self?.closeLeftBehind()
            }
        }
    }

    public var readsFollowPublishes: Bool { publisher === connection }

    public func publish(
        _ units: [[OutgoingMessage]], to room: RoomID,
        completion: @escaping (Result<[PublishOutcome], RoomLogError>) -> Void
    ) {
        let (keys, backlogLimit, remember) = (self.keys, self.backlogLimit, rememberMilliseconds)
        let isMemoryShort = isMemoryShort()
        let messagesPerMinute = self.messagesPerMinute
        let ids = units.flatMap { $0.map(\.id) }
        publisher.eval(RoomScripts.publish, keys: 6, arguments: 6 + 7 * ids.count) { writer in
            for key in [RoomKeys.RoomKey.state, .log, .members, .seen0, .seen1] {
                writer.bulk(key, of: room, keys)
            }
            let shard = keys.shards.shard(of: room)
            writer.bulk(keys.name(.ready, of: shard))
            writer.bulk(room.hexBytes)
            writer.bulk(decimal: backlogLimit)
            writer.bulk(.channel, of: room, keys)
            writer.bulk(keys.name(.persisterChannel, of: shard))
            writer.bulk(decimal: remember)
            writer.bulk(decimal: messagesPerMinute)
            for unit in units {
                for (index, message) in unit.enumerated() {
                    writer.bulk(decimal: message.senderID.rawValue)
                    writer.bulk(message.tempID.textBytes)
                    writer.bulk(message.id.hexBytes)
                    writer.bulk(message.members)
                    writer.bulk(decimal: UInt64(unit.count - 1 - index))
                    writer.bulk(message.trace?.traceparent ?? [])
                    let refusal = isMemoryShort ? PublishRefusal.memory : message.onlyIfRepeat
                    writer.bulk(utf8: refusal?.rawValue ?? "")
                }
            }
        } completion: { [confirmation] result in
            let answer = RedisRoomLog.answer(result, expecting: "from publish.lua three values for each message") {
                PublishReply.outcomes($0, count: ids.count)
            }
            guard let confirmation, case .success(let outcomes) = answer else { return completion(answer) }
            confirmation.hold(outcomes, completion: completion)
        }
        confirmation?.published()
    }

    public func listen(to room: RoomID, completion: @escaping (Result<Void, RoomLogError>) -> Void) {
        listening.insert(room)
        subscriber.subscribe(RedisChannel(keys.name(.channel, of: room))) { result in
            completion(result.mapError(RoomLogError.init))
        }
    }

    public func warmTicket(
        for room: RoomID, completion: @escaping (Result<WarmTicket, RoomLogError>) -> Void
    ) {
        let command = Warming(keys: keys).ticketCommand(for: room)
        connection.send {
            $0.command(command)
        } completion: { result in
            completion(result.map { Warming.ticket($0.copied()) }.mapError(RoomLogError.init))
        }
    }

    public func warm(
        _ room: RoomID, with state: WarmState, ticket: WarmTicket,
        completion: @escaping (Result<Void, RoomLogError>) -> Void
    ) {
        let call = Warming(keys: keys).call(room, state, ticket)
        connection.eval(RoomScripts.warm, keys: call.keys.count, arguments: call.arguments.count) { writer in
            for part in call.keys + call.arguments {
                writer.bulk(part)
            }
        } completion: { result in
            completion(Warming.answer(result.map { $0.copied() }.mapError(RoomLogError.init)))
        }
    }

    public func close(_ room: RoomID, completion: @escaping () -> Void) {
        listening.remove(room)
        subscriber.unsubscribe(RedisChannel(keys.name(.channel, of: room)))
        refuseWaitingOpens(of: room)
        if opening[room] == nil {
            takeGroupAway(from: room) { _ in completion() }
        } else {
            closing[room, default: []].append(completion)
        }
    }

    public func end(completion: @escaping () -> Void) {
        guard let probe else { return completion() }
        probe.stop(completion: completion)
    }

    /// Reads a script's reply, `{'COLD'}` apart; `expecting` says of which script it is, and what it should be.
    static func answer<Value>(
        _ result: Result<RESPReply, RedisError>, expecting: StaticString, _ read: (RESPReply) -> Value?
    ) -> Result<Value, RoomLogError> {
        switch result {
        case .failure(let error): return .failure(RoomLogError(error))
        case .success(let reply):
            if reply.count == 1, reply[0].equals("COLD") { return .failure(.cold) }
            guard let value = read(reply) else {
                return .failure(.failed("the reply is not as expected: \(expecting)"))
            }
            return .success(value)
        }
    }
}

extension RedisRoomLog: RedisSubscriberDelegate {
    public func subscriber(_ subscriber: RedisSubscriber, received payload: Span<UInt8>, on channel: Span<UInt8>) {
        guard let room = keys.room(ofChannel: channel) else {
            _ = probe?.takes(payload, on: channel)
            return
        }
        if let ring = Ring(payload) {
            onRing?(room, ring)
        }
    }

    public func subscriberIsUp(_ subscriber: RedisSubscriber, again: Bool) {
        if again {
            ringAll()
        }
    }

    public func subscriberIsDown(_ subscriber: RedisSubscriber) {}

    public func subscriber(_ subscriber: RedisSubscriber, restored channel: RedisChannel) {
        if let room = keys.room(ofChannel: channel.name.span) {
            onRing?(room, nil)
        }
    }

    public func subscriber(_ subscriber: RedisSubscriber, lost channel: RedisChannel, error: RedisError) {
        guard let room = keys.room(ofChannel: channel.name.span), listening.contains(room) else { return }
        // Granted before, it is granted again; until then the sweep finds what comes.
        subscriber.subscribe(channel) { [weak self] _ in self?.onRing?(room, nil) }
    }

    public func subscriberMissedProbe(_ subscriber: RedisSubscriber) { ringAll() }

    /// In slices, a turn for each: what a ring leads to is not to fill the connection at once.
    private func ringAll() {
        let isUnderWay = !toRing.isEmpty
        toRing = Array(listening)
        if !isUnderWay {
            ringSlice()
        }
    }

    private func ringSlice() {
        let slice = toRing.suffix(RedisLimits.roomsPerRinging)
        toRing.removeLast(slice.count)
        for room in slice where listening.contains(room) {
            onRing?(room, nil)
        }
        guard !toRing.isEmpty else { return }
        let log = LoopBound(self, on: connection.loop)
        connection.loop.execute { log.value.ringSlice() }
    }
}
