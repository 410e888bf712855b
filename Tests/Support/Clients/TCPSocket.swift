import Foundation
import Glibc
import Synchronization

/// A connected, blocking socket.
///
/// `shutdown` may be called while another thread reads: the descriptor itself is closed only when nobody holds the
/// object any more, so that its number is never another's meanwhile.
final class TCPSocket: Sendable {
    private let descriptor: Int32
    /// Keeps writes of several threads apart.
    private let writing = Mutex(())

    /// Connects to an IPv4 address such as `127.0.0.1`; `timeout` bounds connecting and each write, `readTimeout`
    /// each read; `receiveBuffer` is what the kernel takes ahead of reading, bytes, where it is not as usual.
    init(
        host: String, port: UInt16, timeout: Duration, readTimeout: Duration?, receiveBuffer: Int32? = nil
    ) throws(ClientError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .connection(String(cString: strerror(errno))) }
        set(IPPROTO_TCP, TCP_NODELAY, Int32(1))
        set(SOL_SOCKET, SO_SNDTIMEO, timeval(timeout))
        if let readTimeout {
            set(SOL_SOCKET, SO_RCVTIMEO, timeval(readTimeout))
        }
        if let receiveBuffer {
            set(SOL_SOCKET, SO_RCVBUF, receiveBuffer)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw .connection("\(host) is no IPv4 address") }
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            throw .connection("cannot connect to \(host):\(port): \(String(cString: strerror(errno)))")
        }
    }

    /// Takes over a connection that a listener has accepted; nothing is bounded in time.
    init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        set(IPPROTO_TCP, TCP_NODELAY, Int32(1))
    }

    deinit { close(descriptor) }

    /// Writes all of `bytes`, not mixed with what another thread writes.
    func write(_ bytes: [UInt8]) throws(ClientError) {
        try writing.withLock { (_) throws(ClientError) in
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count > 0 {
                    sent += count
                } else if errno != EINTR {
                    throw .connection("cannot write: \(String(cString: strerror(errno)))")
                }
            }
        }
    }

    /// Appends what comes next; false at the end of the stream.
    func read(into bytes: inout [UInt8]) throws(ClientError) -> Bool {
        let room = 65_536
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
            repeat {
                count = recv(descriptor, buffer.baseAddress, room, 0)
            } while count < 0 && errno == EINTR
            initialized = max(count, 0)
        }
        guard count >= 0 else {
            let error = errno
            throw error == EAGAIN
                ? .timedOut("the peer sent nothing") : .connection("cannot read: \(String(cString: strerror(error)))")
        }
        bytes.append(contentsOf: chunk)
        return count > 0
    }

    /// Ends both directions; a blocked read returns.
    func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func set<Value>(_ level: some BinaryInteger, _ option: Int32, _ value: Value) {
        withUnsafePointer(to: value) {
            _ = setsockopt(descriptor, Int32(level), option, $0, socklen_t(MemoryLayout<Value>.size))
        }
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let parts = duration.components
        self.init(tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
    }
}
