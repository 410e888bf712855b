import CUV
import Glibc

/// A socket that connections come in by. It belongs to one loop; with `reusePort` every loop has its own and the kernel
/// spreads connections over them.
public final class TCPListener: UVHandleOwner {
    /// The address that it listens on, with the port that the system chose where 0 was asked for.
    public let address: SocketAddress

    private let loop: EventLoop
    private let socket: ListeningSocket
    private let handle: UVHandle<uv_poll_t>
    private let tls: TLSServerContext?
    private let acceptFailed: (EventLoopError) -> Void
    private let accept: (TCPConnection) -> Void
    private var isClosed = false

    /// Listens on `address` and gives each connection to `accept`, which sets its delegate. Loop-only. It listens until
    /// ``close()``, whether or not anybody keeps it.
    ///
    /// With `tls`, connections are handed over before their handshake is done; what is written waits for it. Where the
    /// system is out of descriptors, accepting rests for 100 ms at a time and `acceptFailed` is told each time.
    /// - Throws: ``EventLoopError`` (`addressInUse`, `badAddress`, `resources`, `stopped`).
    public static func listen(
        on loop: EventLoop, address: SocketAddress, reusePort: Bool, tls: TLSServerContext? = nil,
        acceptFailed: @escaping (EventLoopError) -> Void = { _ in }, accept: @escaping (TCPConnection) -> Void
    ) throws(EventLoopError) -> TCPListener {
        loop.assertCurrent()
        guard !loop.isStopping else { throw EventLoopError(.stopped, "loop \(loop.name) is stopping") }
        let socket = try ListeningSocket(address, reusePort: reusePort)
        do throws(EventLoopError) {
            return try TCPListener(loop: loop, socket: socket, tls: tls, acceptFailed: acceptFailed, accept: accept)
        } catch {
            socket.close()
            throw error
        }
    }

    private init(
        loop: EventLoop, socket: ListeningSocket, tls: TLSServerContext?,
        acceptFailed: @escaping (EventLoopError) -> Void, accept: @escaping (TCPConnection) -> Void
    ) throws(EventLoopError) {
        guard let address = socket.localAddress else {
            throw EventLoopError(.badAddress, "cannot tell the address that the socket is bound to")
        }
        handle = try UVHandle { handle in loop.uv.withPointer { uv_poll_init($0, handle, socket.descriptor) } }
        self.loop = loop
        self.socket = socket
        self.address = address
        self.tls = tls
        self.acceptFailed = acceptFailed
        self.accept = accept
        handle.attach(self)
        startAccepting()
    }

    /// Stops listening. Connections that were accepted are not touched.
    public func close() {
        loop.assertCurrent()
        guard !isClosed else { return }
        isClosed = true
        handle.close()
    }

    func closeForStop() { close() }

    func handleClosed() { socket.close() }

    private func startAccepting() {
        handle.withPointer { handle in
            _ = uv_poll_start(handle, Int32(UV_READABLE.rawValue)) { handle, _, _ in
                handleOwner(handle?.pointee.data, as: TCPListener.self)?.acceptWaiting()
            }
        }
    }

    private func acceptWaiting() {
        for _ in 0..<LoopLimits.acceptsPerTurn {
            guard !isClosed else { return }
            switch socket.accept() {
            case .connection(let descriptor, let address):
                admit(descriptor, from: address)
            case .gone:
                continue
            case .nobody:
                return
            case .exhausted(let code):
                return pause(EventLoopError(.resources, status: -code))
            }
        }
    }

    private func admit(_ descriptor: Int32, from address: SocketAddress) {
        do throws(EventLoopError) {
            let connection = try TCPConnection(descriptor: descriptor, from: address, on: loop, tls: tls)
            loop.counters.accepted += 1
            accept(connection)
            if connection.phase != .closed, !connection.isReadingPaused {
                connection.startReading()
            }
        } catch {
            acceptFailed(error)
        }
    }

    private func pause(_ error: EventLoopError) {
        loop.counters.acceptPauses += 1
        handle.withPointer { _ = uv_poll_stop($0) }
        loop.schedule(afterMilliseconds: LoopLimits.acceptPauseMilliseconds) { [weak self] in
            guard let self, !isClosed else { return }
            startAccepting()
        }
        acceptFailed(error)
    }
}

extension TCPConnection {
    /// Takes over an accepted socket, which is closed where that fails.
    convenience init(
        descriptor: Int32, from address: SocketAddress, on loop: EventLoop, tls: TLSServerContext?
    ) throws(EventLoopError) {
        let handle: UVHandle<uv_tcp_t>
        let session: TLSSession?
        do throws(EventLoopError) {
            session = try tls.map { context throws(EventLoopError) in try TLSSession(server: context) }
            handle = try UVHandle { handle in loop.uv.withPointer { uv_tcp_init($0, handle) } }
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        let status = handle.withPointer { uv_tcp_open($0, descriptor) }
        guard status == 0 else {
            handle.close()
            _ = Glibc.close(descriptor)
            throw EventLoopError(.resources, status: status)
        }
        self.init(loop: loop, handle: handle, remoteAddress: address, tls: session, phase: .open)
    }
}
