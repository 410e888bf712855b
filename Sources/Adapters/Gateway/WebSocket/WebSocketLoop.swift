import Bytes
import EventLoop
import WireProtocols

/// What the WebSocket connections of one loop share, so that an idle one needs next to nothing of its own: memory to
/// decode into, an inflater, and one timer for all keep-alives. Confined to that loop.
public final class WebSocketLoop {
    /// The loop that the connections belong to.
    public let loop: EventLoop

    let scratch = WebSocketScratch()
    let timing: WebSocketSession.Timing
    let maxMessageBytes: Int
    let outboundLimits: OutboundLimits
    /// Tells the connections of this loop from those of any other loop, process or machine.
    let name: String

    private var connections: [WebSocketConnection] = []
    private var opened: UInt64 = 0
    private var timer: LoopTimer?

    /// Bounds for all connections of `loop`: the bytes of a message, when to ping, and how far a peer may fall behind.
    public init(
        loop: EventLoop, maxMessageBytes: Int = WebSocketLimits.maxMessageBytes,
        timing: WebSocketSession.Timing = WebSocketSession.Timing(), outboundLimits: OutboundLimits = OutboundLimits()
    ) {
        self.loop = loop
        self.maxMessageBytes = maxMessageBytes
        self.timing = timing
        self.outboundLimits = OutboundLimits(
            maxQueuedBytes: outboundLimits.maxQueuedBytes, stallMilliseconds: outboundLimits.stallMilliseconds,
            farewell: WebSocketSlowReader.farewell)
        name = String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// Takes a connection in and gives it its number. The timer runs while there are connections.
    func add(_ connection: WebSocketConnection) -> UInt64 {
        connection.slot = connections.count
        connections.append(connection)
        opened += 1
        if timer == nil {
            let period = GatewayLimits.sessionTickMilliseconds
            timer = loop.schedule(afterMilliseconds: period, repeatMilliseconds: period) { [weak self] in
                self?.tick()
            }
        }
        return opened
    }

    /// Takes a connection out by putting the last one in its place.
    func remove(_ connection: WebSocketConnection) {
        guard let last = connections.popLast() else { return }
        if last !== connection {
            last.slot = connection.slot
            connections[connection.slot] = last
        }
        if connections.isEmpty {
            timer?.cancel()
            timer = nil
        }
    }

    /// From the back, because a connection that ends here puts the last one, already seen, in its place.
    private func tick() {
        let now = loop.now
        for index in connections.indices.reversed() where index < connections.count {
            connections[index].tick(now: now)
        }
    }
}
