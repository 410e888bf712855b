import Glibc

/// A server that speaks STOMP over WebSocket: `ws://host:port/path`, or `wss` for TLS.
struct Endpoint {
    let host: String
    let port: UInt16
    let path: String
    private let address: sockaddr_in
    /// nil where it is spoken to in the clear.
    private let tls: TLSClient?

    /// - Throws: a usage error that says what is wrong with the URL.
    init(_ url: String) throws(BenchError) {
        let isSecure = url.hasPrefix("wss://")
        guard isSecure || url.hasPrefix("ws://") else {
            throw .usage("--url \(url): it has to begin with ws:// or wss://")
        }
        let rest = url.dropFirst(isSecure ? 6 : 5)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let parts = authority.split(separator: ":", maxSplits: 1).map(String.init)
        guard let host = parts.first, let port = parts.count == 2 ? UInt16(parts[1]) : isSecure ? 443 : 80
        else {
            throw .usage("--url \(url): it has to be ws://host:port/path")
        }
        self.host = host
        self.port = port
        self.path = path.isEmpty ? "/" : String(path)
        address = try Endpoint.resolve(host, port)
        tls = isSecure ? try TLSClient() : nil
    }

    /// What encrypts on a socket to this server; nil where nothing does.
    func encryption(on socket: Int32) throws(BenchError) -> TLSStream? {
        guard let tls else { return nil }
        return try tls.session(on: socket)
    }

    /// A socket on its way to the server.
    func connect() throws(BenchError) -> Int32 {
        let socket = Glibc.socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .failed(Endpoint.cause(of: "open a socket")) }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = address
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 || errno == EINPROGRESS else {
            let cause = Endpoint.cause(of: "connect to \(host):\(port)")
            close(socket)
            throw .failed(cause)
        }
        return socket
    }

    /// A socket that takes connections on 127.0.0.1 at `port`, with the port that it got.
    static func listen(port: UInt16) throws(BenchError) -> (socket: Int32, port: UInt16) {
        let socket = Glibc.socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard bind(socket, $0, size) == 0, Glibc.listen(socket, 4096) == 0 else { return Int32(-1) }
                return getsockname(socket, $0, &size)
            }
        }
        guard status == 0 else { throw .failed(cause(of: "listen on 127.0.0.1:\(port)")) }
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    /// What failed and why, with what to do where the process is out of descriptors.
    static func cause(of action: String) -> String {
        let code = errno
        var limit = rlimit()
        guard code == EMFILE, getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return "cannot \(action): \(String(cString: strerror(code)))"
        }
        return "cannot \(action): all \(limit.rlim_cur) descriptors are in use; ask for fewer connections"
    }

    private static func resolve(_ host: String, _ port: UInt16) throws(BenchError) -> sockaddr_in {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let first = found?.pointee.ai_addr else {
            throw .usage("--url: there is no host \(host)")
        }
        defer { freeaddrinfo(found) }
        return first.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee }
    }
}
