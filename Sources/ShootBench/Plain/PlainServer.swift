import Bytes
import CEPoll
import Glibc
import WireProtocols

/// The practical limit of a core: a server that only passes on. It takes STOMP over WebSocket as the load tool speaks
/// it, checks nothing, stores nothing, and sends every frame of a turn to a subscriber by one call.
final class PlainServer {
    private let poller: Poller
    private let listener: Int32
    private let frameBytes: Int
    private var connections: [PlainConnection?] = []
    /// The sockets that subscribed to each room, and what this turn has for them.
    private var rooms: [[UInt8]: PlainRoom] = [:]
    private var dirty: [PlainRoom] = []
    private var number: UInt64 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    private static let listenerToken = 0

    /// - Parameter frameBytes: what a MESSAGE frame is padded to, for the same load as that of another server.
    init(port: UInt16, frameBytes: Int) throws(BenchError) {
        let (socket, port) = try Endpoint.listen(port: port)
        listener = socket
        poller = try Poller()
        self.frameBytes = frameBytes
        poller.add(listener, token: PlainServer.listenerToken, write: false)
        Console.say("plain server on 127.0.0.1:\(port)\n")
    }

    /// Serves until the process is ended.
    func run() -> Never {
        while true {
            poller.wait(nanoseconds: 1_000_000_000) { ready in
                if ready.token == PlainServer.listenerToken {
                    accept()
                } else if let connection = connections[ready.token] {
                    if ready.canWrite {
                        connection.flush(poller)
                    }
                    if ready.canRead {
                        read(connection)
                    }
                }
            }
            for room in dirty {
                for member in room.members {
                    member.send(room.pending, poller)
                }
                room.pending.removeAll(keepingCapacity: true)
            }
            dirty.removeAll(keepingCapacity: true)
        }
    }

    private func accept() {
        while true {
            let socket = cepoll_accept(listener)
            guard socket >= 0 else { return }
            var on: Int32 = 1
            setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            while connections.count <= Int(socket) {
                connections.append(nil)
            }
            connections[Int(socket)] = PlainConnection(socket)
            poller.add(socket, token: Int(socket), write: false)
        }
    }

    private func read(_ connection: PlainConnection) {
        guard let received = connection.receive(into: buffer, poller) else {
            for room in connection.rooms {
                room.members.removeAll { $0 === connection }
            }
            connections[Int(connection.socket)] = nil
            close(connection.socket)
            return
        }
        // Messages are unmasked in place, in this server's own buffer.
        let bytes = UnsafeMutableRawBufferPointer(mutating: received)
        var start = 0
        if !connection.isUpgraded {
            guard let end = upgrade(connection, bytes) else { return connection.keep(received, from: 0) }
            start = end
        }
        while let message = PlainMessage(bytes, from: start) {
            take(message.payload(of: bytes), from: connection)
            start = message.end
        }
        connection.keep(received, from: start)
    }

    private func upgrade(_ connection: PlainConnection, _ bytes: UnsafeMutableRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let found = memmem(base, bytes.count, "\r\n\r\n", 4) else { return nil }
        let end = UnsafeMutableRawPointer(found) - base + 4
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let key = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
        let value = key.map { $0.drop { $0 != ":" }.dropFirst().drop { $0 == " " } } ?? ""
        let digest = SHA1.digest(of: Array((value + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        let accept = String(decoding: Base64.encode(digest), as: UTF8.self)
        let answer = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Protocol: v12.stomp\r
            Sec-WebSocket-Accept: \(accept)\r
            \r

            """
        connection.isUpgraded = true
        connection.send(Array(answer.utf8), poller)
        return end
    }

    private func take(_ frame: UnsafeRawBufferPointer, from connection: PlainConnection) {
        switch frame.first {
        case UInt8(ascii: "C"): connection.send(text("CONNECTED\nversion:1.2\n\n\0"), poller)
        case UInt8(ascii: "D"): connection.send(text("RECEIPT\nreceipt-id:bye\n\n\0"), poller)
        case UInt8(ascii: "S") where frame.count > 1 && frame[1] == UInt8(ascii: "U"):
            let room = room(Array(PlainServer.line("destination:/topic/messages/", in: frame)))
            room.members.append(connection)
            connection.rooms.append(room)
            if !PlainServer.line("receipt:", in: frame).isEmpty {
                connection.send(text("RECEIPT\nreceipt-id:ready\n\n\0"), poller)
            }
        case UInt8(ascii: "S"): forward(frame)
        default: break
        }
    }

    private func forward(_ frame: UnsafeRawBufferPointer) {
        guard let base = frame.baseAddress, let found = memmem(base, frame.count, "\n\n", 2),
            let key = memmem(base, frame.count, "\"roomId\":\"", 10)
        else { return }
        let start = UnsafeRawPointer(key) - base + 10
        let id = Array(frame[start...].prefix { $0 != UInt8(ascii: "\"") })
        let room = room(id)
        if room.pending.isEmpty {
            dirty.append(room)
        }
        let body = frame[(UnsafeRawPointer(found) - base + 2)..<(frame.count - 1)]
        number += 1
        var head = Array("MESSAGE\nsubscription:0\nmessage-id:\(number)\ndestination:/topic/messages/".utf8)
        head += id
        head += "\n\n".utf8
        let padding = max(0, frameBytes - head.count - body.count - 1)
        room.pending.appendTextFrameHead(payload: head.count + body.count + padding + 1, isMasked: false)
        room.pending.append(contentsOf: head)
        room.pending.append(contentsOf: body)
        room.pending.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding))
        room.pending.append(0)
    }

    private func room(_ id: [UInt8]) -> PlainRoom {
        if let room = rooms[id] { return room }
        let room = PlainRoom()
        rooms[id] = room
        return room
    }

    private func text(_ frame: String) -> [UInt8] {
        var out: [UInt8] = []
        out.appendTextFrameHead(payload: frame.utf8.count, isMasked: false)
        out.append(contentsOf: frame.utf8)
        return out
    }

    /// What follows `name` to the end of its line; empty where the frame has no such line.
    private static func line(_ name: StaticString, in frame: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
        guard let base = frame.baseAddress,
            let found = memmem(base, frame.count, name.utf8Start, name.utf8CodeUnitCount)
        else { return frame[0..<0] }
        let start = UnsafeRawPointer(found) - base + name.utf8CodeUnitCount
        return frame[start...].prefix { $0 != UInt8(ascii: "\n") }
    }
}

/// Who is in a room, and what they are about to be sent.
final class PlainRoom {
    var members: [PlainConnection] = []
    var pending: [UInt8] = []
}
