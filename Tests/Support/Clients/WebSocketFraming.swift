/// The few parts of RFC 6455 that a client of the tests needs.
enum WebSocketFraming {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA
    }

    struct Frame {
        let opcode: Opcode
        let payload: [UInt8]
    }

    /// One masked frame (§5.3).
    static func encode(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode.rawValue]
        frame.reserveCapacity(payload.count + 14)
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(0xFF)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask = withUnsafeBytes(of: UInt32.random(in: 1...UInt32.max)) { Array($0) }
        frame += mask
        for index in payload.indices {
            frame.append(payload[index] ^ mask[index & 3])
        }
        return frame
    }

    /// The frame at `offset`, which moves behind it; nil while it is not whole. Servers do not mask (§5.1).
    static func next(in bytes: [UInt8], at offset: inout Int) throws(ClientError) -> Frame? {
        guard bytes.count >= offset + 2 else { return nil }
        guard let opcode = Opcode(rawValue: bytes[offset] & 0x0F), bytes[offset] & 0x70 == 0 else {
            throw .malformed("WebSocket frame \(bytes[offset])")
        }
        guard bytes[offset + 1] & 0x80 == 0 else { throw .malformed("masked frame of a server") }
        var length = Int(bytes[offset + 1])
        var start = offset + 2
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            guard bytes.count >= start + size else { return nil }
            length = bytes[start..<(start + size)].reduce(0) { $0 << 8 | Int($1) }
            start += size
        }
        guard bytes.count >= start + length else { return nil }
        offset = start + length
        return Frame(opcode: opcode, payload: Array(bytes[start..<offset]))
    }
}
