import CEPoll
import Glibc

extension ChaosLoad {
    /// The longest pause before a try, and the first one, ns.
    private static let longestPause: UInt64 = 30_000_000_000
    private static let firstPause: UInt64 = 500_000_000

    /// Opens a connection to the client's next gateway.
    func connect(_ client: ChaosClient, _ now: UInt64) {
        client.connectAt = 0
        client.heard = now
        do throws(BenchError) {
            let endpoint = plan.gateways[client.gateway]
            let connection = try LoadConnection(index: client.index, endpoint: endpoint)
            client.connection = connection
            poller.add(connection.socket, token: client.index, write: true)
        } catch {
            lose(client, now)
        }
    }

    /// The connection has ended, or could not be had: another gateway, after a while that grows with each failure, or
    /// after what the gateway asked for. Who finds nobody there goes on to the next at once, as a balancer would.
    func lose(_ client: ChaosClient, _ now: UInt64, wasRefused: Bool = false, retryAfter: UInt64? = nil) {
        client.connection?.close()
        if client.isHere {
            client.isHere = false
            here -= 1
            client.moves += 1
        }
        guard !client.isOut, !client.isAway else { return }
        if wasRefused, client.refusals < plan.gateways.count {
            client.refusals += 1
            client.gateway = (client.gateway + 1) % plan.gateways.count
            client.connectAt = now
            return
        }
        client.refusals = 0
        client.gateway = Int(random.next(upperBound: UInt(plan.gateways.count)))
        let longest = min(Self.longestPause, Self.firstPause << UInt64(min(client.failures, 16)))
        client.failures += 1
        client.connectAt = now + (retryAfter ?? random.moment(upTo: longest))
    }

    func writable(_ client: ChaosClient) {
        guard let connection = client.connection, connection.phase != .closed else { return }
        guard connection.phase == .connecting else { return connection.flush(poller) }
        guard connection.connectFailure == nil else {
            return lose(client, monotonicNanoseconds(), wasRefused: true)
        }
        connection.phase = .upgrading
        poller.change(connection.socket, token: client.index, write: false)
        connection.send(ClientFrames.upgrade(connection.endpoint), poller)
    }

    func readable(_ client: ChaosClient, _ buffer: UnsafeMutableRawBufferPointer) {
        guard let connection = client.connection, connection.phase != .closed else { return }
        let now = monotonicNanoseconds()
        guard let bytes = connection.receive(into: buffer, poller) else {
            return lose(client, now, wasRefused: connection.phase == .connecting)
        }
        client.heard = now
        var start = 0
        if connection.phase == .upgrading {
            guard let base = bytes.baseAddress, let found = memmem(base, bytes.count, "\r\n\r\n", 4) else {
                return connection.keep(bytes, from: 0)
            }
            guard bytes.count > 12, memcmp(base + 8, " 101", 4) == 0 else { return lose(client, now) }
            start = UnsafeRawPointer(found) - base + 4
            connection.phase = .greeting
            let beat = plan.hasHeartBeats(client.index) ? plan.heartBeat / 1_000_000 : 0
            connection.send(
                ChaosFrames.connect(connection.endpoint, token: client.token, heartBeatMilliseconds: beat), poller)
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let used = ServerFrames.readWhole(rest) { event in
            switch event {
            case .frame(let payload):
                if let frame = ReceivedFrame(payload) {
                    take(frame, client, now)
                }
            case .ping(let payload): connection.sendPong(payload, poller)
            case .close(let reason): lose(client, now, retryAfter: ChaosLoad.retryAfter(reason))
            case .delivery: break
            }
        }
        connection.keep(rest, from: used)
    }

    /// What `1012 retry-after-ms=N` asks for, ns.
    private static func retryAfter(_ reason: String) -> UInt64? {
        guard reason.hasPrefix("1012"), let found = reason.firstRange(of: "retry-after-ms=") else { return nil }
        return UInt64(reason[found.upperBound...].prefix { $0.isNumber }).map { $0 * 1_000_000 }
    }
}
