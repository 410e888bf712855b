import EventLoop
import WireProtocols

/// An HTTP/1.1 server on several loops. Each loop has its own listener on the one port, so that a connection lives on the
/// loop that accepted it.
///
/// The loops must outlive it. To end it: `stopAccepting()`, then `drain(graceMilliseconds:)`.
public final class HTTPServer: Sendable {
    /// What a server serves, where, and within which bounds.
    public struct Configuration: Sendable {
        public var address: SocketAddress
        public var router: HTTPRouter
        public var tls: TLSServerContext?
        public var limits = HTTPServerLimits()
        /// No other origins by default.
        public var cors = CORSPolicy(allowedOrigins: [])
        /// The proxies whose `X-Forwarded-For` is believed; none by default.
        public var trustedProxies: [NetworkBlock] = []

        /// Serves `router` on `address` (port 0: any free one), in the clear.
        public init(address: SocketAddress, router: HTTPRouter) {
            self.address = address
            self.router = router
        }
    }

    /// Where it listens, with the port that was chosen where 0 was asked for.
    public let address: SocketAddress

    private let parts: [LoopBound<HTTPLoop>]
    private let count: ConnectionCount

    private init(address: SocketAddress, parts: [LoopBound<HTTPLoop>], count: ConnectionCount) {
        self.address = address
        self.parts = parts
        self.count = count
    }

    /// Starts listening on each of `loops`. `completed` is told of every answer, on the loop that gave it.
    /// - Throws: ``EventLoopError`` where a listener cannot be had; those that were started are closed again.
    public static func start(
        on loops: [EventLoop], configuration: Configuration,
        completed: @escaping @Sendable (HTTPExchange) -> Void = { _ in }
    ) async throws -> HTTPServer {
        let count = ConnectionCount(loops: loops.count)
        var parts: [LoopBound<HTTPLoop>] = []
        var address = configuration.address
        do {
            for (index, loop) in loops.enumerated() {
                let requested = address
                let (part, bound) = try await loop.submit {
                    let part = HTTPLoop(
                        loop: loop, index: index, configuration: configuration, count: count, completed: completed)
                    let bound = try part.start(
                        address: requested, reusePort: loops.count > 1, tls: configuration.tls)
                    return (LoopBound(part, on: loop), bound)
                }
                parts.append(part)
                address = bound
            }
        } catch {
            await HTTPServer(address: address, parts: parts, count: count).stop()
            throw error
        }
        return HTTPServer(address: address, parts: parts, count: count)
    }

    /// Connections on its loops, upgraded ones and those to other servers included; at most a second old.
    public var connections: Int { count.total }

    /// Closes the listeners. Connections that were accepted are not touched.
    public func stopAccepting() async {
        for part in parts {
            try? await part.loop.submit { part.value.stopAccepting() }
        }
    }

    /// Ends each connection after the request that it is at, and returns once none is left; those that are left after
    /// `graceMilliseconds` are closed. Upgraded connections are not touched: they are their new owners'.
    public func drain(graceMilliseconds: UInt64) async {
        await withTaskGroup { group in
            for part in parts {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        part.loop.execute {
                            part.value.drain(graceMilliseconds: graceMilliseconds) { continuation.resume() }
                        }
                    }
                }
            }
        }
    }

    private func stop() async {
        await stopAccepting()
        await drain(graceMilliseconds: 0)
    }
}
