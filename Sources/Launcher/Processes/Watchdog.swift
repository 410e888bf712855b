import Foundation
import Synchronization

/// Ends our children when we can not: a shell that holds the other end of a socket. When this process is gone, by
/// whatever end, the shell reads the end of the stream, stops what is still running and removes the folder it was told.
///
/// The kernel's parent-death signal would do without a process, but it follows the thread that spawned the child, and
/// the threads of a Swift program come and go.
final class Watchdog: Sendable {
    private static let instance = Mutex<Watchdog?>(nil)

    /// The one of this process, if it was ever needed.
    static var current: Watchdog? { instance.withLock { $0 } }

    /// The one of this process, started with the first child.
    /// - Throws: `.system` when it cannot be started.
    static func shared() throws(LauncherError) -> Watchdog {
        try instance.withLock { instance throws(LauncherError) in
            if let instance { return instance }
            let watchdog = try Watchdog()
            instance = watchdog
            return watchdog
        }
    }

    /// Never closed: its closing by the kernel is the message.
    private let socket: Int32

    private init() throws(LauncherError) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw LauncherError(.system, "Cannot make a pair of sockets: \(String(cString: strerror(errno))).")
        }
        defer { close(ends[1]) }
        do {
            _ = try ProcessSpawn(
                executable: "/bin/sh", arguments: ["-c", Self.script, "shoot-watchdog"], environment: Self.environment,
                output: .file("/dev/null"), input: ends[1]
            ).start()
        } catch {
            close(ends[0])
            throw error
        }
        socket = ends[0]
    }

    func watch(_ child: ChildProcess) { tell("watch \(child.pid) \(child.stopSignal)") }

    func forget(_ child: ChildProcess) { tell("forget \(child.pid)") }

    /// Has a folder removed after the children have ended. One at most: a later one replaces it.
    func removeAtEnd(_ folder: String) { tell("remove \(folder)") }

    private func tell(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Without MSG_NOSIGNAL a watchdog that somebody killed would take this process with it.
        _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    private static let script = """
        watched= folder=
        while read -r verb value signal; do
            case $verb in
            watch) watched="$watched $value:$signal" ;;
            forget) left=
                for one in $watched; do [ "${one%:*}" = "$value" ] || left="$left $one"; done
                watched=$left ;;
            remove) folder=$value ;;
            esac
        done
        for one in $watched; do kill -s CONT "${one%:*}"; kill -"${one#*:}" "${one%:*}"; done
        tries=0
        while [ -n "$watched" ] && [ $tries -lt 100 ]; do
            left=
            for one in $watched; do ! kill -s 0 "${one%:*}" || left="$left $one"; done
            watched=$left
            tries=$((tries + 1))
            sleep 0.1
        done
        for one in $watched; do kill -s KILL "${one%:*}"; done
        [ -z "$folder" ] || rm -rf "$folder"
        """
}
