import Testing

@testable import WireProtocols

@Suite struct STOMPSessionTimeTests {
    private static let quiet = STOMPTick.keepAlive(heartBeat: false, ping: false)

    private func fault(_ tick: STOMPTick) -> String? {
        guard case .writeAndClose(let bytes, let close) = tick else { return nil }
        return STOMPAction.writeAndClose(bytes, close).fault
    }

    @Test func waitsForConnectOnlySoLong() {
        var session = STOMPSession(limits: STOMPLimits(), now: 1_000)
        session.heard(now: 10_900)
        #expect(session.tick(now: 10_999, lastSent: 0) == Self.quiet)
        #expect(fault(session.tick(now: 11_000, lastSent: 0)) == "no CONNECT in time")
        #expect(session.phase == .closed)
        #expect(session.tick(now: 99_000, lastSent: 0) == Self.quiet)
    }

    @Test func alwaysAnswersAConnect() {
        var session = STOMPSession(limits: STOMPLimits(), now: 0)
        _ = session.receive("CONNECT\naccept-version:1.2\n\n", now: 9_000)
        #expect(session.tick(now: 18_999, lastSent: 0) == Self.quiet)
        guard case .writeAndClose(_, let close) = session.tick(now: 19_000, lastSent: 0) else {
            Issue.record("no answer")
            return
        }
        #expect(close.code.rawValue == 1013)
    }

    @Test func givesNoReceiptForADisconnectWhoseSendsHang() {
        var session = connectedSession()
        _ = session.receive("SEND\ndestination:/a\n\n")
        _ = session.receive("DISCONNECT\nreceipt:bye\n\n", now: 500)
        #expect(session.tick(now: 10_499, lastSent: 10_499) == Self.quiet)
        guard case .writeAndClose(let bytes, let close) = session.tick(now: 10_500, lastSent: 10_500) else {
            Issue.record("no close")
            return
        }
        #expect(bytes.isEmpty)
        #expect(close.code.rawValue == 1013)
    }

    @Test(arguments: [
        ("0,0", 0, 0), ("10000,10000", 10_000, 10_000), ("4000,20000", 20_000, 10_000), ("0,30000", 30_000, 0),
        ("30000,0", 0, 30_000), ("99999999999,1", 10_000, Int(UInt32.max)),
    ])
    func agreesOnTheLargerNumberPerDirection(offer: String, sends: Int, receives: Int) {
        let session = connectedSession(heartBeat: offer)
        #expect(session.heartBeat.sendMilliseconds == UInt32(sends))
        #expect(session.heartBeat.receiveMilliseconds == UInt32(receives))
    }

    @Test func serversThatOfferNoneAgreeOnNone() {
        let session = connectedSession(limits: STOMPLimits(heartBeat: .off), heartBeat: "5000,5000")
        #expect(session.heartBeat == .off)
    }

    @Test func version10HasNoHeartBeats() {
        #expect(connectedSession("1.0", heartBeat: "5000,5000").heartBeat == .off)
    }

    @Test func sendsALineFeedBeforeItIsDue() {
        var session = connectedSession(heartBeat: "0,10000")
        #expect(session.tick(now: 7_499, lastSent: 0) == Self.quiet)
        #expect(session.tick(now: 7_500, lastSent: 0) == .keepAlive(heartBeat: true, ping: false))
        #expect(session.tick(now: 8_500, lastSent: 7_500) == Self.quiet)
    }

    @Test func pingsASilentPeerAndLetsItGoAfterThreeBeats() {
        var session = connectedSession(heartBeat: "10000,0")
        #expect(session.tick(now: 9_999, lastSent: 0) == Self.quiet)
        #expect(session.tick(now: 10_000, lastSent: 0) == .keepAlive(heartBeat: false, ping: true))
        #expect(session.tick(now: 11_000, lastSent: 0) == Self.quiet)
        #expect(session.tick(now: 20_000, lastSent: 0) == .keepAlive(heartBeat: false, ping: true))
        #expect(session.tick(now: 30_000, lastSent: 0) == .keepAlive(heartBeat: false, ping: true))
        #expect(fault(session.tick(now: 30_001, lastSent: 0)) == "heart-beat missed")
        #expect(session.phase == .closed)
    }

    @Test func anyByteAndAPongAreLife() {
        var session = connectedSession(heartBeat: "10000,0")
        for now in stride(from: UInt64(25_000), to: 200_000, by: 25_000) {
            session.heard(now: now)
            #expect(fault(session.tick(now: now + 24_000, lastSent: 0)) == nil)
        }
        _ = session.receive("SEND\ndestination:/a\n\n", now: 200_000)
        #expect(fault(session.tick(now: 230_000, lastSent: 0)) == nil)
    }

    @Test func withoutHeartBeatsSilenceIsNoFault() {
        var session = connectedSession()
        #expect(session.tick(now: 3_600_000, lastSent: 0) == Self.quiet)
    }

    @Test func aClockThatStandsStillDoesNoHarm() {
        var session = connectedSession(heartBeat: "10000,10000", now: 5_000)
        #expect(session.tick(now: 4_000, lastSent: 6_000) == Self.quiet)
    }
}
