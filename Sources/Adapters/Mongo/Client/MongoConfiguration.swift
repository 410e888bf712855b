import CMongoC
import Telemetry

/// How to reach MongoDB.
public struct MongoConfiguration: Sendable {
    /// A connection string, `mongodb://…` or `mongodb+srv://…`. Its database is used, `shoot` where it names none; its
    /// time-outs win over ours. Write concern, read concern and read preference are always majority and journaled,
    /// majority, primary: what is acknowledged must not be rolled back.
    public var uri: String
    /// What the server's logs call this process.
    public var appName: String
    /// Threads that calls run on; as many connections at most.
    public var threads: Int
    /// Calls that may wait for a thread.
    public var maxQueued: Int
    /// Milliseconds that a call waits for a server that it may use.
    public var serverSelectionMilliseconds: Int32
    /// Gets what the driver has to say; nil drops it.
    public var logger: Logger?

    /// A configuration with the defaults for one process (`MongoLimits`).
    public init(
        uri: String, appName: String = "shoot", threads: Int = MongoLimits.threads,
        maxQueued: Int = MongoLimits.maxQueued,
        serverSelectionMilliseconds: Int32 = MongoLimits.serverSelectionMilliseconds, logger: Logger? = nil
    ) {
        self.uri = uri
        self.appName = appName
        self.threads = threads
        self.maxQueued = maxQueued
        self.serverSelectionMilliseconds = serverSelectionMilliseconds
        self.logger = logger
    }
}

/// A parsed connection string with what this program insists on.
struct MongoURI: ~Copyable {
    private let uri: OpaquePointer
    /// The database that the string names, `shoot` where it names none.
    let database: String

    /// Parses the string of `configuration`.
    init(_ configuration: MongoConfiguration) throws(MongoError) {
        MongoLog.start
        var error = bson_error_t()
        guard let uri = mongoc_uri_new_with_error(configuration.uri, &error) else {
            throw MongoError(.configuration, code: Int32(truncatingIfNeeded: error.code), error.text)
        }
        guard mongoc_uri_set_appname(uri, configuration.appName) else {
            mongoc_uri_destroy(uri)
            throw MongoError(.configuration, "the application's name is too long or not UTF-8")
        }
        self.uri = uri
        database = mongoc_uri_get_database(uri).map { String(cString: $0) } ?? "shoot"
        setDefault("serverselectiontimeoutms", configuration.serverSelectionMilliseconds)
        setDefault("connecttimeoutms", MongoLimits.connectMilliseconds)
        setDefault("sockettimeoutms", MongoLimits.socketMilliseconds)
        setDefault("maxpoolsize", Int32(clamping: configuration.threads))
        setConcerns()
    }

    deinit {
        mongoc_uri_destroy(uri)
    }

    /// Lends the handle.
    func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result { body(uri) }

    private func setDefault(_ option: String, _ value: Int32) {
        if !mongoc_uri_has_option(uri, option) {
            mongoc_uri_set_option_as_int32(uri, option, value)
        }
    }

    private func setConcerns() {
        let write = mongoc_write_concern_new()
        mongoc_write_concern_set_w(write, MONGOC_WRITE_CONCERN_W_MAJORITY)
        mongoc_write_concern_set_journal(write, true)
        mongoc_write_concern_set_wtimeout_int64(write, MongoLimits.writeConcernMilliseconds)
        mongoc_uri_set_write_concern(uri, write)
        mongoc_write_concern_destroy(write)

        let read = mongoc_read_concern_new()
        mongoc_read_concern_set_level(read, MONGOC_READ_CONCERN_LEVEL_MAJORITY)
        mongoc_uri_set_read_concern(uri, read)
        mongoc_read_concern_destroy(read)

        let preference = mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
        mongoc_uri_set_read_prefs_t(uri, preference)
        mongoc_read_prefs_destroy(preference)
    }
}
