import Glibc
import Synchronization

/// TCP ports on 127.0.0.1.
public enum LoopbackPort {
    /// Below the range from which the kernel gives ports to outgoing connections, so that none of those takes a port
    /// between its choice and its use.
    private static let candidates = UInt16(20_000)..<UInt16(32_000)
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that nothing listens on and that this process was not given before.
    /// - Throws: `.system` when there is none.
    public static func free() throws(LauncherError) -> UInt16 {
        try given.withLock { given throws(LauncherError) in
            for _ in 0..<1_000 {
                let port = UInt16.random(in: candidates)
                if !given.contains(port), isFree(port) {
                    given.insert(port)
                    return port
                }
            }
            throw LauncherError(
                .system, "No free TCP port between \(candidates.lowerBound) and \(candidates.upperBound).")
        }
    }

    /// Whether a server could listen on it now: nobody else does.
    public static func isFree(_ port: UInt16) -> Bool {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        // As servers do: a connection that is still fading out does not make the port busy. The probe itself does not
        // listen, or else a child that is being started meanwhile, and holds a copy of it until it runs, would.
        var on: Int32 = 1
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return withLoopbackAddress(port) { bind(probe, $0, $1) == 0 }
    }

    /// - Parameter user: what needs the port, as messages call it.
    /// - Throws: `.portInUse`, saying how to find out who has it.
    static func requireFree(_ port: UInt16, for user: String) throws(LauncherError) {
        guard !isFree(port) else { return }
        throw LauncherError(
            .portInUse,
            "Port \(port), which \(user) needs, is in use. Stop what `ss -ltnp 'sport = :\(port)'` shows, then try again."
        )
    }

    /// Gives `body` the address 127.0.0.1:`port` in the form that the socket calls take.
    static func withLoopbackAddress<Result>(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
