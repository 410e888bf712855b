import Bytes

/// A connection's life after the handshake, without I/O: messages, pings, silence, and the closing handshake
/// (RFC 6455 §5.5, §7).
///
/// Every method that may call for something returns it as an action, which the connection performs. `now` is in
/// milliseconds of a clock that never goes back.
public struct WebSocketSession {
    /// When to ping, when to give up.
    public struct Timing: Sendable {
        public var pingIntervalMilliseconds = WebSocketLimits.pingIntervalMilliseconds
        public var silenceMilliseconds = WebSocketLimits.silenceMilliseconds
        public var closeWaitMilliseconds = WebSocketLimits.closeWaitMilliseconds

        /// The defaults of `WebSocketLimits`.
        public init() {}
    }

    /// What the connection is to do.
    public enum Action: Equatable, Sendable {
        /// A text message is in the scratch: hand it on.
        case text
        /// A binary message is in the scratch: hand it on.
        case binary
        /// A pong came: a sign of life for the layer above.
        case pong
        /// Write these bytes.
        case send([UInt8])
        /// It is over: write these bytes, if any, close the transport after them, and tell the layer above.
        case end([UInt8], WebSocketClosure)
    }

    private enum Phase {
        case open
        /// We sent a Close and wait for the peer's until `deadline`.
        case closing(WebSocketClosure, deadline: UInt64)
        case ended
    }

    private var decoder: WebSocketDecoder
    private let role: WebSocketRole
    private let timing: Timing
    private var phase = Phase.open
    private var lastHeard: UInt64
    private var lastPing: UInt64

    /// A session that opens now.
    public init(options: WebSocketDecoder.Options, timing: Timing = Timing(), now: UInt64) {
        decoder = WebSocketDecoder(options: options)
        role = options.role
        self.timing = timing
        lastHeard = now
        lastPing = now
    }

    /// Whether messages may still be sent.
    public var isOpen: Bool {
        if case .open = phase { true } else { false }
    }

    /// Reads on from `position` to the next action; nil when the input is used up. After the end, and while our
    /// Close is unanswered, messages are passed over.
    public mutating func receive(
        _ input: Span<UInt8>, from position: inout Int, now: UInt64, scratch: WebSocketScratch
    ) -> Action? {
        lastHeard = now
        while true {
            if case .ended = phase {
                position = input.count
                return nil
            }
            do throws(WebSocketFault) {
                guard let event = try decoder.next(in: input, from: &position, scratch: scratch) else { return nil }
                if let action = handle(event, scratch: scratch) {
                    return action
                }
            } catch {
                return end(error.closure)
            }
        }
    }

    /// Begins the closing handshake (RFC 6455 §7.1.2); nil where it has begun already.
    public mutating func close(_ closure: WebSocketClosure, now: UInt64) -> Action? {
        guard case .open = phase else { return nil }
        phase = .closing(closure, deadline: now + timing.closeWaitMilliseconds)
        return .send(frame(.close, WebSocketFrameEncoder.closePayload(closure)))
    }

    /// Asks the peer for a sign of life; nil where the closing has begun.
    public mutating func ping(now: UInt64) -> Action? {
        guard isOpen else { return nil }
        lastPing = now
        return .send(frame(.ping, []))
    }

    /// The transport is gone. Gives what to tell the layer above, nil where it has been told.
    ///
    /// - Parameter cause: what is told where no side had sent a Close.
    public mutating func transportClosed(_ cause: WebSocketClosure) -> WebSocketClosure? {
        defer { phase = .ended }
        return switch phase {
        case .open: cause
        case .closing(let closure, _): closure
        case .ended: nil
        }
    }

    /// To be called about once a second: pings a silent peer, gives up a dead one.
    public mutating func tick(now: UInt64) -> Action? {
        switch phase {
        case .ended: return nil
        case .closing(let closure, let deadline):
            guard now >= deadline else { return nil }
            phase = .ended
            return .end([], closure)
        case .open:
            let silence = now - lastHeard
            if silence >= timing.silenceMilliseconds {
                return end(WebSocketFault.silent(milliseconds: silence).closure)
            }
            guard silence >= timing.pingIntervalMilliseconds, now - lastPing >= timing.pingIntervalMilliseconds else {
                return nil
            }
            return ping(now: now)
        }
    }

    private mutating func handle(_ event: WebSocketEvent, scratch: WebSocketScratch) -> Action? {
        switch event {
        case .text: return isOpen ? .text : nil
        case .binary: return isOpen ? .binary : nil
        case .pong: return isOpen ? .pong : nil
        case .ping:
            guard isOpen else { return nil }
            return .send(frame(.pong, scratch.withPayload { [UInt8](copying: $0) }))
        case .close(let code):
            if case .closing(let closure, _) = phase {
                phase = .ended
                return .end([], closure)
            }
            let reason = scratch.withPayload { String(utf8: $0) ?? "" }
            phase = .ended
            // The answer repeats the code (RFC 6455 §5.5.1); the reason was for us.
            let answer = WebSocketFrameEncoder.closePayload(WebSocketClosure(code ?? .noStatus, ""))
            return .end(frame(.close, answer), WebSocketClosure(code ?? .noStatus, reason))
        }
    }

    /// Ends on our own account, with a Close unless one was sent before (RFC 6455 §7.1.7).
    private mutating func end(_ closure: WebSocketClosure) -> Action {
        defer { phase = .ended }
        guard isOpen else { return .end([], closure) }
        return .end(frame(.close, WebSocketFrameEncoder.closePayload(closure)), closure)
    }

    private func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: payload.count + 6)
        if role == .server {
            WebSocketFrameEncoder.append(payload.span, opcode: opcode, to: &writer)
        } else {
            let mask = WebSocketMask(littleEndian: UInt32.random(in: .min ... .max))
            WebSocketFrameEncoder.appendMasked(payload.span, opcode: opcode, mask: mask, to: &writer)
        }
        return writer.bytes
    }
}
