/// Builds what a client sends: STOMP frames, each in a masked WebSocket message (RFC 6455 §5.3).
struct ClientFrames {
    private let dialect: LoadPlan.Dialect
    private let bodyParts: [Part]
    private let bodyBytes: Int
    /// Distinguishes the messages of this run from those of others.
    private let run: UInt32

    private enum Part {
        case literal([UInt8])
        case room, uuid, text
    }

    init(_ plan: LoadPlan, run: UInt32) {
        dialect = plan.dialect
        bodyBytes = plan.bodyBytes
        self.run = run
        bodyParts = ClientFrames.parts(of: plan.dialect.body)
    }

    /// The WebSocket handshake.
    static func upgrade(_ endpoint: Endpoint) -> [UInt8] {
        Array(
            """
            GET \(endpoint.path) HTTP/1.1\r
            Host: \(endpoint.host):\(endpoint.port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: c2hvb3QtYmVuY2gtMDAwMQ==\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Protocol: v12.stomp\r
            \r

            """.utf8)
    }

    func connect(_ endpoint: Endpoint, token: String) -> [UInt8] {
        let headers = dialect.connectHeaders.map { $0.replacing("{token}", with: token) + "\n" }.joined()
        return Self.message(
            "CONNECT\naccept-version:1.2\nhost:\(endpoint.host)\nheart-beat:0,0\n\(headers)\n\0")
    }

    /// Subscribes to rooms, and to the status of own messages where that is asked for. The last one asks for a receipt.
    /// - Parameter first: what the subscription to the first of them is called.
    func subscribe(_ rooms: some Collection<String>, from first: Int = 0, status: Bool) -> [UInt8] {
        let numbered = zip(first..., rooms)
        var destinations = numbered.map { ("\($0)", dialect.subscribe.replacing("{room}", with: $1)) }
        if status {
            destinations += numbered.map { ("s\($0)", dialect.status.replacing("{room}", with: $1)) }
        }
        var out: [UInt8] = []
        for (index, (id, destination)) in destinations.enumerated() {
            let receipt = index == destinations.count - 1 ? "receipt:ready\n" : ""
            out += Self.message("SUBSCRIBE\nid:\(id)\ndestination:\(destination)\n\(receipt)\n\0")
        }
        return out
    }

    /// Subscribes to a room and asks for everything that was ever said in it.
    func resume(_ room: String) -> [UInt8] {
        let destination = dialect.subscribe.replacing("{room}", with: room)
        return Self.message("SUBSCRIBE\nid:0\ndestination:\(destination)\nlast-seq:0\n\n\0")
    }

    var disconnect: [UInt8] { Self.message("DISCONNECT\nreceipt:bye\n\n\0") }

    /// Appends a SEND. Its text carries `~<room>.<slot>.<number>.<time>~`, by which each delivery is checked.
    func appendSend(
        room: Int, id: String, slot: Int, number: UInt64, time: UInt64, to out: inout [UInt8]
    ) {
        let marker = "~\(room).\(slot).\(number).\(time)~"
        let fixed = bodyParts.reduce(0) { sum, part in
            switch part {
            case .literal(let bytes): sum + bytes.count
            case .room: sum + id.utf8.count
            case .uuid: sum + 36
            case .text: sum
            }
        }
        let padding = max(0, bodyBytes - fixed - marker.utf8.count)
        let bodyCount = fixed + marker.utf8.count + padding
        let head = "SEND\ndestination:\(dialect.send)\ncontent-type:application/json\n\n"
        out.appendTextFrameHead(payload: head.utf8.count + bodyCount + 1, isMasked: true)
        out.append(contentsOf: head.utf8)
        for part in bodyParts {
            switch part {
            case .literal(let bytes): out.append(contentsOf: bytes)
            case .room: out.append(contentsOf: id.utf8)
            case .uuid: MessageName(run: run, room: room, slot: slot, number: number).append(to: &out)
            case .text:
                out.append(contentsOf: marker.utf8)
                out.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: padding))
            }
        }
        out.append(0)
    }

    /// A message of one frame.
    static func message(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.appendTextFrameHead(payload: text.utf8.count, isMasked: true)
        out.append(contentsOf: text.utf8)
        return out
    }

    private static func parts(of template: String) -> [Part] {
        var parts: [Part] = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            let candidates: [(String, Part)] = [("{room}", .room), ("{uuid}", .uuid), ("{text}", .text)]
            let found = candidates.first { rest[open...].hasPrefix($0.0) }
            let literalEnd = found == nil ? rest.index(after: open) : open
            parts.append(.literal(Array(rest[..<literalEnd].utf8)))
            if let found {
                parts.append(found.1)
                rest = rest[open...].dropFirst(found.0.count)
            } else {
                rest = rest[literalEnd...]
            }
        }
        parts.append(.literal(Array(rest.utf8)))
        return parts
    }
}
