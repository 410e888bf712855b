import Foundation

/// One call of posix_spawn(3): a new session, no inherited descriptors, default signals.
struct ProcessSpawn {
    /// Where the child's standard output and error go.
    enum Output {
        case inherit
        /// Created if need be, and emptied.
        case file(String)
    }

    /// `POSIX_SPAWN_SETSID` of <spawn.h>, which declares it only under `_GNU_SOURCE`.
    private static let newSession: Int32 = 0x80

    let executable: String
    let arguments: [String]
    let environment: [String: String]
    var output = Output.inherit
    /// A descriptor that becomes the child's standard input; nil: `/dev/null`.
    var input: Int32?

    /// - Returns: the child's process id.
    /// - Throws: `.system` with the reason that the system gives.
    func start() throws(LauncherError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        describeDescriptors(&actions)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        describeSession(&attributes)

        let argv = [executable] + arguments
        let variables = environment.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let result = withCStrings(argv) { argv in
            withCStrings(variables) { variables in
                posix_spawn(&pid, executable, &actions, &attributes, argv, variables)
            }
        }
        guard result == 0 else {
            throw LauncherError(.system, "Cannot start \(executable): \(String(cString: strerror(result))).")
        }
        return pid
    }

    private func describeDescriptors(_ actions: inout posix_spawn_file_actions_t) {
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        if case .file(let path) = output {
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, flags, 0o644)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        // Libraries open descriptors that a child would inherit, and connections that it would keep open with them.
        for descriptor in Self.openDescriptors where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }

    private static var openDescriptors: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }
    }

    private func describeSession(_ attributes: inout posix_spawnattr_t) {
        // The launcher blocks the signals that stop it; a child would inherit that and could not be stopped.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | Self.newSession
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
