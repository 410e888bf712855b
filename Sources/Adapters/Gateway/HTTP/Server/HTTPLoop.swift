import Bytes
import Domain
import EventLoop
import Glibc
import WireProtocols

/// What the HTTP connections of one loop share, and all of them. Confined to that loop.
final class HTTPLoop {
    let loop: EventLoop
    let router: HTTPRouter
    let limits: HTTPServerLimits
    let cors: CORSPolicy
    let trustedProxies: [NetworkBlock]
    let completed: @Sendable (HTTPExchange) -> Void

    private let index: Int
    private let count: ConnectionCount
    private var listener: TCPListener?
    private var timer: LoopTimer?
    private var graceTimer: LoopTimer?
    private var connections: [HTTPConnection] = []
    private var isDraining = false
    private var whenEmpty: (() -> Void)?
    private var random = SystemRandomNumberGenerator()
    private var dateText: [UInt8] = []
    private var dateSecond: Int64 = -1

    init(
        loop: EventLoop, index: Int, configuration: HTTPServer.Configuration, count: ConnectionCount,
        completed: @escaping @Sendable (HTTPExchange) -> Void
    ) {
        self.loop = loop
        self.index = index
        self.count = count
        self.completed = completed
        router = configuration.router
        limits = configuration.limits
        cors = configuration.cors
        trustedProxies = configuration.trustedProxies
    }

    /// Begins to accept connections and answers the address that they come in by.
    func start(
        address: SocketAddress, reusePort: Bool, tls: TLSServerContext?
    ) throws(EventLoopError) -> SocketAddress {
        let listener = try TCPListener.listen(on: loop, address: address, reusePort: reusePort, tls: tls) {
            [weak self] connection in
            guard let self else { return connection.close() }
            accept(connection)
        }
        self.listener = listener
        timer = loop.schedule(
            afterMilliseconds: HTTPServerLimits.tickMilliseconds, repeatMilliseconds: HTTPServerLimits.tickMilliseconds
        ) { [weak self] in self?.tick() }
        return listener.address
    }

    /// Accepts no more connections.
    func stopAccepting() {
        listener?.close()
        listener = nil
    }

    /// Ends every connection after the request that it is at, and calls `whenEmpty` once none is left. After
    /// `graceMilliseconds` those that are left are closed whatever they are at.
    func drain(graceMilliseconds: UInt64, whenEmpty: @escaping () -> Void) {
        isDraining = true
        self.whenEmpty = whenEmpty
        for connection in connections {
            connection.drain()
        }
        graceTimer = loop.schedule(afterMilliseconds: graceMilliseconds) { [weak self] in
            guard let self else { return }
            for connection in connections {
                connection.close()
            }
        }
        reportIfEmpty()
    }

    /// The connection is closed, or another protocol's: that one still counts.
    func remove(_ connection: HTTPConnection) {
        if let last = connections.popLast(), last !== connection {
            last.slot = connection.slot
            connections[connection.slot] = last
        }
        reportIfEmpty()
    }

    func newTraceID() -> TraceID { TraceID(using: &random) }

    /// The date for an answer, formatted once a second.
    func date() -> [UInt8] {
        let second = Int64(time(nil))
        if second != dateSecond {
            dateSecond = second
            dateText = HTTPDate.format(unixSeconds: second)
        }
        return dateText
    }

    private func accept(_ connection: TCPConnection) {
        count.set(loop.counters.connections, at: index)
        guard count.total <= limits.connections else { return turnAway(connection) }
        let accepted = HTTPConnection(server: self, connection: connection)
        accepted.slot = connections.count
        connections.append(accepted)
    }

    private func turnAway(_ connection: TCPConnection) {
        let traceID = newTraceID()
        var response = HTTPResponse.failure(
            Refusal(.tooMany, "the server holds as many connections as it may"), traceID: traceID, status: 503)
        response.add("Retry-After", "1")
        var out = ByteWriter()
        response.head.write(to: &out, body: response.body, date: date(), keepsAlive: false, omitsBody: false)
        connection.write(out.bytes)
        connection.closeAfterFlush()
        completed(
            HTTPExchange(
                method: nil, route: nil, status: 503, errorCode: .tooMany, milliseconds: 0, traceID: traceID))
    }

    private func tick() {
        count.set(loop.counters.connections, at: index)
        let now = loop.now
        for connection in connections {
            connection.tick(now: now)
        }
    }

    private func reportIfEmpty() {
        guard isDraining, connections.isEmpty, let report = whenEmpty.take() else { return }
        timer?.cancel()
        graceTimer?.cancel()
        report()
    }
}
