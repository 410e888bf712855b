/// The part of a frame that precedes its payload (RFC 6455 §5.2).
struct WebSocketFrameHeader {
    /// Whether the header is there, and how many bytes it takes.
    enum Parsed {
        case incomplete
        case header(WebSocketFrameHeader, length: Int)
    }

    /// Whether this is the message's last frame.
    let isFinal: Bool
    /// RSV1: the message that begins here is compressed (RFC 7692 §6).
    let isCompressed: Bool
    let opcode: WebSocketOpcode
    let payloadCount: Int
    let mask: WebSocketMask

    /// Reads the header that `bytes` begin with. What is wrong in the first or the second byte is found as soon as
    /// that byte is there.
    static func parse(_ bytes: Span<UInt8>, options: WebSocketDecoder.Options) throws(WebSocketFault) -> Parsed {
        guard bytes.count >= 1 else { return .incomplete }
        let first = bytes[0]
        let opcode = try opcode(first, options: options)
        guard bytes.count >= 2 else { return .incomplete }
        let second = bytes[1]
        let isMasked = second & 0x80 != 0
        guard isMasked == (options.role == .server) else { throw isMasked ? .masked : .unmasked }
        let shortLength = Int(second & 0x7F)
        if opcode.isControl {
            guard first & 0x80 != 0 else { throw .fragmentedControl }
            guard shortLength <= WebSocketLimits.maxControlPayloadBytes else { throw .oversizedControl }
        }
        let lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0
        let length = 2 + lengthBytes + (isMasked ? 4 : 0)
        guard bytes.count >= length else { return .incomplete }
        var key: UInt32 = 0
        if isMasked {
            for index in 0..<4 {
                key |= UInt32(bytes[length - 4 + index]) << UInt32(8 * index)
            }
        }
        let header = WebSocketFrameHeader(
            isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0, opcode: opcode,
            payloadCount: lengthBytes == 0 ? shortLength : try extendedLength(bytes, count: lengthBytes),
            mask: WebSocketMask(littleEndian: key))
        return .header(header, length: length)
    }

    private static func opcode(
        _ first: UInt8, options: WebSocketDecoder.Options
    ) throws(WebSocketFault) -> WebSocketOpcode {
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .unknownOpcode }
        let beginsMessage = opcode == .text || opcode == .binary
        let allowed: UInt8 = options.inflates && beginsMessage ? 0x40 : 0
        guard first & 0x70 & ~allowed == 0 else { throw .reservedBits }
        return opcode
    }

    private static func extendedLength(_ bytes: Span<UInt8>, count: Int) throws(WebSocketFault) -> Int {
        var length: UInt64 = 0
        for index in 2..<(2 + count) {
            length = length << 8 | UInt64(bytes[index])
        }
        let isShortest = count == 2 ? length > 125 : length > 0xFFFF
        guard isShortest, let value = Int(exactly: length) else { throw .badLength }
        return value
    }
}
