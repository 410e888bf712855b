/// Who is told what happens to a connection; called on its loop.
///
/// Each method may write to the connection and close it. Nothing is reported from within a call of the connection's own
/// methods.
public protocol TCPConnectionDelegate: AnyObject {
    /// Bytes came; `bytes` is valid during the call only.
    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>)
    /// All that was written has gone to the kernel: time to write more, for whoever paces itself by the socket.
    func connectionDrained(_ connection: TCPConnection)
    /// The connection has ended: called exactly once and last, after which it lets go of its delegate.
    func connectionClosed(_ connection: TCPConnection, reason: CloseReason)
}
