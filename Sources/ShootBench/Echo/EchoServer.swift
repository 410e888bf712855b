import EventLoop
import Gateway

/// A WebSocket echo server built of the gateway's own connection code: what the conformance tests drive.
enum EchoServer {
    /// Bytes of a message: the largest that the conformance cases send.
    static let maxMessageBytes = 16 << 20
    /// Bytes that may wait for a client: those cases read slowly and send several large messages at once.
    static let maxQueuedBytes = 256 << 20

    /// Serves until the process is ended. Returns the exit code where it cannot.
    static func run(port: UInt16) async -> Int32 {
        do {
            let loop = try EventLoop.start(name: "echo")
            let server = try await start(on: loop, port: port)
            Console.say("echo server on \(server.address)\n")
            await ended(loop)
            await loop.stop()
            return 0
        } catch {
            Console.complain("\(error)")
            return 1
        }
    }

    private static func start(on loop: EventLoop, port: UInt16) async throws -> HTTPServer {
        let echoes = try await loop.submit { LoopBound(EchoLoop(loop), on: loop) }
        var router = HTTPRouter()
        router.onWebSocket("/") { request, connection, remainder in
            echoes.value.upgrade(request, connection, remainder)
        }
        let configuration = HTTPServer.Configuration(address: .loopback(port: port), router: router)
        return try await HTTPServer.start(on: [loop], configuration: configuration)
    }

    /// Returns on SIGTERM or SIGINT.
    private static func ended(_ loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                var waiting: CheckedContinuation<Void, Never>? = continuation
                for signal in [SignalSource.Signal.terminate, .interrupt] {
                    do throws(EventLoopError) {
                        try SignalSource.observe(signal, on: loop) { waiting.take()?.resume() }
                    } catch {
                        Console.complain("\(error)")
                        waiting.take()?.resume()
                    }
                }
            }
        }
    }
}
