import CEPoll
import Glibc

/// Sends GET requests at a fixed rate over connections that stay, each request as soon as it is due.
final class HTTPRun {
    private let endpoint: Endpoint
    private let paths: [String]
    private let tokens: [String]
    private let poller: Poller
    private var connections: [LoadConnection] = []
    private var busySince: [UInt64?] = []
    private var idle: [Int] = []
    private(set) var latency = LatencyHistogram()
    private(set) var refused = 0
    private var failure: BenchError?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)

    private static let connectionCount = 64

    /// Request number n asks for path n, with token n, both taken in turn.
    init(endpoint: Endpoint, paths: [String], tokens: [String]) throws(BenchError) {
        self.endpoint = endpoint
        self.paths = paths
        self.tokens = tokens
        poller = try Poller()
    }

    deinit {
        for connection in connections {
            connection.close()
        }
        buffer.deallocate()
    }

    /// - Throws: where the server cannot be reached or closes a connection.
    func run(rate: Double, seconds: Double) throws(BenchError) {
        for index in 0..<HTTPRun.connectionCount {
            let connection = try LoadConnection(index: index, endpoint: endpoint)
            connections.append(connection)
            busySince.append(nil)
            poller.add(connection.socket, token: index, write: true)
        }
        while idle.count < HTTPRun.connectionCount, failure == nil {
            wait(nanoseconds: 100_000_000)
        }
        let start = monotonicNanoseconds()
        let total = Int(rate * seconds)
        var next = 0
        while failure == nil, next < total || idle.count < HTTPRun.connectionCount {
            let now = monotonicNanoseconds()
            let due = start + UInt64(Double(next) * 1e9 / rate)
            if next < total, due <= now, let index = idle.popLast() {
                busySince[index] = due
                connections[index].send(request(next), poller)
                next += 1
            } else {
                wait(nanoseconds: next < total && due > now ? due - now : 1_000_000)
            }
        }
        if let failure { throw failure }
    }

    private func request(_ number: Int) -> [UInt8] {
        let (path, token) = (paths[number % paths.count], tokens[number % tokens.count])
        return Array("GET \(path) HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8)
    }

    private func wait(nanoseconds: UInt64) {
        poller.wait(nanoseconds: nanoseconds) { ready in
            let connection = connections[ready.token]
            if connection.phase == .connecting {
                if let cause = connection.connectFailure {
                    failure = .failed(cause)
                }
                connection.phase = .ready
                poller.change(connection.socket, token: connection.index, write: false)
                idle.append(connection.index)
            } else if ready.canRead {
                read(connection)
            }
        }
    }

    private func read(_ connection: LoadConnection) {
        guard let bytes = connection.receive(into: buffer, poller) else {
            failure = .failed("\(endpoint.host):\(endpoint.port) closed a connection")
            return
        }
        guard let base = bytes.baseAddress, let found = memmem(base, bytes.count, "\r\n\r\n", 4) else {
            return connection.keep(bytes, from: 0)
        }
        let headEnd = UnsafeRawPointer(found) - base + 4
        let head = String(decoding: bytes[..<headEnd], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        guard let length, bytes.count >= headEnd + length else { return connection.keep(bytes, from: 0) }
        if let since = busySince[connection.index] {
            latency.add(monotonicNanoseconds() - since)
        }
        if !head.hasPrefix("http/1.1 200") {
            refused += 1
        }
        busySince[connection.index] = nil
        idle.append(connection.index)
    }
}
