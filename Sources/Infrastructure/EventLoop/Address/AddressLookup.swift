import CUV
import Glibc

/// Looks host names up, on libuv's own threads.
enum AddressLookup {
    typealias Completion = (Result<[SocketAddress], EventLoopError>) -> Void

    private final class Request {
        let endpoint: HostPort
        let completion: Completion

        init(endpoint: HostPort, completion: @escaping Completion) {
            self.endpoint = endpoint
            self.completion = completion
        }
    }

    /// Gives `completion` the addresses of `endpoint`, in the order to try them. It is called later, on `loop`, unless
    /// the lookup cannot even begin, which the returned error says.
    static func begin(_ endpoint: HostPort, on loop: EventLoop, completion: @escaping Completion) -> EventLoopError? {
        let raw = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        let retained = Unmanaged.passRetained(Request(endpoint: endpoint, completion: completion))
        raw.pointee.data = retained.toOpaque()
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let status = loop.uv.withPointer { uvLoop in
            uv_getaddrinfo(
                uvLoop, raw, { raw, status, list in AddressLookup.ended(raw, status: status, list: list) },
                endpoint.host, String(endpoint.port), &hints)
        }
        guard status == 0 else {
            retained.release()
            raw.deallocate()
            return EventLoopError(.resolution, status: status)
        }
        return nil
    }

    private static func ended(
        _ raw: UnsafeMutablePointer<uv_getaddrinfo_t>?, status: Int32, list: UnsafeMutablePointer<addrinfo>?
    ) {
        defer {
            uv_freeaddrinfo(list)
            raw?.deallocate()
        }
        guard let data = raw?.pointee.data else { return }
        let request = Unmanaged<Request>.fromOpaque(data).takeRetainedValue()
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let address = current.pointee.ai_addr.flatMap({ SocketAddress($0) }) {
                addresses.append(address)
            }
            entry = current.pointee.ai_next
        }
        if status == 0, !addresses.isEmpty {
            request.completion(.success(addresses))
        } else {
            let cause = status == 0 ? "no address" : String(cString: uv_strerror(status))
            request.completion(.failure(EventLoopError(.resolution, "\(request.endpoint.host): \(cause)")))
        }
    }
}
