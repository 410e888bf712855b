import Bytes
import Domain
import Outbound
import WireProtocols

/// A STOMP session of our own, which sends one message and waits for it. Confined to one thread; its calls may block.
final class TraceClient {
    private let socket: TraceClientSocket
    private var stomp = STOMPDecoder(limits: STOMPLimits(maxFrameBytes: TraceLimits.maxFrameBytes))
    /// Frames that came and were not looked at yet.
    private var frames: [STOMPFrame] = []

    /// Connects to a gateway as the user of the token.
    init(url: String, token: String) throws(TraceFailure) {
        socket = try TraceClientSocket(url: url)
        stomp.version = .v12
        try write(
            .connect, [("accept-version", "1.2"), ("heart-beat", "0,0"), ("Authorization", "Bearer \(token)")])
        _ = try frame { $0.command == .connected }
    }

    /// Subscribes to the room, and to the errors of what is sent; returns when both deliver.
    func subscribe(to room: RoomID) throws(TraceFailure) {
        for (id, destination) in [("errors", "/user/queue/errors"), ("room", "/topic/messages/\(room)")] {
            try write(.subscribe, [("id", id), ("destination", destination), ("receipt", id)])
            _ = try frame { $0.command == .receipt && $0.text(of: "receipt-id") == id }
        }
    }

    /// Sends a message in a trace, and waits until it has come back over the subscription.
    func send(to room: RoomID, tempID: TempID, trace: TraceContext) throws(TraceFailure) {
        let body =
            "{\"roomId\":\"\(room)\",\"tempId\":\"\(tempID)\",\"content\":{\"text\":\"shoot trace\",\"type\":\"TEXT\"}}"
        let traceparent = String(decoding: trace.traceparent, as: UTF8.self)
        try write(
            .send,
            [("destination", "/app/chat"), ("content-type", "application/json"), ("traceparent", traceparent)],
            Array(body.utf8))
        let answer = try frame { frame in
            frame.command == .message
                && (frame.text(of: "subscription") == "errors" || frame.bodyText.contains("\(tempID)"))
        }
        guard answer.text(of: "subscription") == "room" else {
            throw TraceFailure("the message was refused: \(answer.bodyText)")
        }
    }

    /// Says goodbye; whether it is heard makes no difference.
    func end() { try? write(.disconnect, []) }

    private func write(
        _ command: STOMPCommand, _ headers: [(name: String, value: String)], _ body: [UInt8] = []
    ) throws(TraceFailure) {
        var out = ByteWriter(capacity: 512)
        STOMPEncoder(version: .v12).append(command, headers: headers, body: body, to: &out)
        try socket.send(out.bytes)
    }

    /// The next frame that fits; others are passed over. An ERROR ends it.
    private func frame(where fits: (STOMPFrame) -> Bool) throws(TraceFailure) -> STOMPFrame {
        let deadline = ContinuousClock.now + .milliseconds(TraceLimits.stepMilliseconds)
        while ContinuousClock.now < deadline {
            while !frames.isEmpty {
                let frame = frames.removeFirst()
                guard frame.command != .error else {
                    throw TraceFailure("the gateway refused: \(frame.text(of: "message") ?? ""): \(frame.bodyText)")
                }
                if fits(frame) { return frame }
            }
            for message in try socket.receive() {
                try decode(message)
            }
        }
        throw TraceFailure("the gateway did not answer in time")
    }

    private func decode(_ message: [UInt8]) throws(TraceFailure) {
        var offset = 0
        do throws(STOMPError) {
            while let input = try stomp.next(in: message.span, at: &offset) {
                if case .frame(let frame) = input {
                    frames.append(frame)
                }
            }
        } catch {
            throw TraceFailure("the gateway does not speak STOMP as it should: \(error)")
        }
    }
}

extension STOMPFrame {
    /// The body as text.
    fileprivate var bodyText: String { String(decoding: bodyBytes, as: UTF8.self) }
}
