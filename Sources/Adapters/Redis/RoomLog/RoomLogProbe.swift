import Bytes
import EventLoop
import WireProtocols

/// Sends a process's own loop a message to itself once a second, by the way that messages of rooms take: a script
/// appends it to a stream and rings, the subscriber hears the ring, the group reads the entry. Confined to its loop.
///
/// It makes its stream again where Redis has lost it; one that a dead process left goes by itself.
public final class RoomLogProbe {
    private let connection: RedisConnection
    private let subscriber: RedisSubscriber
    private let record: ProbeRecord
    private let stream: [UInt8]
    private let channel: RedisChannel
    private let group: [UInt8]
    private var timer: LoopTimer?
    private var number: UInt64 = 0

    /// A probe that is not begun yet.
    ///
    /// - Parameters:
    ///   - name: names the process's run and the loop among all others.
    ///   - shard: where its stream lies.
    ///   - record: is told what comes back.
    public init(
        connection: RedisConnection, subscriber: RedisSubscriber, name: String, shard: Int, shards: ShardMap,
        record: ProbeRecord
    ) {
        self.connection = connection
        self.subscriber = subscriber
        self.record = record
        group = Array("gw:\(name)".utf8)
        let keys = RoomKeys(shards: shards)
        stream = keys.name(.probe, of: shard) + [ASCII.colon] + Array(name.utf8)
        channel = RedisChannel(keys.name(.probeChannel, of: shard) + [ASCII.colon] + Array(name.utf8))
    }

    /// Begins, with the first probe as soon as it can be heard. Loop-only.
    public func start() {
        listen()
        let period = RedisLimits.probeMilliseconds
        timer = connection.loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { [weak self] in
            self?.send()
        }
    }

    /// Ends, and takes its stream away; `completion` comes when that is done, or cannot be. Loop-only.
    public func stop(completion: @escaping () -> Void) {
        timer?.cancel()
        subscriber.unsubscribe(channel)
        let stream = stream
        connection.send { writer in
            writer.command(2)
            writer.bulk("UNLINK")
            writer.bulk(stream)
        } completion: { _ in
            completion()
        }
    }

    /// Takes what the subscriber heard; false where it is not the probe's ring.
    func takes(_ payload: Span<UInt8>, on channel: Span<UInt8>) -> Bool {
        guard channel.equals(self.channel.name) else { return false }
        read()
        return true
    }

    private func listen() {
        subscriber.subscribe(channel) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success: send()
            case .failure(let error):
                record.failed("cannot listen: \(error.cause)")
                connection.loop.schedule(afterMilliseconds: RedisLimits.probeMilliseconds) { [weak self] in
                    self?.listen()
                }
            }
        }
    }

    private func send() {
        number += 1
        let (stream, channel, group, number) = (self.stream, self.channel.name, self.group, self.number)
        connection.eval(RoomScripts.probe, keys: 1, arguments: 4) { writer in
            writer.bulk(stream)
            writer.bulk(decimal: number)
            writer.bulk(channel)
            writer.bulk(group)
            writer.bulk(decimal: RedisLimits.probeLifetimeMilliseconds)
        } completion: { [weak self] result in
            switch result {
            case .success: self?.record.failed("was written and did not come back")
            case .failure(let error): self?.record.failed(error.cause)
            }
        }
    }

    private func read() {
        let (stream, group) = (self.stream, self.group)
        connection.send { writer in
            writer.command(8)
            writer.bulk("XREADGROUP")
            writer.bulk("GROUP")
            writer.bulk(group)
            writer.bulk("probe")
            writer.bulk("NOACK")
            writer.bulk("STREAMS")
            writer.bulk(stream)
            writer.bulk(">")
        } completion: { [weak self] result in
            switch result {
            // Nothing: the ring of one that was read together with the one before.
            case .success(let reply): if reply.count > 0 { self?.record.cameBack() }
            case .failure(let error): self?.record.failed(error.cause)
            }
        }
    }
}
