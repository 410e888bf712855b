import Bytes
import EventLoop
import WireProtocols

/// Hears when rooms of a shard get something to persist. Confined to its subscriber's loop.
public final class RedisPersistRings: RedisSubscriberDelegate {
    private let subscriber: RedisSubscriber
    private let keys: RoomKeys
    private let shardOf: [[UInt8]: Int]
    private let rang: (_ shard: Int?) -> Void
    private let probe: RoomLogProbe?

    /// Subscribes to every shard's channel.
    ///
    /// - Parameters:
    ///   - probe: is told of its rings.
    ///   - rang: called with the shard; with nil where rings of any may have been missed.
    public init(
        subscriber: RedisSubscriber, shards: ShardMap, probe: RoomLogProbe? = nil,
        rang: @escaping (_ shard: Int?) -> Void
    ) {
        self.probe = probe
        self.subscriber = subscriber
        self.rang = rang
        let keys = RoomKeys(shards: shards)
        self.keys = keys
        shardOf = Dictionary(
            uniqueKeysWithValues: (0..<shards.count).map { (keys.name(.persisterChannel, of: $0), $0) })
        subscriber.delegate = self
        for channel in shardOf.keys {
            listen(to: RedisChannel(channel))
        }
    }

    private func listen(to channel: RedisChannel) {
        subscriber.subscribe(channel) { [weak self] result in
            guard let self else { return }
            // What is not confirmed in time is asked for again; meanwhile the sweep finds what comes.
            if case .failure = result {
                subscriber.loop.schedule(afterMilliseconds: RedisLimits.resubscribeMilliseconds) { [weak self] in
                    self?.listen(to: channel)
                }
            } else {
                rang(shardOf[channel.name])
            }
        }
    }

    public func subscriber(_ subscriber: RedisSubscriber, received payload: Span<UInt8>, on channel: Span<UInt8>) {
        if let shard = shardOf[[UInt8](copying: channel)] {
            rang(shard)
        } else {
            _ = probe?.takes(payload, on: channel)
        }
    }

    public func subscriberIsUp(_ subscriber: RedisSubscriber, again: Bool) { rang(nil) }

    public func subscriberIsDown(_ subscriber: RedisSubscriber) {}

    public func subscriber(_ subscriber: RedisSubscriber, restored channel: RedisChannel) {
        rang(shardOf[channel.name])
    }

    public func subscriber(_ subscriber: RedisSubscriber, lost channel: RedisChannel, error: RedisError) {
        listen(to: channel)
    }

    public func subscriberMissedProbe(_ subscriber: RedisSubscriber) { rang(nil) }
}
