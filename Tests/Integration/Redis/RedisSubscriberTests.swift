import Bytes
import EventLoop
import Launcher
import Redis
import Support
import Testing
import WireProtocols

/// What a subscriber told.
private struct Heard: Sendable {
    var messages: [String] = []
    var ups: [Bool] = []
    var downs = 0
    var missedProbes = 0
    var lost: [RedisChannel] = []
    var confirmations: [RedisError.Code?] = []
}

private final class Listener: RedisSubscriberDelegate {
    let heard: Observed<Heard>

    init(_ heard: Observed<Heard>) { self.heard = heard }

    func subscriber(_ subscriber: RedisSubscriber, received payload: Span<UInt8>, on channel: Span<UInt8>) {
        let message = "\(String(utf8: channel) ?? "?") \(String(utf8: payload) ?? "?")"
        heard.update { $0.messages.append(message) }
    }

    func subscriberIsUp(_ subscriber: RedisSubscriber, again: Bool) { heard.update { $0.ups.append(again) } }

    func subscriberIsDown(_ subscriber: RedisSubscriber) { heard.update { $0.downs += 1 } }

    func subscriber(_ subscriber: RedisSubscriber, restored channel: RedisChannel) {}

    func subscriber(_ subscriber: RedisSubscriber, lost channel: RedisChannel, error: RedisError) {
        heard.update { $0.lost.append(channel) }
    }

    func subscriberMissedProbe(_ subscriber: RedisSubscriber) { heard.update { $0.missedProbes += 1 } }
}

/// A subscriber with its delegate and the connection that publishes its probes.
private struct TestSubscriber: Sendable {
    let bound: LoopBound<(RedisSubscriber, Listener)>
    let publisher: TestConnection
    let heard: Observed<Heard>

    static func start(_ configuration: RedisConfiguration, on loop: EventLoop) async throws -> TestSubscriber {
        let publisher = try await TestConnection.start(configuration, on: loop)
        let heard = Observed(Heard())
        let bound = try await loop.submit {
            let subscriber = RedisSubscriber(
                configuration, publisher: publisher.bound.value, probeChannel: RedisChannel(Array("probe".utf8)))
            let listener = Listener(heard)
            subscriber.delegate = listener
            subscriber.start()
            return LoopBound((subscriber, listener), on: loop)
        }
        return TestSubscriber(bound: bound, publisher: publisher, heard: heard)
    }

    func onLoop(_ body: @escaping @Sendable (RedisSubscriber) -> Void) async throws {
        try await bound.loop.submit { [bound] in body(bound.value.0) }
    }

    /// Subscribes and waits until all confirmations, also of earlier calls, are in.
    func subscribe(_ channels: [RedisChannel]) async throws {
        let before = heard.value.confirmations.count
        try await onLoop { [heard] subscriber in
            for channel in channels {
                subscriber.subscribe(channel) { result in
                    heard.update { $0.confirmations.append(result.code) }
                }
            }
        }
        await heard.wait { $0.confirmations.count == before + channels.count }
    }
}

