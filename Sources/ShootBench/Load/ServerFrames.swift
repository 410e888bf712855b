import CEPoll
import Glibc

/// What a server's bytes turn out to be.
enum ServerEvent {
    /// A message came, whose marker says which it is and when it was to be sent (ns).
    case delivery(room: Int, slot: Int, number: UInt64, time: UInt64)
    /// Something else inside a WebSocket message: a whole STOMP frame in most cases.
    case frame(UnsafeRawBufferPointer)
    /// A ping, to be answered with the same payload.
    case ping(UnsafeRawBufferPointer)
    /// The server ends the connection, with its reason.
    case close(String)
}

/// Takes a server's WebSocket messages apart, in place.
enum ServerFrames {
    /// Calls `body` for everything in `bytes` that is complete; gives how many bytes that was.
    static func read(_ bytes: UnsafeRawBufferPointer, _ body: (ServerEvent) -> Void) -> Int {
        readWhole(bytes) { event in
            if case .frame(let payload) = event {
                readMessage(payload, body)
            } else {
                body(event)
            }
        }
    }

    /// The same, with no look inside of messages: each is a `.frame`.
    static func readWhole(_ bytes: UnsafeRawBufferPointer, _ body: (ServerEvent) -> Void) -> Int {
        var start = 0
        while bytes.count - start >= 2 {
            let opcode = bytes[start] & 0x0f
            var length = Int(bytes[start + 1] & 0x7f)
            var head = 2
            if length == 126 {
                guard bytes.count - start >= 4 else { break }
                length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
                head = 4
            } else if length == 127 {
                guard bytes.count - start >= 10 else { break }
                length = (2..<10).reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
                head = 10
            }
            guard bytes.count - start - head >= length else { break }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(start + head)..<(start + head + length)])
            switch opcode {
            case 0x8: body(.close(reason(payload)))
            case 0x9: body(.ping(payload))
            case 0xa: break
            default: body(.frame(payload))
            }
            start += head + length
        }
        return start
    }

    private static func readMessage(_ payload: UnsafeRawBufferPointer, _ body: (ServerEvent) -> Void) {
        var reader = MarkerReader(payload)
        var found = false
        while let marker = reader.next() {
            found = true
            body(.delivery(room: marker.0, slot: marker.1, number: marker.2, time: marker.3))
        }
        if !found, payload.count > 1 {
            body(.frame(payload))
        }
    }

    private static func reason(_ payload: UnsafeRawBufferPointer) -> String {
        guard payload.count >= 2 else { return "without a reason" }
        let code = Int(payload[0]) << 8 | Int(payload[1])
        return "\(code) \(String(decoding: payload.dropFirst(2), as: UTF8.self))"
    }
}

/// Finds `~<room>.<slot>.<number>.<time>~`.
private struct MarkerReader {
    private let bytes: UnsafeRawBufferPointer
    private var start = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> (Int, Int, UInt64, UInt64)? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let tilde = memchr(base + start, Int32(UInt8(ascii: "~")), bytes.count - start)
        else { return nil }
        start = UnsafeRawPointer(tilde) - base + 1
        guard let room = number(UInt8(ascii: ".")), let slot = number(UInt8(ascii: ".")),
            let number = number(UInt8(ascii: ".")), let time = self.number(UInt8(ascii: "~"))
        else { return nil }
        return (Int(room), Int(slot), number, time)
    }

    private mutating func number(_ end: UInt8) -> UInt64? {
        var value: UInt64 = 0
        while start < bytes.count {
            let byte = bytes[start]
            start += 1
            if byte == end { return value }
            guard byte >= 48, byte <= 57 else { return nil }
            value = value &* 10 &+ UInt64(byte - 48)
        }
        return nil
    }
}

/// A step of a message's life as the status topic tells it: `{tempId, status, …}`.
struct StatusFrame {
    let room: Int
    let slot: Int
    let number: UInt64
    let status: String

    /// nil where the frame is none.
    init?(_ frame: UnsafeRawBufferPointer) {
        guard let id = StatusFrame.value(of: "\"tempId\":\"", in: frame),
            let status = StatusFrame.value(of: "\"status\":\"", in: frame), let name = MessageName(id)
        else { return nil }
        room = name.room
        slot = name.slot
        number = name.number
        self.status = status
    }

    private static func value(of key: StaticString, in frame: UnsafeRawBufferPointer) -> String? {
        guard let base = frame.baseAddress, let found = memmem(base, frame.count, key.utf8Start, key.utf8CodeUnitCount)
        else { return nil }
        let start = UnsafeRawPointer(found) - base + key.utf8CodeUnitCount
        let rest = frame[start...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return String(decoding: frame[start..<end], as: UTF8.self)
    }
}
