import Application
import Domain
import Testing

@testable import Gateway

@Suite struct TypingThrottleTests {
    private var throttle = TypingThrottle(pauseMilliseconds: 1000)

    @Test mutating func theFirstWordGoesOutAtOnceAndAnEndIsNotLostBehindIt() {
        #expect(throttle.say(true, now: 0) == .tell(true))
        #expect(throttle.say(false, now: 1) == .nothing, "the first is under way")
        #expect(throttle.answered(.told, now: 10) == .wait(until: 1010))
        #expect(throttle.due(now: 1010) == .tell(false))
        #expect(throttle.answered(.told, now: 1011) == .nothing)
        #expect(!throttle.isOver(now: 1011))
        #expect(throttle.isOver(now: 2011))
    }

    @Test mutating func onlyTheLastWordOfAPauseCounts() {
        _ = throttle.say(true, now: 0)
        _ = throttle.answered(.told, now: 0)
        #expect(throttle.say(false, now: 100) == .wait(until: 1000))
        #expect(throttle.say(true, now: 200) == .nothing, "as was told before")
        #expect(throttle.due(now: 1000) == .nothing)
    }

    @Test mutating func goingOnIsToldOnceInAPauseAndAnEndOnce() {
        _ = throttle.say(true, now: 0)
        _ = throttle.answered(.told, now: 0)
        #expect(throttle.say(true, now: 999) == .nothing)
        #expect(throttle.say(true, now: 1000) == .tell(true))
        _ = throttle.answered(.told, now: 1000)
        #expect(throttle.say(false, now: 3000) == .tell(false))
        _ = throttle.answered(.told, now: 3000)
        #expect(throttle.say(false, now: 9000) == .nothing)
    }

    @Test mutating func aPauseThatAnotherSessionBeganIsWaitedFor() {
        _ = throttle.say(false, now: 0)
        #expect(throttle.answered(.tooSoon(milliseconds: 400), now: 5) == .wait(until: 405))
        #expect(throttle.due(now: 405) == .tell(false))
        _ = throttle.say(true, now: 406)
        #expect(throttle.answered(.tooSoon(milliseconds: 100), now: 410) == .wait(until: 510))
        #expect(throttle.due(now: 510) == .tell(true), "the newest word")
    }

    @Test(arguments: [TypingOutcome.notParticipant, nil])
    func whatIsNotTakenIsLetGo(outcome: TypingOutcome?) {
        var throttle = throttle
        _ = throttle.say(true, now: 0)
        #expect(throttle.answered(outcome, now: 1) == .nothing)
        #expect(throttle.isOver(now: 1))
        #expect(throttle.say(true, now: 2) == .tell(true))
    }

    @Test(arguments: [
        ("[]", ErrorCode.malformedRequest), ("{\"roomId\":", .malformedRequest), ("{}", .validationFailed),
        ("{\"roomId\":\"68f\",\"isTyping\":true}", .validationFailed),
        ("{\"roomId\":\"68f0c0ffee68f0c0ffee68f0\",\"isTyping\":1}", .validationFailed),
    ])
    func badBodiesAreRefused(body: String, code: ErrorCode) {
        let refusal = #expect(throws: Refusal.self) { try TypingRequest(Array(body.utf8).span) }
        #expect(refusal?.code == code)
    }
}
