import Testing

@testable import Redis

@Suite struct RedisErrorTests {
    @Test func takesThePrefixOfAServerError() {
        let error = RedisError(serverText: "NOGROUP No such key 'x'")
        #expect(error.code == .server(prefix: "NOGROUP") && error.isServer("NOGROUP"))
        #expect(error.cause == "NOGROUP No such key 'x'")
        #expect(RedisError(serverText: "OOM").isServer("OOM"))
    }

    @Test(arguments: [
        (RedisError.Code.unavailable, true, false), (.overloaded, true, false),
        (.timedOut(written: false), true, false), (.timedOut(written: true), true, true),
        (.connectionLost(written: false), true, false), (.connectionLost(written: true), true, true),
        (.server(prefix: "LOADING"), true, false), (.server(prefix: "READONLY"), true, false),
        (.server(prefix: "WRONGTYPE"), false, false), (.server(prefix: "NOAUTH"), false, false),
        (.protocolViolation, false, false), (.badURL, false, false), (.tls, false, false),
    ])
    func saysWhatMayBeDone(_ code: RedisError.Code, _ isRetriable: Bool, _ isOutcomeUnknown: Bool) {
        let error = RedisError(code, "cause")
        #expect(error.isRetriable == isRetriable && error.isOutcomeUnknown == isOutcomeUnknown)
    }

    @Test func saysWhereItWasNoticed() {
        #expect(RedisError(.badURL, "cause").description.contains("RedisErrorTests.swift:"))
    }
}
