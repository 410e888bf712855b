import Bytes

/// The layer above a WebSocket; called on the connection's loop.
///
/// Each method may send on the connection and close it.
public protocol WebSocketHandler: AnyObject {
    /// A message came, text having been found to be UTF-8; `message` is valid during the call only.
    func webSocket(_ connection: WebSocketConnection, received message: Span<UInt8>, isText: Bool)
    /// The peer answered a ping.
    func webSocketHeardPong(_ connection: WebSocketConnection)
    /// All that was sent has gone to the kernel: time to send more, for whoever paces itself by the socket.
    func webSocketDrained(_ connection: WebSocketConnection)
    /// The connection has ended: called exactly once and last. `code` is 1005 where the peer gave none, and 1006 where
    /// it went without a Close.
    func webSocketClosed(_ connection: WebSocketConnection, code: UInt16, reason: String)
}

extension WebSocketHandler {
    /// Pays no heed to pongs: the connection itself looks after the peer's life.
    public func webSocketHeardPong(_ connection: WebSocketConnection) {}

    /// Sends what there is when there is something.
    public func webSocketDrained(_ connection: WebSocketConnection) {}
}
