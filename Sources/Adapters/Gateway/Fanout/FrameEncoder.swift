import Bytes
import WireProtocols

/// Puts STOMP frames into WebSocket messages for one loop. Confined to that loop, since compressing keeps a state.
final class FrameEncoder {
    /// One line feed, the heart-beat of STOMP 1.1 and 1.2.
    let heartBeat: SharedBytes
    private var scratch = ByteWriter(capacity: 4096)

    init() {
        var writer = ByteWriter()
        WebSocketFrameEncoder.append(text: [ASCII.lineFeed].span, to: &writer)
        heartBeat = SharedBytes(writer.bytes)
    }

    /// A run of events as one run of bytes, a WebSocket message for each.
    func encode(_ events: [EncodedEvent], for group: SubscriberGroup) -> SharedBytes {
        let size = events.reduce(0) { $0 + $1.headers.count + $1.body.count + group.subscriptionID.count + 96 }
        var out = ByteWriter(capacity: size)
        for event in events {
            scratch.removeAll()
            event.append(to: &scratch, subscription: group.subscriptionID)
            WebSocketFrameEncoder.append(text: scratch.bytes.span, isCompressed: group.isCompressed, to: &out)
        }
        return SharedBytes(out.bytes)
    }

    /// One STOMP frame as a WebSocket message.
    func encode(_ frame: [UInt8], isCompressed: Bool) -> SharedBytes {
        var out = ByteWriter(capacity: frame.count + 16)
        WebSocketFrameEncoder.append(text: frame.span, isCompressed: isCompressed, to: &out)
        return SharedBytes(out.bytes)
    }
}
