import Bytes
import WireProtocols

/// Puts STOMP frames into WebSocket messages for one loop. Confined to that loop, since compressing keeps a state.
final class FrameEncoder {
    /// One line feed, the heart-beat of STOMP 1.1 and 1.2.
    let heartBeat: SharedBytes
    private var scratch = ByteWriter(capacity: 4096)
    /// Made when the first client compresses: it holds some 256 KiB.
    private lazy var deflater = Deflater(windowBits: 15)

    init() {
        var writer = ByteWriter(capacity: 4)
        let lineFeed = [ASCII.lineFeed]
        WebSocketFrameEncoder.append(lineFeed.span, opcode: .text, to: &writer)
        heartBeat = SharedBytes(writer.bytes)
    }

    /// A run of events as one run of bytes, a WebSocket message for each.
    func encode(
        _ events: ArraySlice<EncodedEvent>, subscriptionID: [UInt8], isCompressed: Bool
    ) -> SharedBytes {
        let size = events.reduce(0) { $0 + $1.byteCount + subscriptionID.count + 96 }
        var out = ByteWriter(capacity: size)
        for event in events {
            scratch.removeAll()
            event.append(to: &scratch, subscription: subscriptionID)
            append(scratch.bytes, isCompressed: isCompressed, to: &out)
        }
        return SharedBytes(out.bytes)
    }

    /// One STOMP frame as a WebSocket message.
    func encode(_ frame: [UInt8], isCompressed: Bool) -> SharedBytes {
        var out = ByteWriter(capacity: frame.count + 16)
        append(frame, isCompressed: isCompressed, to: &out)
        return SharedBytes(out.bytes)
    }

    private func append(_ frame: [UInt8], isCompressed: Bool, to out: inout ByteWriter) {
        WebSocketFrameEncoder.append(
            frame.span, isText: true, deflater: isCompressed ? deflater : nil, to: &out)
    }
}
