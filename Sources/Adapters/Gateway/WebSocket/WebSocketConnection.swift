import Bytes
import EventLoop
import WireProtocols

/// A server's WebSocket on a TCP connection: performs what the session's state machine asks for. Confined to the loop
/// of its connection.
///
/// ```swift
/// let connection = WebSocketConnection(on: tcp, acceptance: acceptance, shared: webSocketLoop)
/// connection.open(handler: Chat(connection))
/// ```
public final class WebSocketConnection: TCPConnectionDelegate {
    /// What the handshake agreed on.
    public let acceptance: WebSocketHandshake.Acceptance
    /// Its place among the connections of the loop.
    var slot = 0

    private let tcp: TCPConnection
    private let shared: WebSocketLoop
    private var session: WebSocketSession
    private var handler: (any WebSocketHandler)?
    private var number: UInt64 = 0
    private var isReceiving = false
    /// Input that came in before reading was paused.
    private var heldInput: [UInt8] = []

    /// A WebSocket on `tcp`, not open yet.
    public init(on tcp: TCPConnection, acceptance: WebSocketHandshake.Acceptance, shared: WebSocketLoop) {
        shared.loop.assertCurrent()
        self.tcp = tcp
        self.acceptance = acceptance
        self.shared = shared
        session = WebSocketSession(
            options: WebSocketDecoder.Options(
                inflates: acceptance.deflate != nil, maxMessageBytes: shared.maxMessageBytes),
            timing: shared.timing, now: shared.loop.now)
    }

    /// A name that no other connection has, on whatever gateway.
    public var id: String { "\(shared.name)-\(number)" }

    /// Whether frames may be sent that were compressed with the largest window: those are the ones that can be shared.
    /// A peer that asked for a smaller window gets messages as they are, which it has to take as well.
    public var isCompressed: Bool { acceptance.deflate?.serverMaxWindowBits == 15 }

    /// Whether no more messages are taken for now. What has been read already is kept.
    public var isReadingPaused = false {
        didSet {
            guard isReadingPaused != oldValue else { return }
            if isReadingPaused {
                tcp.pauseReading()
            } else {
                resume()
            }
        }
    }

    /// Answers the handshake, takes the connection over and tells `handler` what comes.
    ///
    /// What came after the request's head is to be given to ``connection(_:received:)`` next.
    public func open(handler: any WebSocketHandler) {
        precondition(self.handler == nil, "cannot open a WebSocket when it has been opened")
        self.handler = handler
        number = shared.add(self)
        var writer = ByteWriter(capacity: 256)
        acceptance.appendResponse(to: &writer)
        tcp.outboundLimits = shared.outboundLimits
        tcp.delegate = self
        tcp.write(writer.bytes)
    }

    /// Sends one or more whole frames, compressed only where the peer agreed. Nothing happens once a close has begun.
    public func send(_ frames: SharedBytes) {
        guard session.isOpen else { return }
        tcp.write(frames)
    }

    /// Whether the kernel has taken all that was sent.
    var hasSentAll: Bool { tcp.queuedBytes == 0 }

    /// Bytes that wait for the kernel to take them.
    var queuedBytes: Int { tcp.queuedBytes }

    /// Asks the peer for a sign of life.
    public func ping() { perform(session.ping(now: shared.loop.now)) }

    /// Begins the closing handshake; a reason over 123 bytes is cut. Nothing happens where it has begun already.
    public func close(code: WebSocketCloseCode, reason: String) {
        let closure = WebSocketClosure(code, reason)
        // Messages are passed over from now on, but the peer's answer has to be read.
        isReadingPaused = false
        perform(session.close(closure, now: shared.loop.now))
    }

    /// Takes bytes off the socket.
    public func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        guard heldInput.isEmpty, !isReadingPaused else {
            heldInput += [UInt8](copying: bytes)
            return
        }
        isReceiving = true
        defer { isReceiving = false }
        var position = 0
        let now = shared.loop.now
        while let action = session.receive(bytes, from: &position, now: now, scratch: shared.scratch) {
            perform(action)
            if isReadingPaused {
                heldInput = [UInt8](copying: bytes.extracting(position..<bytes.count))
                return
            }
        }
    }

    /// Passes on that there is room again.
    public func connectionDrained(_ connection: TCPConnection) { handler?.webSocketDrained(self) }

    /// Ends the session where its end has not been told yet.
    public func connectionClosed(_ connection: TCPConnection, reason: CloseReason) {
        if let closure = session.transportClosed(Self.closure(for: reason)) {
            ended(closure)
        }
    }

    func tick(now: UInt64) { perform(session.tick(now: now)) }

    private func perform(_ action: WebSocketSession.Action?) {
        switch action {
        case nil: break
        case .text: shared.scratch.withPayload { handler?.webSocket(self, received: $0, isText: true) }
        case .binary: shared.scratch.withPayload { handler?.webSocket(self, received: $0, isText: false) }
        case .pong: handler?.webSocketHeardPong(self)
        case .send(let bytes): tcp.write(bytes)
        case .end(let bytes, let closure):
            tcp.write(bytes)
            tcp.closeAfterFlush()
            ended(closure)
        }
    }

    private func ended(_ closure: WebSocketClosure) {
        shared.remove(self)
        heldInput = []
        handler.take()?.webSocketClosed(self, code: closure.code.rawValue, reason: closure.reason)
    }

    /// Goes on with what was held, in a turn of its own: whoever ends the pause may be in the middle of something.
    private func resume() {
        tcp.resumeReading()
        guard !heldInput.isEmpty, !isReceiving else { return }
        let bound = LoopBound(self, on: shared.loop)
        shared.loop.execute { bound.value.receiveHeld() }
    }

    private func receiveHeld() {
        guard !isReadingPaused else { return }
        let input = heldInput
        heldInput = []
        connection(tcp, received: input.span)
    }

    private static func closure(for reason: CloseReason) -> WebSocketClosure {
        switch reason {
        case .peerClosed: WebSocketClosure(.abnormal, "the peer went without a Close")
        case .local: WebSocketClosure(.abnormal, "the connection was cut on our side")
        case .slowReader(.tooMuchQueued): WebSocketSlowReader.tooMuchQueued
        case .slowReader(.stalled): WebSocketSlowReader.stalled
        case .error(let error): WebSocketClosure(.abnormal, error.description)
        }
    }
}
