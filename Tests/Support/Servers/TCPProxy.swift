import Foundation
import Synchronization

/// A proxy on loopback before a server, which holds what a test wants held, exactly there, and then passes it on or
/// cuts the connection.
///
///     let proxy = try TCPProxy.start(to: redis.port)
///     let trap = proxy.trap(.reply, containing: [sha, room])
///     …                               // the gateway calls the script
///     await trap.sprung()             // the script has run, its answer is here
///     trap.cut()                      // and never arrives
///
/// It looks at what comes with one read: a pattern is found where the request was written at once, as Redis and MongoDB
/// clients do, and what was written together with it is held together with it.
public final class TCPProxy: Sendable {
    /// Where a trap holds.
    public enum Point: Sendable {
        /// A request, before the server has it.
        case request
        /// What Redis answers from a request on: the server has carried it out.
        case reply
        /// What the server says that contains the pattern itself, such as a message of a channel.
        case push
    }

    /// Where clients connect, on 127.0.0.1.
    public let port: UInt16
    private let listener: LoopbackListener
    private let server: UInt16
    private let state = Mutex(State())

    private struct State {
        var traps: [Trap] = []
        var pairs: [ProxiedPair] = []
        var isCutOff = false
    }

    /// Listens before the server on a port of 127.0.0.1, until it is closed.
    public static func start(to server: UInt16) throws -> TCPProxy {
        let proxy = TCPProxy(listener: try LoopbackListener(), server: server)
        proxy.listener.serve { proxy.serve($0) }
        return proxy
    }

    private init(listener: LoopbackListener, server: UInt16) {
        self.listener = listener
        self.server = server
        port = listener.port
    }

    /// Holds the first that contains all of these texts; it is spent then.
    public func trap(_ point: Point, containing texts: [String]) -> Trap {
        trap(point, containing: texts.map { Array($0.utf8) })
    }

    /// Holds the first that contains all of these bytes; it is spent then.
    public func trap(_ point: Point, containing patterns: [[UInt8]]) -> Trap {
        let trap = Trap(point, patterns)
        state.withLock { $0.traps.append(trap) }
        return trap
    }

    /// Ends all connections, and each new one at once.
    public func cutOff() {
        let pairs = state.withLock { state in
            state.isCutOff = true
            return state.pairs
        }
        pairs.forEach { $0.end() }
    }

    /// Lets go all that is held, ends all connections and accepts nobody more.
    public func close() {
        listener.close()
        cutOff()
        state.withLock { $0.traps }.forEach { $0.cut() }
    }

    private func serve(_ client: TCPSocket) {
        guard let upstream = try? TCPSocket(host: "127.0.0.1", port: server, timeout: .seconds(60), readTimeout: nil)
        else { return }
        let pair = ProxiedPair(client: client, server: upstream) { [self] points, bytes in spring(points, bytes) }
        let isCutOff = state.withLock { state in
            state.pairs.append(pair)
            return state.isCutOff
        }
        if isCutOff { pair.end() }
        Thread.detachNewThread { pair.passAnswers() }
        pair.passRequests()
        state.withLock { state in state.pairs.removeAll { $0 === pair } }
    }

    /// The trap that catches these bytes, if any; it catches nothing else any more.
    private func spring(_ points: Set<Point>, _ bytes: [UInt8]) -> Trap? {
        state.withLock { state in
            guard let index = state.traps.firstIndex(where: { points.contains($0.point) && $0.catches(bytes) }) else {
                return nil
            }
            return state.traps.remove(at: index)
        }
    }
}
