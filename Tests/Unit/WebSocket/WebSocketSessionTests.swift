import Bytes
import Testing
import WireProtocols

@Suite("WebSocket session")
struct WebSocketSessionTests {
    private let scratch = WebSocketScratch()

    private func session(role: WebSocketRole = .server) -> WebSocketSession {
        var timing = WebSocketSession.Timing()
        timing.pingIntervalMilliseconds = 100
        timing.silenceMilliseconds = 350
        timing.closeWaitMilliseconds = 50
        return WebSocketSession(options: WebSocketDecoder.Options(role: role), timing: timing, now: 1_000)
    }

    /// All that `frames` call for, given at once.
    private func receive(
        _ frames: [ClientFrame], in session: inout WebSocketSession, now: UInt64 = 1_000
    ) -> [WebSocketSession.Action] {
        let bytes = frames.flatMap(\.bytes)
        var position = 0
        var actions: [WebSocketSession.Action] = []
        while let action = session.receive(bytes.span, from: &position, now: now, scratch: scratch) {
            actions.append(action)
        }
        #expect(position == bytes.count)
        return actions
    }

    /// A server's frame.
    private func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8] = []) -> [UInt8] {
        ClientFrame(opcode: opcode.rawValue, isMasked: false, payload: payload).bytes
    }

    private func closeFrame(_ code: WebSocketCloseCode, _ reason: String = "") -> [UInt8] {
        frame(.close, WebSocketFrameEncoder.closePayload(WebSocketClosure(code, reason)))
    }

    @Test("Messages are handed on, pings are answered in kind, pongs are told")
    func traffic() {
        var session = session()
        let actions = receive([.text("a"), .of(.ping, "data"), .of(.binary, "b"), .of(.pong, "x")], in: &session)
        #expect(actions == [.text, .send(frame(.pong, Array("data".utf8))), .binary, .pong])
        #expect(session.isOpen)
    }

    @Test("The peer's Close is answered with its code, and what follows it is passed over")
    func peerCloses() {
        var session = session()
        let actions = receive([.text("a"), .close(4000, Array("why".utf8)), .text("late")], in: &session)
        let closure = WebSocketClosure(WebSocketCloseCode(rawValue: 4000), "why")
        #expect(actions == [.text, .end(closeFrame(WebSocketCloseCode(rawValue: 4000)), closure)])
        #expect(!session.isOpen)
        #expect(session.transportClosed(WebSocketClosure(.abnormal, "")) == nil)
    }

    @Test("A Close without a code is answered by one without a code")
    func closeWithoutCode() {
        var session = session()
        #expect(receive([.of(.close)], in: &session) == [.end(frame(.close), WebSocketClosure(.noStatus, ""))])
    }

    @Test("Our Close waits for the peer's; messages and pings meanwhile are passed over")
    func weClose() {
        var session = session()
        let closure = WebSocketClosure(.serviceRestart, "retry-after-ms=10")
        #expect(session.close(closure, now: 1_000) == .send(closeFrame(.serviceRestart, "retry-after-ms=10")))
        #expect(!session.isOpen)
        #expect(session.close(closure, now: 1_000) == nil)
        #expect(session.ping(now: 1_000) == nil)
        #expect(receive([.text("late"), .of(.ping), .of(.pong)], in: &session).isEmpty)
        #expect(session.tick(now: 1_049) == nil)
        #expect(receive([.close(1012)], in: &session) == [.end([], closure)])
        #expect(session.tick(now: 9_999) == nil)
    }

    @Test("Who does not answer our Close is dropped")
    func closeUnanswered() {
        var session = session()
        let closure = WebSocketClosure(.normal, "")
        _ = session.close(closure, now: 1_000)
        #expect(session.tick(now: 1_050) == .end([], closure))
        #expect(session.tick(now: 2_000) == nil)
    }

    @Test("A breach is answered with its code and reason")
    func breach() {
        var session = session()
        let fault = WebSocketFault.unknownOpcode
        let end = WebSocketSession.Action.end(closeFrame(fault.code, fault.reason), fault.closure)
        #expect(receive([.text("a"), ClientFrame(opcode: 3), .text("b")], in: &session) == [.text, end])
    }

    @Test("A breach after our Close is not answered any more")
    func breachWhileClosing() {
        var session = session()
        _ = session.close(WebSocketClosure(.normal, ""), now: 1_000)
        #expect(receive([ClientFrame(opcode: 3)], in: &session) == [.end([], WebSocketFault.unknownOpcode.closure)])
    }

    @Test("Silence is pinged, at most once an interval; any byte is a sign of life")
    func pings() {
        var session = session()
        #expect(session.tick(now: 1_099) == nil)
        #expect(session.tick(now: 1_100) == .send(frame(.ping)))
        #expect(session.tick(now: 1_150) == nil)
        #expect(session.tick(now: 1_200) == .send(frame(.ping)))
        var position = 0
        let firstByte = [ClientFrame.text("x").bytes[0]]
        let action = session.receive(firstByte.span, from: &position, now: 1_210, scratch: scratch)
        #expect(action == nil)
        #expect(session.tick(now: 1_305) == nil)
        #expect(session.tick(now: 1_310) == .send(frame(.ping)))
    }

    @Test("Lasting silence ends the session")
    func silence() {
        var session = session()
        _ = session.tick(now: 1_100)
        let fault = WebSocketFault.silent(milliseconds: 350)
        #expect(session.tick(now: 1_350) == .end(closeFrame(fault.code, fault.reason), fault.closure))
        #expect(!session.isOpen)
    }

    @Test("The end of the transport is told once, with what is known of it")
    func transport() {
        let cause = WebSocketClosure(.abnormal, "reset")
        var open = session()
        #expect(open.transportClosed(cause) == cause)
        #expect(open.transportClosed(cause) == nil)
        var closing = session()
        let closure = WebSocketClosure(.normal, "done")
        _ = closing.close(closure, now: 1_000)
        #expect(closing.transportClosed(cause) == closure)
    }

    @Test("A client masks what it sends")
    func client() {
        var session = session(role: .client)
        guard case .send(let ping) = session.ping(now: 1_000) else {
            Issue.record("no ping")
            return
        }
        #expect(WebSocketDecoded([ping]) == WebSocketDecoded(events: [WebSocketDecoded.Event(.ping)]))
    }
}
