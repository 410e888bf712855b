import EventLoop
import Gateway
import Mongo
import Postgres
import Redis
import Telemetry

/// The connections of a process to the servers that keep its data.
struct Stores: Sendable {
    let redis: RedisConfiguration
    let mongo: MongoClientPool
    let postgres: PostgresPool

    /// A loop's connections to Redis.
    typealias RedisPair = (connection: RedisConnection, subscriber: RedisSubscriber)

    /// Reads the addresses; nothing is connected yet but what connects by itself.
    /// - Throws: the setting that can't be used.
    init(_ configuration: Configuration, process: String, logger: Logger) throws(ConfigurationError) {
        do throws(RedisError) {
            var redis = try RedisConfiguration(url: configuration.stores.redisURL)
            redis.clientName = "shoot-\(process)"
            self.redis = redis
        } catch {
            throw ConfigurationError(subject: ConfigurationKey.redisURL.title, rule: "can not be used: \(error.cause)")
        }
        do throws(MongoError) {
            mongo = try MongoClientPool(
                MongoConfiguration(
                    uri: configuration.stores.mongoURL, appName: "shoot-\(process)",
                    threads: configuration.stores.mongoPoolSize, logger: logger))
        } catch {
            throw ConfigurationError(
                subject: ConfigurationKey.mongoURL.title, rule: "can not be used: \(error.message)")
        }
        postgres = PostgresPool(
            PostgresConfiguration(
                url: configuration.stores.postgresURL, connections: configuration.stores.postgresPoolSize))
    }

    /// A connection and a subscriber to Redis on a loop, begun. Call on that loop.
    func redisPair(on loop: EventLoop) -> RedisPair {
        let connection = RedisConnection(redis, on: loop)
        connection.start()
        // Nobody else may hear the probes: the channel's name is random.
        let name = Array("probe:\(uniqueWord())".utf8)
        let subscriber = RedisSubscriber(redis, publisher: connection, probeChannel: RedisChannel(name))
        return (connection, subscriber)
    }

    /// Whether MongoDB answers.
    var mongoHealth: HealthCheck {
        HealthCheck("mongodb") { [mongo] in
            do throws(MongoError) {
                try await mongo.ping()
                return .up()
            } catch {
                return .down("does not answer: \(error.message)")
            }
        }
    }

    /// Whether PostgreSQL answers.
    var postgresHealth: HealthCheck {
        HealthCheck("postgres") { [postgres] in
            do {
                try await postgres.ping()
                return .up()
            } catch {
                return .down("does not answer: \(error)")
            }
        }
    }

    /// Gives back the connections of the blocking stores.
    func shutdown() async {
        await mongo.shutdown()
        await postgres.close()
    }
}
