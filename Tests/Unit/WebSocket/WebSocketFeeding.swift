import Bytes
import WireProtocols

/// What a decoder made of a run of bytes.
struct WebSocketDecoded: Equatable {
    /// An event with the payload that it came with.
    struct Event: Equatable {
        let kind: WebSocketEvent
        let payload: [UInt8]

        init(kind: WebSocketEvent, payload: [UInt8]) {
            self.kind = kind
            self.payload = payload
        }

        init(_ kind: WebSocketEvent, _ text: String = "") { self.init(kind: kind, payload: Array(text.utf8)) }
    }

    var events: [Event] = []
    var fault: WebSocketFault?

    /// Feeds `pieces` one after another, as a socket brings them.
    init(_ pieces: [[UInt8]], options: WebSocketDecoder.Options = WebSocketDecoder.Options()) {
        var decoder = WebSocketDecoder(options: options)
        let scratch = WebSocketScratch()
        for piece in pieces {
            var position = 0
            do throws(WebSocketFault) {
                while let kind = try decoder.next(in: piece.span, from: &position, scratch: scratch) {
                    events.append(Event(kind: kind, payload: scratch.withPayload { [UInt8](copying: $0) }))
                }
            } catch {
                fault = error
                return
            }
        }
    }

    init(events: [Event], fault: WebSocketFault? = nil) {
        self.events = events
        self.fault = fault
    }
}

/// A client's frame, as wrong as a test needs it.
struct ClientFrame {
    var opcode: UInt8 = WebSocketOpcode.text.rawValue
    var isFinal = true
    var reserved: UInt8 = 0
    var isMasked = true
    var payload: [UInt8] = []

    static func text(_ text: String, isFinal: Bool = true) -> ClientFrame {
        ClientFrame(isFinal: isFinal, payload: Array(text.utf8))
    }

    static func of(_ opcode: WebSocketOpcode, _ text: String = "", isFinal: Bool = true) -> ClientFrame {
        ClientFrame(opcode: opcode.rawValue, isFinal: isFinal, payload: Array(text.utf8))
    }

    /// A Close with a code, known or not.
    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> ClientFrame {
        ClientFrame(
            opcode: WebSocketOpcode.close.rawValue,
            payload: [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + reason)
    }

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append((isFinal ? 0x80 : 0) | reserved << 4 | opcode)
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            writer.append(maskBit | UInt8(payload.count))
        } else if payload.count <= 0xFFFF {
            writer.append([maskBit | 126, UInt8(payload.count >> 8), UInt8(truncatingIfNeeded: payload.count)])
        } else {
            writer.append([maskBit | 127])
            writer.append((0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) })
        }
        guard isMasked else {
            writer.append(payload)
            return writer.bytes
        }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        writer.append(key)
        writer.append(payload.enumerated().map { $1 ^ key[$0 & 3] })
        return writer.bytes
    }
}

/// The bytes that hexadecimal digits with spaces between stand for.
func hex(_ text: String) -> [UInt8] {
    text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}

/// `bytes` in two pieces, for each place where they can be cut.
func everySplit(_ bytes: [UInt8]) -> [[[UInt8]]] {
    (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
}
