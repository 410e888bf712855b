import CEPoll
import Glibc

/// The connections of a cut proxy. Confined to the proxy's thread.
final class CutRelay {
    private let listener: Int32
    private let store: Endpoint
    private let poller: Poller
    /// Both ends of each connection, by socket.
    private var peers: [Int32: (peer: Int32, isStore: Bool)] = [:]
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    /// How long a mode may go unnoticed, ns, and how long an end may take nothing before it is cut off, ms.
    private static let turn: UInt64 = 2_000_000
    private static let patience: Int32 = 5000

    init(listener: Int32, store: Endpoint) throws(BenchError) {
        self.listener = listener
        self.store = store
        poller = try Poller()
        poller.add(listener, token: Int(listener), write: false)
    }

    deinit {
        for socket in peers.keys {
            close(socket)
        }
        close(listener)
    }

    /// Passes on what has come, as the mode says.
    func turn(_ mode: CutProxy.Mode) {
        if mode == .cut {
            for (socket, end) in peers where !end.isStore {
                cut(socket)
            }
        }
        poller.wait(nanoseconds: CutRelay.turn) { ready in
            let socket = Int32(ready.token)
            if socket == listener {
                accept(mode)
            } else if ready.canRead {
                pass(from: socket, mode)
            }
        }
    }

    private func accept(_ mode: CutProxy.Mode) {
        while case let client = cepoll_accept(listener), client >= 0 {
            guard mode != .cut, let server = try? store.connect() else {
                close(client)
                continue
            }
            var on: Int32 = 1
            setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            peers[client] = (server, false)
            peers[server] = (client, true)
            poller.add(client, token: Int(client), write: false)
            poller.add(server, token: Int(server), write: false)
        }
    }

    private func pass(from socket: Int32, _ mode: CutProxy.Mode) {
        guard let end = peers[socket] else { return }
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return cut(socket) }
        if mode == .mute, end.isStore { return }
        var sent = 0
        while sent < count {
            let written = buffer.withUnsafeBytes { bytes in
                Glibc.send(end.peer, bytes.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
            }
            if written > 0 {
                sent += written
            } else {
                var waiting = pollfd(fd: end.peer, events: Int16(POLLOUT), revents: 0)
                guard written < 0, errno == EAGAIN || errno == ENOTCONN, poll(&waiting, 1, CutRelay.patience) == 1
                else { return cut(socket) }
            }
        }
    }

    private func cut(_ socket: Int32) {
        guard let end = peers.removeValue(forKey: socket) else { return }
        peers[end.peer] = nil
        close(socket)
        close(end.peer)
    }
}
