import CUV
import Glibc

/// The descriptor of a socket that listens, and the system calls made on it.
///
/// Accepting is not left to libuv, because where descriptors run out libuv 1.44 accepts and drops whoever waits, and
/// tells nobody. Here they wait in the kernel until there is room.
struct ListeningSocket {
    /// What one attempt to accept came to.
    enum Accepted {
        case connection(descriptor: Int32, address: SocketAddress)
        /// Nobody waits.
        case nobody
        /// Whoever waited has gone again.
        case gone
        /// The system is out of descriptors or memory (the `errno` value says of which).
        case exhausted(Int32)
    }

    let descriptor: Int32

    /// Opens a socket that listens on `address`; with `reusePort` others of this user may listen on it as well.
    init(_ address: SocketAddress, reusePort: Bool) throws(EventLoopError) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw EventLoopError(.resources, status: -errno) }
        let isListening =
            enable(SOL_SOCKET, SO_REUSEADDR)
            && (!reusePort || enable(SOL_SOCKET, SO_REUSEPORT))
            // Accepted sockets inherit it, which saves a call for each of them.
            && enable(Int32(IPPROTO_TCP), TCP_NODELAY)
            && address.withSystemAddress { bind(descriptor, $0, $1) == 0 }
            && listen(descriptor, LoopLimits.acceptBacklog) == 0
        guard isListening else {
            let code = errno
            close()
            throw EventLoopError(.badAddress, status: -code)
        }
    }

    /// The address that the socket is bound to, with the port that the system chose where 0 was asked for.
    var localAddress: SocketAddress? {
        Self.readAddress { getsockname(descriptor, $0, $1) }.address
    }

    /// Takes one connection off the backlog.
    func accept() -> Accepted {
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let (result, address) = Self.readAddress { accept4(descriptor, $0, $1, flags) }
        if result >= 0 {
            guard let address else {
                _ = Glibc.close(result)
                return .gone
            }
            return .connection(descriptor: result, address: address)
        }
        return switch errno {
        case EAGAIN: .nobody
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted(errno)
        default: .gone
        }
    }

    func close() { _ = Glibc.close(descriptor) }

    private func enable(_ level: Int32, _ option: Int32) -> Bool {
        var on: Int32 = 1
        return setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    private static func readAddress(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (result: Int32, address: SocketAddress?) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let result = call(address, &length)
                return (result, result >= 0 ? SocketAddress(address) : nil)
            }
        }
    }
}
