import Bytes

/// Writes frames (RFC 6455 §5.2). A message is always one frame: nothing here sends fragments.
public enum WebSocketFrameEncoder {
    /// Appends a server's frame as it is: neither masked nor compressed.
    public static func append(_ payload: Span<UInt8>, opcode: WebSocketOpcode, to writer: inout ByteWriter) {
        appendHeader(opcode: opcode, payloadCount: payload.count, to: &writer)
        writer.append(payload)
    }

    /// Appends a server's message, compressed where there is a deflater, whether that makes it smaller or not
    /// (RFC 7692 §6.1).
    public static func append(
        _ payload: Span<UInt8>, isText: Bool, deflater: Deflater?, to writer: inout ByteWriter
    ) {
        let opcode: WebSocketOpcode = isText ? .text : .binary
        guard let deflater else { return append(payload, opcode: opcode, to: &writer) }
        var compressed: [UInt8] = []
        deflater.deflate(payload, into: &compressed)
        appendHeader(opcode: opcode, payloadCount: compressed.count, isCompressed: true, to: &writer)
        writer.append(compressed)
    }

    /// Appends a client's frame, masked with `mask`.
    ///
    /// - Parameter deflater: compresses the payload where permessage-deflate was negotiated.
    public static func appendMasked(
        _ payload: Span<UInt8>, opcode: WebSocketOpcode, mask: WebSocketMask, deflater: Deflater? = nil,
        to writer: inout ByteWriter
    ) {
        var masked: [UInt8] = []
        if let deflater {
            deflater.deflate(payload, into: &masked)
        } else {
            masked = [UInt8](copying: payload)
        }
        appendHeader(
            opcode: opcode, payloadCount: masked.count, isCompressed: deflater != nil, mask: mask, to: &writer)
        var turning = mask
        masked.withUnsafeMutableBytes { turning.apply(to: $0) }
        writer.append(masked)
    }

    /// Appends what precedes a payload of `payloadCount` bytes.
    public static func appendHeader(
        opcode: WebSocketOpcode, payloadCount: Int, isFinal: Bool = true, isCompressed: Bool = false,
        mask: WebSocketMask? = nil, to writer: inout ByteWriter
    ) {
        writer.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        let lengthBytes: Int
        switch payloadCount {
        case 0...125:
            writer.append(maskBit | UInt8(payloadCount))
            lengthBytes = 0
        case 126...0xFFFF:
            writer.append(maskBit | 126)
            lengthBytes = 2
        default:
            writer.append(maskBit | 127)
            lengthBytes = 8
        }
        for index in 0..<lengthBytes {
            writer.append(UInt8(truncatingIfNeeded: payloadCount >> (8 * (lengthBytes - 1 - index))))
        }
        if let mask {
            writer.append(mask.wireBytes)
        }
    }

    /// The payload of a Close (RFC 6455 §5.5.1): empty for a code that must not be sent; a reason over 123 bytes is
    /// cut between two characters.
    public static func closePayload(_ closure: WebSocketClosure) -> [UInt8] {
        guard closure.code.mayBeSent else { return [] }
        let code = closure.code.rawValue
        var payload = [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)]
        for scalar in closure.reason.unicodeScalars {
            let utf8 = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            guard payload.count + utf8.count <= WebSocketLimits.maxControlPayloadBytes else { break }
            payload.append(contentsOf: utf8)
        }
        return payload
    }
}
