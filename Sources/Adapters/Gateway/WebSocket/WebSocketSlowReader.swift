import Bytes
import EventLoop
import WireProtocols

/// How a peer is told that it is cut off because it does not read what is sent to it.
enum WebSocketSlowReader {
    /// More waits for the peer than it may have waiting.
    static let tooMuchQueued = WebSocketClosure(.policyViolation, "too slow: too much waits for you; reconnect, resume")
    /// The peer took nothing for a while: there is no telling it.
    static let stalled = WebSocketClosure(.policyViolation, "too slow: nothing was read for a while; reconnect, resume")

    /// The Close that goes behind what waits, for a peer that does read, if slowly.
    static let farewell: SharedBytes = {
        var writer = ByteWriter()
        let payload = WebSocketFrameEncoder.closePayload(tooMuchQueued)
        WebSocketFrameEncoder.append(payload.span, opcode: .close, to: &writer)
        return SharedBytes(writer.bytes)
    }()
}
