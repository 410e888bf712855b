import Bytes
import WireProtocols

/// The codecs of the message road, one operation at a time.
struct CodecBenchmarks {
    /// What one operation costs.
    struct Cost {
        let name: String
        let nanoseconds: Double
        /// nil where nothing counts them.
        let allocations: Double?
    }

    /// All that there are.
    static let names = [
        "websocket.decode", "stomp.decode", "json.read", "message.encode", "redis.command", "redis.reply",
    ]

    /// The only one that is done; nil: all are.
    var only: String?
    /// How often each is done.
    var operations = 200_000

    private let body =
        #"{"roomId":"0123456789abcdef01234567","tempId":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","#
        + #""content":{"text":"A message of some eighty characters, as people write them to each other.","#
        + #""type":"TEXT"}}"#

    func run() -> [Cost] {
        let costs = [
            webSocketDecoding(), stompDecoding(), jsonReading(), messageEncoding(), redisCommand(), redisReply(),
        ]
        return costs.compactMap(\.self)
    }

    /// A masked message of one frame (RFC 6455 §5).
    private func webSocketDecoding() -> Cost? {
        var writer = ByteWriter()
        WebSocketFrameEncoder.appendMasked(
            frame.span, opcode: .text, mask: WebSocketMask(littleEndian: 0x1234_5678), to: &writer)
        let bytes = writer.bytes
        var decoder = WebSocketDecoder(options: .init(role: .server))
        let scratch = WebSocketScratch()
        return measure("websocket.decode") {
            var position = 0
            let event = try? decoder.next(in: bytes.span, from: &position, scratch: scratch)
            precondition(event != nil, "cannot decode the message of a benchmark")
        }
    }

    /// A SEND of STOMP 1.2.
    private func stompDecoding() -> Cost? {
        var decoder = STOMPDecoder(limits: STOMPLimits())
        decoder.version = .v12
        let bytes = frame
        return measure("stomp.decode") {
            var offset = 0
            let input = try? decoder.next(in: bytes.span, at: &offset)
            precondition(input != nil, "cannot decode the frame of a benchmark")
        }
    }

    private func jsonReading() -> Cost? {
        let bytes = Array(body.utf8)
        return measure("json.read") {
            var reader = JSONReader()
            precondition((try? reader.skipValue(in: bytes.span)) != nil, "cannot read the JSON of a benchmark")
        }
    }

    /// A MESSAGE for one group of subscribers, in its WebSocket message.
    private func messageEncoding() -> Cost? {
        let headers = Array(
            "destination:/topic/messages/0123456789abcdef01234567\nmessage-id:1\ncontent-type:application/json\n".utf8)
        let bytes = Array(body.utf8)
        return measure("message.encode") {
            var frame = ByteWriter(capacity: 512)
            MessageFrame.append(
                subscription: [UInt8(ascii: "0")], ack: nil, headers: headers.span, body: bytes.span, to: &frame)
            var message = ByteWriter(capacity: 544)
            WebSocketFrameEncoder.append(frame.bytes.span, isText: true, deflater: nil, to: &message)
            precondition(message.count > bytes.count, "cannot encode the message of a benchmark")
        }
    }

    private func redisCommand() -> Cost? {
        let bytes = Array(body.utf8)
        var writer = RESPWriter(capacity: 4096)
        return measure("redis.command") {
            writer.command(4)
            writer.bulk("XADD")
            writer.bulk(bytes)
            writer.bulk(decimal: UInt64(17))
            writer.bulk("body")
            precondition(writer.take().count > bytes.count, "cannot write the command of a benchmark")
        }
    }

    /// One entry of a stream, as XREADGROUP answers it.
    private func redisReply() -> Cost? {
        let reader = RESPReader()
        let reply = Array(
            "*2\r\n$3\r\n1-0\r\n*4\r\n$1\r\nh\r\n$5\r\n1 m 0\r\n$1\r\nb\r\n$\(body.utf8.count)\r\n\(body)\r\n".utf8)
        return measure("redis.reply") {
            try? reader.feed(reply.span)
            let count = try? reader.next { $0.count }
            precondition(count == 2, "cannot read the reply of a benchmark")
        }
    }

    private var frame: [UInt8] {
        Array("SEND\ndestination:/app/chat\ncontent-type:application/json\nreceipt:1\n\n\(body)\0".utf8)
    }

    private func measure(_ name: String, _ operation: () -> Void) -> Cost? {
        guard only ?? name == name else { return nil }
        for _ in 0..<1000 {
            operation()
        }
        let count = AllocationCount.own
        let before = count?.value ?? 0
        let start = monotonicNanoseconds()
        for _ in 0..<operations {
            operation()
        }
        let time = Double(monotonicNanoseconds() - start)
        let after = count?.value ?? 0
        return Cost(
            name: name, nanoseconds: time / Double(operations),
            allocations: count == nil ? nil : (Double(after - before) / Double(operations) * 100).rounded() / 100)
    }
}
