import Foundation

/// A PostgreSQL cluster in a folder of its own, listening on 127.0.0.1 only, where anybody on this machine may log in as
/// `shoot`.
///
/// PostgreSQL refuses to run as root; started by root, it runs as the system's user `postgres`.
public struct PostgresServer: LaunchedServer {
    public let process: ChildProcess
    public let port: UInt16
    private let programs: PostgresPrograms

    static let role = "shoot"
    /// The database that every launched PostgreSQL has.
    public static let database = "shoot"

    public var url: String { url(database: Self.database) }

    /// Where clients find one of its databases.
    public func url(database: String) -> String { "postgresql://\(Self.role)@127.0.0.1:\(port)/\(database)" }

    /// Starts it and waits until it takes connections; makes its data folder and its database when they are missing.
    /// - Parameter folder: for its data. Its log goes beside it.
    public static func start(
        folder: String, port: UInt16, durability: Durability = .everySecond, stop: StopRequest? = nil
    ) throws(LauncherError) -> PostgresServer {
        let programs = try PostgresPrograms.find(dataFolder: folder)
        try LoopbackPort.requireFree(port, for: "PostgreSQL")
        try programs.makeDataFolder()
        let process = try programs.start(
            "PostgreSQL", "postgres",
            arguments: [
                "-D", folder, "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                // In its folder: what it is killed in the middle of would stay in the machine's shared memory.
                "-c", "dynamic_shared_memory_type=mmap",
                "-c", "max_connections=200", "-c", "fsync=\(durability == .none ? "off" : "on")",
            ],
            logFile: folder + ".log",
            // "Fast": it does not wait for its clients to leave.
            stopSignal: SIGINT)
        let server = PostgresServer(process: process, port: port, programs: programs)
        do {
            try process.waitUntilReady(stop: stop) { () throws(LauncherError) in try server.takesConnections() }
            try server.createDatabase(database)
        } catch {
            process.terminate()
            throw error
        }
        return server
    }

    /// Makes an empty database, unless there is one of that name.
    public func createDatabase(_ name: String) throws(LauncherError) {
        let log = process.logFile.map { $0 + ".createdb" }
        let arguments = ["-h", "127.0.0.1", "-p", "\(port)", "-U", Self.role, "-w", name]
        let command = try programs.start("createdb", "createdb", arguments: arguments, logFile: log)
        let status = command.waitForExit(within: LauncherLimits.databaseCreation)
        guard status == .exited(0) || command.logTail.contains(where: { $0.contains("already exists") }) else {
            command.terminate(grace: .zero)
            throw LauncherError(.ended, "Cannot create the database \(name).", logTail: command.logTail)
        }
    }

    private func takesConnections() throws(LauncherError) -> Bool {
        let arguments = ["-q", "-h", "127.0.0.1", "-p", "\(port)", "-U", Self.role, "-t", "2"]
        let command = try programs.start("pg_isready", "pg_isready", arguments: arguments, logFile: "/dev/null")
        if command.waitForExit(within: .seconds(5)) == .exited(0) { return true }
        command.terminate(grace: .zero)
        return false
    }
}
