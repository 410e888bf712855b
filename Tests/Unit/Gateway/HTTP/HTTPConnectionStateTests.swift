import Testing
import WireProtocols

@testable import Gateway

@Suite struct HTTPConnectionStateTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    private static let post = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"

    @Test func aRequestIsHandledAndTheNextAwaited() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        #expect(SeenAction(state.feed("GET /a HT", now: 1)) == .wait)
        #expect(SeenAction(state.feed("TP/1.1\r\nHost: h\r\n\r\n", now: 2)) == .handle("/a", ""))
        #expect(state.currentHead?.method == .get)
        #expect(state.keepsAlive)
        state.answered(now: 3)
        #expect(state.currentHead == nil)
        #expect(SeenAction(state.next(now: 3)) == .wait)
        #expect(SeenAction(state.feed(Self.post + "body", now: 4)) == .handle("/b", "body"))
    }

    @Test func pipelinedRequestsWaitForTheAnswerBefore() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        #expect(SeenAction(state.feed(Self.get + Self.post + "bo", now: 1)) == .handle("/a", ""))
        #expect(SeenAction(state.feed("dy" + Self.get, now: 1)) == .wait)
        #expect(SeenAction(state.next(now: 1)) == .wait)
        state.answered(now: 2)
        #expect(SeenAction(state.next(now: 2)) == .handle("/b", "body"))
        state.answered(now: 3)
        #expect(SeenAction(state.next(now: 3)) == .handle("/a", ""))
        state.answered(now: 4)
        #expect(SeenAction(state.next(now: 4)) == .wait)
    }

    @Test func aBodyThatIsHeldBackIsAskedForOnce() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        let head = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        #expect(SeenAction(state.feed(head, now: 1)) == .writeContinue)
        #expect(SeenAction(state.next(now: 1)) == .wait)
        #expect(SeenAction(state.feed("body", now: 2)) == .handle("/b", "body"))
        state.answered(now: 3)
        // Who sends it all the same has not waited.
        #expect(SeenAction(state.feed(head + "body", now: 4)) == .handle("/b", "body"))
    }

    @Test func afterARefusalNothingIsReadAnyMore() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        #expect(SeenAction(state.feed("nonsense\r\n\r\n" + Self.get, now: 1)) == .refuse(.malformedRequestLine))
        #expect(SeenAction(state.feed(Self.get, now: 2)) == .wait)
        #expect(!state.keepsAlive)
        #expect(state.tick(now: 1_000_000) == nil)
    }

    @Test func theConnectionEndsWithARequestThatSaysSo() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        let last = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        #expect(SeenAction(state.feed(last + Self.get, now: 1)) == .handle("/a", ""))
        #expect(!state.keepsAlive)
        state.answered(now: 2)
        #expect(SeenAction(state.next(now: 2)) == .wait)
    }

    @Test func eachTimeIsLimited() {
        let limits = HTTPServerLimits()
        var state = HTTPConnectionState(limits: limits, now: 100)
        #expect(state.tick(now: 100 + limits.idleMilliseconds - 1) == nil)
        #expect(state.tick(now: 100 + limits.idleMilliseconds) == .idle)
        #expect(state.tick(now: 1_000_000) == nil)

        state = HTTPConnectionState(limits: limits, now: 0)
        _ = state.feed("GET", now: 50_000)
        _ = state.feed(" /", now: 59_000)
        #expect(state.tick(now: 59_999) == nil)
        #expect(state.tick(now: 60_000) == .request)

        state = HTTPConnectionState(limits: limits, now: 0)
        _ = state.feed("POST", now: 1000)
        _ = state.feed(String(Self.post.dropFirst(4)), now: 9000)
        _ = state.feed("bod", now: 30_000)
        #expect(state.tick(now: 30_999) == nil)
        #expect(state.tick(now: 31_000) == .request)

        state = HTTPConnectionState(limits: limits, now: 0)
        _ = state.feed(Self.get, now: 1000)
        #expect(state.tick(now: 1000 + limits.handlerMilliseconds - 1) == nil)
        #expect(state.tick(now: 1000 + limits.handlerMilliseconds) == .handler)
    }

    @Test func whatFollowsAnUpgradeIsGivenAway() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        _ = state.feed(Self.get + "frames", now: 1)
        #expect(String(decoding: state.upgraded(), as: UTF8.self) == "frames")
        #expect(state.upgraded().isEmpty)
    }

    @Test func aRefusedUpgradeGoesOnAsHTTP() {
        var state = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        _ = state.feed(Self.get + Self.post, now: 1)
        let remainder = state.upgraded()
        state.upgradeRefused(remainder)
        state.answered(now: 2)
        #expect(SeenAction(state.next(now: 2)) == .wait)
        #expect(SeenAction(state.feed("body", now: 3)) == .handle("/b", "body"))
    }

    @Test func drainingLetsARequestBeAnswered() {
        var idle = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        let endsAtOnce = idle.drain()
        #expect(endsAtOnce)

        var busy = HTTPConnectionState(limits: HTTPServerLimits(), now: 0)
        _ = busy.feed(Self.post, now: 1)
        let endsInTheMiddle = busy.drain()
        #expect(!endsInTheMiddle)
        #expect(SeenAction(busy.feed("body" + Self.get, now: 2)) == .handle("/b", "body"))
        #expect(!busy.keepsAlive)
        busy.answered(now: 3)
        #expect(SeenAction(busy.next(now: 3)) == .wait)
    }
}

/// An action in a form that can be compared.
private enum SeenAction: Equatable {
    case wait, writeContinue
    case handle(String, String)
    case refuse(HTTPRequestError)

    init(_ action: HTTPConnectionState.Action) {
        switch action {
        case .wait: self = .wait
        case .writeContinue: self = .writeContinue
        case .handle(let head, let body): self = .handle(head.target.path, String(decoding: body, as: UTF8.self))
        case .refuse(let error): self = .refuse(error)
        }
    }
}

extension HTTPConnectionState {
    fileprivate mutating func feed(_ text: String, now: UInt64) -> Action {
        let bytes = Array(text.utf8)
        return receive(bytes.span, now: now)
    }
}
