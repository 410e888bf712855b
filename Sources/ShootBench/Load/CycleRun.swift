import CEPoll
import Glibc

/// Connects, subscribes to a room, disconnects, and begins again, over and over: how many whole cycles a second.
final class CycleRun {
    private let endpoint: Endpoint
    private let room: String
    private let tokens: [String]
    private let frames: ClientFrames
    private let poller: Poller
    private var connections: [LoadConnection?] = []
    private var begun = 0
    private(set) var cycles: UInt64 = 0
    private var failure: BenchError?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    /// Cycles that are under way at once.
    private static let atOnce = 64

    init(endpoint: Endpoint, room: String, tokens: [String]) throws(BenchError) {
        self.endpoint = endpoint
        self.room = room
        self.tokens = tokens
        frames = ClientFrames(LoadPlan(endpoints: [endpoint], rooms: [room]), run: 0)
        poller = try Poller()
    }

    deinit {
        for connection in connections {
            connection?.close()
        }
        buffer.deallocate()
    }

    /// Cycles a second over so many seconds.
    func run(seconds: Double) throws(BenchError) -> Double {
        for slot in 0..<CycleRun.atOnce {
            connections.append(nil)
            try begin(slot)
        }
        let start = monotonicNanoseconds()
        let end = start + UInt64(seconds * 1e9)
        while monotonicNanoseconds() < end {
            poller.wait(nanoseconds: 100_000_000) { ready in
                if let connection = connections[ready.token] {
                    step(connection, ready)
                }
            }
            if let failure { throw failure }
        }
        return Double(cycles) / (Double(monotonicNanoseconds() - start) / 1e9)
    }

    private func begin(_ slot: Int) throws(BenchError) {
        let connection = try LoadConnection(index: slot, endpoint: endpoint)
        connections[slot] = connection
        poller.add(connection.socket, token: slot, write: true)
    }

    private func step(_ connection: LoadConnection, _ ready: Poller.Readiness) {
        if connection.phase == .connecting {
            if let cause = connection.connectFailure {
                failure = .failed(cause)
                return
            }
            connection.phase = .upgrading
            poller.change(connection.socket, token: connection.index, write: false)
            connection.send(ClientFrames.upgrade(endpoint), poller)
            return
        }
        guard ready.canRead else { return connection.flush(poller) }
        guard let bytes = connection.receive(into: buffer, poller) else {
            if connection.phase != .ready {
                failure = .failed("a connection ended before it was subscribed")
            }
            return endCycle(connection)
        }
        var start = 0
        if connection.phase == .upgrading {
            guard let base = bytes.baseAddress, let found = memmem(base, bytes.count, "\r\n\r\n", 4) else {
                return connection.keep(bytes, from: 0)
            }
            start = UnsafeRawPointer(found) - base + 4
            connection.phase = .greeting
            begun += 1
            connection.send(frames.connect(endpoint, token: tokens[begun % tokens.count]), poller)
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let used = ServerFrames.read(rest) { event in
            if case .frame(let frame) = event {
                answered(frame, on: connection)
            }
        }
        connection.keep(rest, from: used)
    }

    private func answered(_ frame: UnsafeRawBufferPointer, on connection: LoadConnection) {
        if frame.starts(with: "CONNECTED".utf8) {
            connection.phase = .subscribing
            connection.send(frames.subscribe([room], status: false), poller)
        } else if frame.starts(with: "RECEIPT".utf8), connection.phase == .subscribing {
            connection.phase = .ready
            connection.send(frames.disconnect, poller)
        } else if frame.starts(with: "RECEIPT".utf8) {
            cycles += 1
            endCycle(connection)
        } else if frame.starts(with: "ERROR".utf8) {
            failure = .failed("the server answers \(String(decoding: frame, as: UTF8.self).prefix(200))")
        }
    }

    private func endCycle(_ connection: LoadConnection) {
        guard connection.phase != .closed else { return }
        connection.close()
        do throws(BenchError) {
            try begin(connection.index)
        } catch {
            failure = error
        }
    }
}
