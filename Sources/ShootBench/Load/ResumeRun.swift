import CEPoll
import Glibc

/// Clients that all come back at once, each to a room of which it has missed everything.
final class ResumeRun {
    private let endpoint: Endpoint
    private let rooms: [String]
    private let tokens: [String]
    private let perRoom: Int
    private let missed: Int
    private let frames: ClientFrames
    private let poller: Poller
    private var connections: [LoadConnection] = []
    private var received: [Int] = []
    private var ready = 0
    private var done = 0
    private var start: UInt64 = 0
    private var failure: BenchError?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    /// From all coming back to each having all that it missed.
    private(set) var latency = LatencyHistogram()

    /// - Parameter missed: messages that each room holds.
    init(endpoint: Endpoint, crowd: Crowd, perRoom: Int, missed: Int) throws(BenchError) {
        self.endpoint = endpoint
        rooms = crowd.rooms
        tokens = crowd.tokens
        self.perRoom = perRoom
        self.missed = missed
        frames = ClientFrames(LoadPlan(endpoints: [endpoint], rooms: rooms), run: 0)
        poller = try Poller()
    }

    deinit {
        for connection in connections {
            connection.close()
        }
        buffer.deallocate()
    }

    /// Connects all, without a subscription.
    func open() throws(BenchError) {
        while ready < tokens.count {
            while connections.count < tokens.count, connections.count - ready < 256 {
                let index = connections.count
                connections.append(try LoadConnection(index: index, endpoint: endpoint))
                received.append(0)
                poller.add(connections[index].socket, token: index, write: true)
            }
            try wait()
        }
    }

    /// Subscribes all at once and waits until each has everything.
    func resume() throws(BenchError) {
        start = monotonicNanoseconds()
        for connection in connections {
            connection.send(frames.resume(rooms[connection.index / perRoom]), poller)
        }
        let end = start + 60_000_000_000
        while done < connections.count {
            guard monotonicNanoseconds() < end else { throw .failed("only \(done) clients have all that they missed") }
            try wait()
        }
    }

    private func wait() throws(BenchError) {
        poller.wait(nanoseconds: 100_000_000) { event in
            let connection = connections[event.token]
            if connection.phase == .connecting {
                if let cause = connection.connectFailure {
                    failure = .failed(cause)
                }
                connection.phase = .upgrading
                poller.change(connection.socket, token: connection.index, write: false)
                connection.send(ClientFrames.upgrade(endpoint), poller)
            } else if event.canRead {
                read(connection)
            } else {
                connection.flush(poller)
            }
        }
        if let failure { throw failure }
    }

    private func read(_ connection: LoadConnection) {
        guard connection.phase != .closed else { return }
        guard let bytes = connection.receive(into: buffer, poller) else {
            failure = .failed("the server ended a connection")
            return connection.close()
        }
        var offset = 0
        if connection.phase == .upgrading, let base = bytes.baseAddress {
            guard let found = memmem(base, bytes.count, "\r\n\r\n", 4) else { return connection.keep(bytes, from: 0) }
            offset = UnsafeRawPointer(found) - base + 4
            connection.phase = .greeting
            connection.send(frames.connect(endpoint, token: tokens[connection.index]), poller)
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        let used = ServerFrames.read(rest) { take($0, on: connection) }
        connection.keep(rest, from: used)
    }

    private func take(_ event: ServerEvent, on connection: LoadConnection) {
        switch event {
        case .delivery:
            received[connection.index] += 1
            if received[connection.index] == missed {
                latency.add(monotonicNanoseconds() - start)
                done += 1
            }
        case .frame(let frame):
            if frame.starts(with: "CONNECTED".utf8) {
                connection.phase = .ready
                ready += 1
            } else if frame.starts(with: "ERROR".utf8) {
                failure = .failed("the server answers \(String(decoding: frame, as: UTF8.self).prefix(200))")
            }
        case .ping(let payload): connection.sendPong(payload, poller)
        case .close(let reason): failure = .failed("the server ended a connection: \(reason)")
        }
    }
}