@Suite(.timeLimit(.minutes(5))) struct RedisSubscriberTests {
    private let room = RedisChannel(Array("room".utf8))
    private let news = RedisChannel(Array("news".utf8), kind: .plain)

    @Test func hearsWhatIsPublishedUntilItUnsubscribes() async throws {
        try await withRedis { redis, _, loop in
            let subscriber = try await TestSubscriber.start(redis.configuration, on: loop)
            try await subscriber.subscribe([room, news, room])
            #expect(subscriber.heard.value.confirmations == [nil, nil, nil])
            let client = subscriber.publisher.client
            #expect(try await client.command("SPUBLISH", "room", "a") == .integer(1))
            #expect(try await client.command("PUBLISH", "news", "b") == .integer(1))
            await subscriber.heard.wait { $0.messages == ["room a", "news b"] }
            try await subscriber.onLoop { [room] in $0.unsubscribe(room) }
            try await subscriber.subscribe([RedisChannel(Array("other".utf8))])
            #expect(try await client.command("SPUBLISH", "room", "c") == .integer(0))
            #expect(subscriber.heard.value.ups == [false])
        }
    }

    @Test func restoresAllSubscriptionsAfterARestart() async throws {
        try await withRedis { redis, server, loop in
            let subscriber = try await TestSubscriber.start(redis.configuration, on: loop)
            let rooms = (0..<3_000).map { RedisChannel(Array("room:\($0)".utf8)) }
            try await subscriber.subscribe(rooms + [news])
            try await OwnRedis.kill(server)
            await subscriber.heard.wait { $0.downs == 1 }
            let again = try await redis.start()
            await subscriber.heard.wait { $0.ups == [false, true] }
            let client = subscriber.publisher.client
            for index in [0, 1_500, 2_999] {
                #expect(try await client.command("SPUBLISH", "room:\(index)", "x") == .integer(1))
            }
            #expect(try await client.command("PUBLISH", "news", "x") == .integer(1))
            await subscriber.heard.wait { $0.messages.count == 4 }
            try await OwnRedis.kill(again)
        }
    }

    @Test func noticesASilentConnectionAndReplacesIt() async throws {
        try await withRedis { redis, server, loop in
            let subscriber = try await TestSubscriber.start(redis.configuration, on: loop)
            try await subscriber.subscribe([room])
            server.pause()
            await subscriber.heard.wait { $0.missedProbes >= 1 }
            await subscriber.heard.wait { $0.downs == 1 }
            server.resume()
            await subscriber.heard.wait { $0.ups == [false, true] }
            #expect(try await subscriber.publisher.client.command("SPUBLISH", "room", "x") == .integer(1))
        }
    }

    @Test func aSubscriptionThatIsNotConfirmedInTimeFails() async throws {
        let redis = try OwnRedis()
        try await withLoop { loop in
            var configuration = redis.configuration
            configuration.commandMilliseconds = 100
            let subscriber = try await TestSubscriber.start(configuration, on: loop)
            try await subscriber.subscribe([room, news])
            #expect(
                subscriber.heard.value.confirmations == [.timedOut(written: false), .timedOut(written: false)])
        }
    }

    @Test func tellsOfSubscriptionsThatTheServerRefuses() async throws {
        try await withRedis { redis, _, loop in
            let open = try await RedisClient.start(redis.configuration, on: loop)
            let user = ["ACL", "SETUSER", "chat", "on", ">p", "~*", "+@all", "resetchannels", "&probe", "&room"]
            _ = try await open.command(user.map { Array($0.utf8) })
            let configuration = try RedisConfiguration(url: "redis://chat:p@127.0.0.1:\(redis.port)")
            let subscriber = try await TestSubscriber.start(configuration, on: loop)
            try await subscriber.subscribe([news, room])
            // Answers and confirmations may come in either order.
            let confirmations = subscriber.heard.value.confirmations
            #expect(confirmations.count == 2)
            #expect(confirmations.contains(.server(prefix: "NOPERM")))
            #expect(confirmations.contains(nil))

            // Redis ends the connections of a user who may no longer hear what they hear.
            _ = try await open.command("ACL", "SETUSER", "chat", "resetchannels", "&probe")
            let heard = await subscriber.heard.wait { $0.ups.count == 2 }
            #expect(heard.lost == [room])
        }
    }

    @Test func closingFailsWhoeverWaits() async throws {
        let redis = try OwnRedis()
        try await withLoop { loop in
            let subscriber = try await TestSubscriber.start(redis.configuration, on: loop)
            try await subscriber.onLoop { [room, heard = subscriber.heard] in
                $0.subscribe(room) { result in heard.update { $0.confirmations.append(result.code) } }
                $0.close()
            }
            #expect(subscriber.heard.value.confirmations == [.unavailable])
        }
    }
}
