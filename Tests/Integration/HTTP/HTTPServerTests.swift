import Domain
import EventLoop
import Gateway
import Support
import Testing
import WireProtocols

@Suite struct HTTPServerTests {
    @Test func pipelinedRequestsAreAnsweredInOrderOnOneConnection() async throws {
        try await withHTTPServer { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send(
                    "GET /echo/one HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n"
                        + "HEAD /echo/two HTTP/1.1\r\nHost: h\r\n\r\nDELETE /body HTTP/1.1\r\nHost: h\r\n\r\n"
                        + "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree")
                let one = try client.answer()
                #expect(one.status == 200)
                #expect(one.body == #"{"success":true,"data":"one","message":null}"#)
                #expect(one.fields["content-type"] == "application/json; charset=utf-8")
                #expect(one.fields["connection"] == "keep-alive")
                #expect(one.fields["date"]?.hasSuffix(" GMT") == true)
                #expect(try client.answer().status == 404)
                let two = try client.answer(toHead: true)
                #expect(two.status == 200)
                #expect(two.fields["content-length"] == "44")
                let notAllowed = try client.answer()
                #expect(notAllowed.status == 405)
                #expect(notAllowed.fields["allow"] == "POST, OPTIONS")
                let last = try client.answer()
                #expect(last.body == "three")
                #expect(last.fields["connection"] == "close")
                #expect(try client.isClosed())
            }
        }
    }

    @Test func aRequestMayComeByteByByte() async throws {
        try await withHTTPServer { server in
            try await blocking {
                let client = try RawClient(server.address)
                let request =
                    "POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                for byte in request {
                    try client.send(String(byte))
                }
                #expect(try client.answer().body == "abcde")
            }
        }
    }

    @Test func aHeldBackBodyIsAskedFor() async throws {
        try await withHTTPServer { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                #expect(try client.answer().status == 100)
                try client.send("ok")
                #expect(try client.answer().body == "ok")
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST"),
        ("BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501, "METHOD_NOT_ALLOWED"),
        ("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413, "TOO_LARGE"),
        (
            "POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
            "MALFORMED_REQUEST"
        ),
    ])
    func whatCannotBeReadIsAnsweredAndClosed(request: String, status: Int, code: String) async throws {
        try await withHTTPServer { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send(request + "GET /echo/smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == status)
                #expect(answer.fields["connection"] == "close")
                let error = try JSONValue(parsing: Array(answer.body.utf8).span)
                #expect(error["success"]?.bool == false)
                #expect(error["error"]?["code"]?.string == code)
                #expect(error["traceId"]?.string?.count == 32)
                #expect(try client.isClosed())
            }
        }
    }

    @Test func aRefusalIsToldWithTheTraceOfTheRequest() async throws {
        let id = "0af7651916cd43dd8448eb211c80319c"
        let exchanges = Observed<[HTTPExchange]>([])
        try await withHTTPServer(completed: { exchange in exchanges.update { $0.append(exchange) } }) { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send("GET /refused HTTP/1.1\r\nHost: h\r\ntraceparent: 00-\(id)-b7ad6b7169203331-01\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == 403)
                #expect(answer.body.contains(#""code":"FORBIDDEN","message":"not you""#))
                #expect(answer.body.hasSuffix(#""traceId":"\#(id)"}"#))
            }
            let exchange = try #require(exchanges.value.first)
            #expect(exchange.route == "/refused")
            #expect(exchange.errorCode == .forbidden)
            #expect(exchange.traceID.description == id)
        }
    }

    @Test func aTrustedProxyTellsTheClient() async throws {
        let request = "GET /client HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n\r\n"
        for (trusted, client) in [("127.0.0.0/8", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")] {
            try await withHTTPServer(configure: { $0.trustedProxies = [trusted].compactMap(NetworkBlock.init) }) {
                server in
                try await blocking {
                    let raw = try RawClient(server.address)
                    try raw.send(request)
                    #expect(try raw.answer().body == client)
                }
            }
        }
    }

    @Test func aPreflightIsAnswered() async throws {
        try await withHTTPServer(configure: { $0.cors = CORSPolicy(allowedOrigins: ["https://a.example"]) }) { server in
            try await blocking {
                let client = try RawClient(server.address)
                try client.send(
                    "OPTIONS /body HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\n"
                        + "Access-Control-Request-Method: POST\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == 204)
                #expect(answer.fields["access-control-allow-origin"] == "https://a.example")
                #expect(answer.fields["access-control-allow-methods"] == "POST, OPTIONS")
            }
        }
    }

    @Test func aWebSocketRouteGetsTheConnectionAndWhatFollows() async throws {
        var router = echoRouter()
        router.onWebSocket("/ws/{room}") { request, connection, remainder in
            guard request.parameters["room"] != "closed" else { return HTTPResponse(status: 403) }
            connection.delegate = BracketEcho()
            connection.write(Array("switched ".utf8) + remainder)
            return nil
        }
        try await withHTTPServer(configure: { [router] in $0.router = router }) { server in
            try await blocking {
                let upgrade = "HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                let client = try RawClient(server.address)
                try client.send("GET /ws/closed \(upgrade)GET /ws/a HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try client.answer().status == 403)
                let required = try client.answer()
                #expect(required.status == 426)
                #expect(required.fields["upgrade"] == "websocket")
                try client.send("GET /ws/a \(upgrade)early")
                #expect(try client.read(14) == "switched early")
                try client.send("more")
                #expect(try client.read(6) == "[more]")
            }
        }
    }

    @Test func answersThatAreNotReadHoldBackTheNextRequests() async throws {
        try await withHTTPServer { server in
            try await blocking {
                let client = try RawClient(server.address)
                let requests = (100..<160).map { "GET /large/\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }
                try client.send(requests.joined())
                for mark in 100..<160 {
                    let answer = try client.answer()
                    #expect(answer.body.hasPrefix("\(mark)."))
                    #expect(answer.body.utf8.count == 100_003)
                }
            }
        }
    }

    @Test func severalLoopsShareOnePort() async throws {
        try await withHTTPServer(loops: 2) { server in
            try await blocking {
                for index in 0..<40 {
                    let client = try RawClient(server.address)
                    try client.send("GET /echo/\(index) HTTP/1.1\r\nHost: h\r\n\r\n")
                    #expect(try client.answer().body.contains("\"\(index)\""))
                }
            }
        }
    }
}
