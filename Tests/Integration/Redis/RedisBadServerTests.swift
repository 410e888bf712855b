import EventLoop
import Redis
import Support
import Testing
import WireProtocols

/// A server that says what a test wants: one list of lines per connection, one line for each time that bytes come.
private final class ScriptedServer: TCPConnectionDelegate {
    private var lines: ArraySlice<String>

    init(_ lines: [String]) { self.lines = lines[...] }

    func connection(_ connection: TCPConnection, received bytes: Span<UInt8>) {
        if let line = lines.popFirst() {
            connection.write(Array(line.utf8))
        }
    }

    func connectionDrained(_ connection: TCPConnection) {}

    func connectionClosed(_ connection: TCPConnection, reason: CloseReason) {}

    /// Listens on `loop`; the first connection gets the first script, and those beyond the last get the last.
    static func start(_ scripts: [[String]], on loop: EventLoop) async throws -> RedisConfiguration {
        let accepted = Observed(0)
        let port = try await loop.submit {
            try TCPListener.listen(on: loop, address: .loopback(port: 0), reusePort: false) { connection in
                let number = accepted.value
                accepted.update { $0 += 1 }
                connection.delegate = ScriptedServer(scripts[min(number, scripts.count - 1)])
            }.address.port
        }
        return RedisConfiguration(endpoint: HostPort(host: "127.0.0.1", port: port))
    }
}

@Suite(.timeLimit(.minutes(5))) struct RedisBadServerTests {
    private static let working = ["+PONG\r\n", "+fine\r\n"]

    @Test func isNotReadyWhileTheServerLoadsItsData() async throws {
        try await withLoop { loop in
            let loading = ["-LOADING Redis is loading the dataset in memory\r\n"]
            let configuration = try await ScriptedServer.start([loading, Self.working], on: loop)
            let connection = try await TestConnection.start(configuration, on: loop)
            #expect(try await connection.client.command("X") == .status("fine"))
            #expect(connection.states.value == [true])
        }
    }

    @Test(arguments: ["nonsense\r\n", "+fine\r\n+more\r\n", "*2\r\n:1\r\n?\r\n"])
    func reconnectsAfterRepliesThatCannotBeTrusted(_ reply: String) async throws {
        try await withLoop { loop in
            let configuration = try await ScriptedServer.start([["+PONG\r\n", reply], Self.working], on: loop)
            let connection = try await TestConnection.start(configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { $0.send("X", into: outcomes) }
            await connection.states.wait { $0 == [true, false, true] }
            let first = outcomes.value[0]
            #expect(first.code == .connectionLost(written: true) || reply.hasPrefix("+fine"))
            #expect(try await connection.client.command("X") == .status("fine"))
        }
    }

    @Test func givesUpAHandshakeWithoutAnswer() async throws {
        try await withLoop { loop in
            var configuration = try await ScriptedServer.start([[], Self.working], on: loop)
            configuration.connectMilliseconds = 100
            let connection = try await TestConnection.start(configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            #expect(try await connection.onLoop { $0.lastFailure } == "no answer to the handshake")
        }
    }

    @Test func refusesMoreThanMayBeInFlight() async throws {
        try await withLoop { loop in
            let configuration = try await ScriptedServer.start([["+PONG\r\n"]], on: loop)
            let connection = try await TestConnection.start(configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                for _ in 0..<RedisLimits.commandsInFlight {
                    connection.send {
                        $0.command([[0x58]])
                    } completion: { _ in
                    }
                }
                connection.send("X", into: outcomes)
            }
            #expect(outcomes.value.map(\.code) == [.overloaded])
            connection.close()
        }
    }

    @Test func whatACompletionDoesToItsConnectionIsSafe() async throws {
        try await withLoop { loop in
            let configuration = try await ScriptedServer.start([["+PONG\r\n", "+1\r\n+2\r\n+3\r\n"]], on: loop)
            let connection = try await TestConnection.start(configuration, on: loop)
            await connection.states.wait { $0 == [true] }
            let outcomes = Observed<[Outcome]>([])
            try await connection.onLoop { connection in
                connection.send {
                    $0.command([[0x58]])
                } completion: { [unowned connection] _ in
                    connection.close()
                }
                connection.send("X", into: outcomes)
                connection.send("X", into: outcomes)
            }
            let lost = await outcomes.wait { $0.count == 2 }
            #expect(lost.map(\.code) == [.connectionLost(written: true), .connectionLost(written: true)])
        }
    }
}
