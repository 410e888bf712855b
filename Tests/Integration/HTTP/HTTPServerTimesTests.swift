import EventLoop
import Gateway
import Support
import Testing
import WireProtocols

/// Limits of time and number, and the end of a server.
@Suite struct HTTPServerTimesTests {
    private static func limits(_ change: (inout HTTPServerLimits) -> Void) -> HTTPServerLimits {
        var limits = HTTPServerLimits()
        change(&limits)
        return limits
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await withHTTPServer(configure: { $0.limits.idleMilliseconds = 1 }) { server in
            let isClosed = try await blocking { try RawClient(server.address).isClosed() }
            #expect(isClosed)
        }
    }

    @Test(arguments: ["GET", "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nx"])
    func aRequestThatDoesNotComeToItsEndIsTimedOut(part: String) async throws {
        let limits = Self.limits {
            $0.headMilliseconds = 1
            $0.requestMilliseconds = 1
        }
        try await withHTTPServer(configure: { $0.limits = limits }) { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send(part)
                let answer = try client.answer()
                #expect(answer.status == 408)
                #expect(answer.body.contains("REQUEST_TIMEOUT"))
                #expect(try client.isClosed())
            }
        }
    }

    @Test func aHandlerThatTakesTooLongIsCancelled() async throws {
        let waiting = Observed(Waiting.notYet)
        let router = Self.waitingRouter(waiting)
        try await withHTTPServer(configure: {
            $0.router = router
            $0.limits.handlerMilliseconds = 1
        }) { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == 503)
                #expect(answer.body.contains("OUTCOME_UNKNOWN"))
                #expect(try client.isClosed())
            }
            await waiting.wait { $0 == .cancelled }
        }
    }

    @Test func connectionsBeyondTheLimitAreTurnedAway() async throws {
        try await withHTTPServer(configure: { $0.limits.connections = 1 }) { server in
            try await blocking {
                let first = try RawClient(server.address)
                try first.send("GET /echo/a HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try first.answer().status == 200)
                let second = try RawClient(server.address)
                let answer = try second.answer()
                #expect(answer.status == 503)
                #expect(answer.fields["retry-after"] == "1")
                #expect(answer.body.contains("TOO_MANY"))
                #expect(try second.isClosed())
                try first.send("GET /echo/a HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try first.answer().status == 200)
            }
        }
    }

    @Test func drainingAnswersWhatIsAskedAndClosesTheRest() async throws {
        let gate = Observed(false)
        let isHandling = Observed(false)
        var router = echoRouter()
        router.on(.get, "/gate") { _ in
            isHandling.update { $0 = true }
            await gate.wait { $0 }
            return HTTPResponse(status: 200)
        }
        try await withHTTPServer(loops: 2, configure: { [router] in $0.router = router }) { server in
            let idle = try RawClient(server.address)
            let busy = try RawClient(server.address)
            try await blocking {
                try idle.send("GET /echo/a HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try idle.answer().status == 200)
                try busy.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n")
            }
            await isHandling.wait { $0 }
            await server.stopAccepting()
            async let drained: Void = server.drain(graceMilliseconds: 30_000)
            let isClosed = try await blocking { try idle.isClosed() }
            #expect(isClosed)
            gate.update { $0 = true }
            try await blocking {
                let answer = try busy.answer()
                #expect(answer.status == 200)
                #expect(answer.fields["connection"] == "close")
                #expect(try busy.isClosed())
            }
            // Both sides are to end a connection.
            busy.hangUp()
            idle.hangUp()
            await drained
            #expect(throws: RawClient.Failure.self) { try RawClient(server.address) }
        }
    }

    @Test func drainingEndsAfterItsGrace() async throws {
        let waiting = Observed(Waiting.notYet)
        let router = Self.waitingRouter(waiting)
        try await withHTTPServer(configure: { $0.router = router }) { server in
            let client = try RawClient(server.address)
            try await blocking { try client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\nGET") }
            await waiting.wait { $0 == .handling }
            await server.stopAccepting()
            await server.drain(graceMilliseconds: 50)
            let isClosed = try await blocking { try client.isClosed() }
            #expect(isClosed)
        }
    }

    @Test func aHandlerWhoseClientIsGoneIsCancelled() async throws {
        let waiting = Observed(Waiting.notYet)
        let router = Self.waitingRouter(waiting)
        try await withHTTPServer(configure: { $0.router = router }) { server in
            let client = try RawClient(server.address)
            try await blocking { try client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n") }
            await waiting.wait { $0 == .handling }
            await server.stopAccepting()
            await server.drain(graceMilliseconds: 0)
        }
        await waiting.wait { $0 == .cancelled }
    }

    /// How far the handler of `waitingRouter` has come.
    private enum Waiting {
        case notYet, handling, cancelled
    }

    /// A route that answers only when it is cancelled, and says how far it is.
    private static func waitingRouter(_ waiting: Observed<Waiting>) -> HTTPRouter {
        var router = HTTPRouter()
        router.on(.get, "/wait") { _ in
            let cancelled = Observed(false)
            await withTaskCancellationHandler {
                waiting.update { $0 = .handling }
                _ = await cancelled.wait { $0 }
            } onCancel: {
                cancelled.update { $0 = true }
            }
            waiting.update { $0 = .cancelled }
            return HTTPResponse(status: 200)
        }
        return router
    }
}
