import Bytes
import EventLoop
import WireProtocols

/// Who uses a link; called on its loop.
protocol RedisLinkOwner: AnyObject {
    /// The handshake is done: commands may be written.
    func linkBecameReady()
    /// A reply came that is not the handshake's. It is valid during the call only.
    func linkReceived(_ reply: RESPReply)
    /// All that was written has gone to the kernel.
    func linkDrained()
    /// A link that was ready is lost, or is closed; it reconnects by itself unless it was closed.
    func linkLost(_ cause: String)
}

/// A transport to a Redis server that is kept up: it connects, shakes hands, hands on replies, and reconnects.
///
/// What is sent over it, and which reply belongs to what, is its owner's business. It belongs to one loop.
final class RedisLink {
    let loop: EventLoop
    weak var owner: (any RedisLinkOwner)?

    /// Why there was no connection the last time that there was none.
    private(set) var lastFailure = "not connected yet"

    private let configuration: RedisConfiguration
    private var state: RedisConnectionState
    private var transport: TCPConnection?
    private var reader = RESPReader()
    /// Bounds the handshake, then the pause before the next attempt.
    private var timer: LoopTimer?

    init(_ configuration: RedisConfiguration, on loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
        state = RedisConnectionState(configuration)
    }

    /// Whether commands may be written.
    var isReady: Bool { state.isReady }

    /// Bytes written that the kernel has not taken yet.
    var queuedBytes: Int { transport?.queuedBytes ?? 0 }

    func start() { perform(state.start()) }

    /// Ends it for good.
    func close() {
        let wasReady = state.isReady
        state.close()
        timer?.cancel()
        lastFailure = "closed"
        dropTransport()
        if wasReady {
            owner?.linkLost(lastFailure)
        }
    }

    func write(_ bytes: [UInt8]) { transport?.write(bytes) }

    /// Gives up a connection that cannot be trusted any more, and makes another.
    func abandon(_ cause: String) {
        guard transport != nil else { return }
        dropTransport()
        lost(cause)
    }

    private func dropTransport() {
        transport?.delegate = nil
        transport?.close()
        transport = nil
    }

    private func lost(_ cause: String) {
        timer?.cancel()
        lastFailure = cause
        perform(state.transportLost(now: loop.now, random: UInt64.random(in: 0...UInt64.max)))
    }

    private func perform(_ action: RedisConnectionState.Action) {
        switch action {
        case .nothing: break
        case .connect: connect()
        case .sendHandshake(let steps): sendHandshake(steps)
        case .becomeReady:
            timer?.cancel()
            owner?.linkBecameReady()
        case .giveUp: abandon(lastFailure)
        case .retry(let milliseconds, let wasReady):
            timer = loop.schedule(afterMilliseconds: milliseconds) { [weak self] in
                guard let self else { return }
                perform(state.backoffElapsed())
            }
            if wasReady {
                owner?.linkLost(lastFailure)
            }
        }
    }

    private func connect() {
        TCPConnection.connect(
            on: loop, to: configuration.endpoint, tls: configuration.tls,
            timeoutMilliseconds: configuration.connectMilliseconds
        ) { [weak self] result in
            switch result {
            case .success(let connection):
                guard let self else { return connection.close() }
                opened(connection)
            case .failure(let error): self?.lost("\(error.code): \(error.cause)")
            }
        }
    }

    private func opened(_ connection: TCPConnection) {
        let action = state.transportOpened()
        guard action != .nothing else { return connection.close() }
        // The owner bounds what it writes; to be cut off in a burst would leave all its commands in the dark.
        connection.outboundLimits = OutboundLimits(
            maxQueuedBytes: Int.max, stallMilliseconds: configuration.commandMilliseconds)
        connection.isFlushedFirst = true
        connection.delegate = self
        transport = connection
        reader = RESPReader()
        perform(action)
    }

    private func sendHandshake(_ steps: [RedisConnectionState.Step]) {
        var writer = RESPWriter()
        for step in steps {
            configuration.encode(step, into: &writer)
        }
        write(writer.take())
        timer = loop.schedule(afterMilliseconds: configuration.connectMilliseconds) { [weak self] in
            self?.abandon("no answer to the handshake")
        }
    }

    private func handshakeAnswered(_ reply: RESPReply) {
        if reply.kind == .error {
            lastFailure = reply.string
        }
        perform(state.handshakeAnswered(isError: reply.kind == .error, now: loop.now))
    }
}

extension RedisLink: TCPConnectionDelegate {
    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        let owner = owner
        let reader = reader
        do throws(RESPError) {
            try reader.feed(bytes)
            // Whatever a reply leads to may end this very transport.
            while connection === transport {
                let gotOne: Void? = try reader.next { reply in
                    if state.isReady {
                        owner?.linkReceived(reply)
                    } else {
                        handshakeAnswered(reply)
                    }
                }
                guard gotOne != nil else { return }
            }
        } catch {
            abandon("not RESP2: \(error)")
        }
    }

    func connectionDrained(_ connection: TCPConnection) {
        guard connection === transport, state.isReady else { return }
        owner?.linkDrained()
    }

    func connectionClosed(_ connection: TCPConnection, reason: CloseReason) {
        guard connection === transport else { return }
        transport = nil
        lost(reason.summary)
    }
}

extension RedisConfiguration {
    /// Appends the command of one step of the handshake.
    func encode(_ step: RedisConnectionState.Step, into writer: inout RESPWriter) {
        switch step {
        case .authenticate:
            writer.command(username == nil ? 2 : 3)
            writer.bulk("AUTH")
            if let username {
                writer.bulk(utf8: username)
            }
            writer.bulk(utf8: password ?? "")
        case .selectDatabase:
            writer.command(2)
            writer.bulk("SELECT")
            writer.bulk(decimal: UInt64(database))
        case .setName:
            writer.command(3)
            writer.bulk("CLIENT")
            writer.bulk("SETNAME")
            writer.bulk(utf8: clientName)
        case .ping:
            writer.command(1)
            writer.bulk("PING")
        }
    }
}

extension CloseReason {
    fileprivate var summary: String {
        switch self {
        case .peerClosed: "the server closed the connection"
        case .local: "closed"
        case .slowReader: "the server takes nothing"
        case .error(let error): "\(error.code): \(error.cause)"
        }
    }
}
