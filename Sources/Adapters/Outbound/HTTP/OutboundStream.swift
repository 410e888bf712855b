import CCurl
import Glibc

/// A connection to a server, with TLS where the URL says https, on which another protocol is spoken. Confined to one
/// thread; all calls may block.
public struct OutboundStream: ~Copyable {
    private let handle: CurlHandle
    private let timeoutMilliseconds: Int

    /// Connects. Each call after it takes `timeoutMilliseconds` at the most.
    public init(url: String, timeoutMilliseconds: Int) throws(OutboundError) {
        handle = try OutboundStream.connected(url, timeoutMilliseconds)
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    private static func connected(_ url: String, _ timeoutMilliseconds: Int) throws(OutboundError) -> CurlHandle {
        let handle = try CurlHandle()
        try handle.begin(url: url, timeoutMilliseconds: timeoutMilliseconds)
        try handle.set(CURLOPT_CONNECT_ONLY, 1)
        try CurlHandle.check(curl_easy_perform(handle.curl))
        return handle
    }

    /// Sends all of `bytes`.
    public func send(_ bytes: [UInt8]) throws(OutboundError) {
        var sent = 0
        while sent < bytes.count {
            var count = 0
            let code = bytes.withUnsafeBytes {
                curl_easy_send(handle.curl, $0.baseAddress.map { $0 + sent }, $0.count - sent, &count)
            }
            sent += count
            if code == CURLE_AGAIN {
                try wait(for: Int16(POLLOUT))
            } else {
                try CurlHandle.check(code)
            }
        }
    }

    /// What comes next; empty at the end of the stream.
    public func receive() throws(OutboundError) -> [UInt8] {
        var part = [UInt8](repeating: 0, count: OutgoingLimits.streamReadBytes)
        while true {
            var count = 0
            let code = part.withUnsafeMutableBytes { curl_easy_recv(handle.curl, $0.baseAddress, $0.count, &count) }
            if code == CURLE_AGAIN {
                try wait(for: Int16(POLLIN))
                continue
            }
            try CurlHandle.check(code)
            return Array(part.prefix(count))
        }
    }

    private func wait(for event: Int16) throws(OutboundError) {
        var socket = curl_socket_t()
        try CurlHandle.check(shim_curl_socket(handle.curl, &socket))
        var watched = pollfd(fd: socket, events: event, revents: 0)
        let ready = poll(&watched, 1, Int32(timeoutMilliseconds))
        guard ready > 0 || ready < 0 && errno == EINTR else {
            throw OutboundError(.timedOut, "nothing came in time")
        }
    }
}
