import Bytes

/// The MESSAGE frame that is written once and sent to everyone who subscribed under the same id.
///
/// Subscribers' frames differ in nothing but `subscription`, and nearly all clients use the same few ids: a room with a
/// thousand subscribers costs a handful of calls. All parts come encoded; nothing is escaped or checked here.
public enum MessageFrame {
    /// Appends a whole frame with its NUL.
    ///
    /// - Parameters:
    ///   - subscription: the id as `STOMPSubscription.encodedID` has it.
    ///   - ack: what an ACK of this delivery names (STOMP 1.2 §ACK); nil for `auto` and for older versions.
    ///   - headers: lines of `name:value` with a line feed each, such as `destination` and `message-id`, without
    ///     `subscription` and `content-length`.
    ///   - body: the body; its length is always told, so that it may hold NULs.
    public static func append(
        subscription: [UInt8], ack: STOMPAckID? = nil, headers: Span<UInt8>, body: Span<UInt8>,
        to writer: inout ByteWriter
    ) {
        writer.append("MESSAGE\nsubscription:")
        writer.append(subscription)
        writer.append(ASCII.lineFeed)
        if let ack {
            writer.append("ack:")
            ack.append(to: &writer)
            writer.append(ASCII.lineFeed)
        }
        writer.append(headers)
        writer.append("content-length:")
        writer.append(decimal: UInt64(body.count))
        writer.append("\n\n")
        writer.append(body)
        writer.append(ASCII.nul)
    }
}
