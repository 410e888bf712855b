import Foundation
import Glibc
import Launcher
import Synchronization

/// A listening socket on a free port of 127.0.0.1, for the servers that tests play themselves.
final class LoopbackListener: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let isClosed = Atomic(false)

    /// Listens; nobody is accepted yet.
    init() throws {
        port = try LoopbackPort.free()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let bound = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 64) == 0 else {
            Glibc.close(descriptor)
            throw ClientError.connection("cannot listen on \(port)")
        }
    }

    /// Accepts until it is closed, on a thread of its own; each connection is served on another. Call it once.
    func serve(_ serve: @escaping @Sendable (TCPSocket) -> Void) {
        Thread.detachNewThread { [self] in
            while !isClosed.load(ordering: .acquiring) {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                Thread.detachNewThread { serve(TCPSocket(accepted: connection)) }
            }
            Glibc.close(descriptor)
        }
    }

    /// Accepts nobody more.
    func close() {
        isClosed.store(true, ordering: .releasing)
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
