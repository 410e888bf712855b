import CMongoC
import Glibc
import Synchronization
import Telemetry

/// Where the driver's own log lines go: it would print them on standard error in a form of its own.
enum MongoLog {
    private static let sink = Mutex<Logger?>(nil)

    /// Starts the driver, once per process. It is never stopped: nothing may use it afterwards, and the process ends.
    static let start: Void = {
        mongoc_init()
        // Since it was loaded its counters lie in a file in shared memory. A killed process would leave that behind for
        // ever, and the next one of its number would say so on standard error before it says anything else.
        shm_unlink("/mongoc-\(getpid())")
        mongoc_log_set_handler(
            { level, domain, message, _ in
                guard level.rawValue <= MONGOC_LOG_LEVEL_WARNING.rawValue, let domain, let message else { return }
                MongoLog.write(level, String(cString: domain), String(cString: message))
            }, nil)
    }()

    /// Sends warnings and errors of the driver to `logger` from now on; nil drops them.
    static func route(to logger: Logger?) {
        sink.withLock { $0 = logger }
    }

    private static func write(_ level: mongoc_log_level_t, _ domain: String, _ message: String) {
        guard let logger = sink.withLock({ $0 }) else { return }
        if level == MONGOC_LOG_LEVEL_WARNING {
            logger.warning("mongo.driver", ["domain": .string(domain), "message": .string(message)])
        } else {
            logger.error("mongo.driver", ["domain": .string(domain), "message": .string(message)])
        }
    }
}
