import Testing

@testable import Launcher

@Suite struct HTTPProbeTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n", 200), ("HTTP/1.0 503 Service Unavailable", 503), ("HTTP/1.1 ", nil), ("", nil),
        ("HTTP/2 200 OK", nil), ("+PONG\r\n", nil),
    ])
    func readsTheStatus(answer: String, expected: Int?) {
        #expect(HTTPProbe.status(ofAnswer: Array(answer.utf8)) == expected)
    }

    @Test func nobodyListeningIsNoStatus() throws {
        #expect(HTTPProbe.status(port: try LoopbackPort.free(), path: "/") == nil)
    }
}
