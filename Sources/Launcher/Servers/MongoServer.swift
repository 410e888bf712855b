import Foundation

/// A MongoDB replica set of one, without which there are no majority writes and no transactions.
public struct MongoServer: LaunchedServer {
    public let process: ChildProcess
    public let port: UInt16

    static let replicaSet = "shoot"
    /// The database that `url` names.
    public static let database = "shoot"

    public var url: String { url(database: Self.database) }

    /// Where clients find one of its databases; databases come into being with the first write.
    public func url(database: String) -> String {
        "mongodb://127.0.0.1:\(port)/\(database)?replicaSet=\(Self.replicaSet)"
    }

    /// Makes it refuse messages whose text contains `marker` (letters and digits), or none for nil: what else a document
    /// is refused for can't be provoked from outside.
    /// - Throws: where it does not answer, or refuses the rule.
    public func refuseMessages(containing marker: String?, database: String) throws(LauncherError) {
        let pattern = marker.map { BSONWriter().string("$regex", $0) }
        let rule = pattern.map { BSONWriter().document("content.text", BSONWriter().document("$not", $0)) }
        let answer = MongoAdministration(port: port).run(
            BSONWriter().string("collMod", "messages").document("validator", rule ?? BSONWriter()),
            database: database)
        guard answer?.double("ok") == 1 else {
            throw LauncherError(.ended, "MongoDB did not take the rule: \(answer?.string("errmsg") ?? "no answer").")
        }
    }

    /// Starts it, makes it a replica set if it is none yet, and waits until it is the primary.
    /// - Parameter folder: for its data; made when it is missing. Its log goes beside it.
    public static func start(
        folder: String, port: UInt16, stop: StopRequest? = nil
    ) throws(LauncherError) -> MongoServer {
        let installed = ProjectFiles.find(".state/mongodb/bin").map { [$0] } ?? []
        let executable = try Tool.find("mongod", alsoIn: installed)
        try LoopbackPort.requireFree(port, for: "MongoDB")
        try StateFolder.make(folder)
        let process = try ChildProcess.start(
            "MongoDB", executable: executable,
            arguments: [
                "--bind_ip", "127.0.0.1", "--port", "\(port)", "--dbpath", folder, "--replSet", replicaSet,
                "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256",
                "--setParameter", "diagnosticDataCollectionEnabled=false",
                // What a persister that died had begun holds others up for so long; the default is a minute.
                "--setParameter", "transactionLifetimeLimitSeconds=10",
                // With no other member to take over, there is nobody to wait for.
                "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
            ],
            logFile: folder + ".log")
        do {
            try MongoAdministration(port: port).makePrimary(process, stop: stop)
        } catch {
            process.terminate()
            throw error
        }
        return MongoServer(process: process, port: port)
    }
}
