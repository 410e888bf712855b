import Foundation

/// PostgreSQL's own programs, run as the user that owns the data folder.
struct PostgresPrograms: Sendable {
    /// The system user that they run as; nil: as ourselves.
    private let systemUser: String?
    /// Whether that user can not pass one of the folders above the data.
    private let needsPassage: Bool
    private let binaries: String
    private let dataFolder: String

    /// - Throws: `.missingTool` when PostgreSQL, or as root its system user, is not there.
    static func find(dataFolder: String) throws(LauncherError) -> PostgresPrograms {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        let initdb = try Tool.find("initdb", alsoIn: newestFirst.map { "/usr/lib/postgresql/\($0)/bin" })
        let systemUser = geteuid() == 0 ? "postgres" : nil
        if let systemUser, getpwnam(systemUser) == nil {
            throw LauncherError(.missingTool, "PostgreSQL does not run as root, and there is no user \(systemUser).")
        }
        return PostgresPrograms(
            systemUser: systemUser,
            needsPassage: systemUser != nil && !isOpenToAll(parentsOf: dataFolder),
            // `PATH` may know it by a link into the folder where the others are.
            binaries: (resolvingLinks(initdb) as NSString).deletingLastPathComponent,
            dataFolder: dataFolder)
    }

    private static func resolvingLinks(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    /// Starts one of them.
    func start(
        _ name: String, _ program: String, arguments: [String], logFile: String?, stopSignal: Int32 = SIGTERM
    ) throws(LauncherError) -> ChildProcess {
        let path = binaries + "/" + program
        guard let systemUser else {
            return try ChildProcess.start(
                name, executable: path, arguments: arguments, logFile: logFile, stopSignal: stopSignal)
        }
        var identity = ["--reuid=\(systemUser)", "--regid=\(systemUser)", "--clear-groups"]
        if needsPassage {
            // A clone below root's home is closed to other users. The right to pass folders, and no other, goes along.
            identity += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        }
        return try ChildProcess.start(
            name, executable: Tool.find("setpriv"), arguments: identity + ["--", path] + arguments,
            // Of the launcher's own home that user may read nothing.
            environment: ["HOME": "/", "PGPASSFILE": "/dev/null"], logFile: logFile, stopSignal: stopSignal)
    }

    /// Makes the data folder, whole or not at all: it is written under another name first.
    func makeDataFolder() throws(LauncherError) {
        guard !FileManager.default.fileExists(atPath: dataFolder + "/PG_VERSION") else {
            removeStaleLock()
            return
        }
        let unfinished = dataFolder + ".unfinished"
        try? FileManager.default.removeItem(atPath: unfinished)
        try StateFolder.make(unfinished)
        if let systemUser, let user = getpwnam(systemUser) {
            chown(unfinished, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        let arguments = [
            "-D", unfinished, "-U", PostgresServer.role, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "--no-instructions",
        ]
        let command = try start("initdb", "initdb", arguments: arguments, logFile: dataFolder + ".log")
        guard command.waitForExit(within: LauncherLimits.databaseCreation) == .exited(0) else {
            command.terminate(grace: .zero)
            throw LauncherError(.ended, "initdb failed in \(unfinished).", logTail: command.logTail)
        }
        guard rename(unfinished, dataFolder) == 0 else {
            throw LauncherError(.system, "Cannot make \(dataFolder): \(String(cString: strerror(errno))).")
        }
    }

    /// A killed server leaves `postmaster.pid` behind. Should another process have that id by now, PostgreSQL would
    /// think that it still runs.
    private func removeStaleLock() {
        let lock = dataFolder + "/postmaster.pid"
        guard let text = try? String(contentsOfFile: lock, encoding: .utf8) else { return }
        guard let pid = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else { return }
        let command = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        if !command.contains(dataFolder) { try? FileManager.default.removeItem(atPath: lock) }
    }

    /// Whether every folder above `path` may be passed by everybody.
    private static func isOpenToAll(parentsOf path: String) -> Bool {
        var folder = (path as NSString).deletingLastPathComponent
        while true {
            var status = stat()
            if stat(folder, &status) == 0, status.st_mode & S_IXOTH == 0 { return false }
            if folder == "/" || folder.isEmpty { return true }
            folder = (folder as NSString).deletingLastPathComponent
        }
    }
}
