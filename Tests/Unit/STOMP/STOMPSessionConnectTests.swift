import Testing

@testable import WireProtocols

@Suite struct STOMPSessionConnectTests {
    private func connect(_ headers: String, command: String = "CONNECT") -> (STOMPSession, STOMPAction) {
        var session = STOMPSession(limits: STOMPLimits(), now: 0)
        let action = session.receive("\(command)\n\(headers)\n\n")
        return (session, action)
    }

    @Test(arguments: [
        ("accept-version:1.0,1.1,1.2", STOMPVersion.v12), ("accept-version:1.1,1.2", .v12),
        ("accept-version:1.1,1.0", .v11), ("accept-version:1.0", .v10), ("accept-version:2.0,1.1,9", .v11),
        ("host:shoot", .v10),
    ])
    func agreesOnTheHighestVersion(headers: String, version: STOMPVersion) throws {
        for command in ["CONNECT", "STOMP"] {
            var (session, action) = connect(headers, command: command)
            guard case .authenticate = action else { throw UnexpectedAction() }
            #expect(session.phase == .authenticating)
            #expect(session.version == version)
            let connected = try #require(session.authenticated(as: stompIdentity, now: 0).written.first)
            #expect(connected.command == .connected)
            #expect(connected.text(of: "version") == version.name.description)
            #expect(connected.text(of: "heart-beat") == (version == .v10 ? "0,0" : "10000,10000"))
            #expect(connected.text(of: "session") == "s1")
            #expect(connected.text(of: "server") == "Shoot/1.0")
            #expect(connected.text(of: "user-name") == "ada")
            #expect(session.phase == .connected)
        }
    }

    @Test func handsOverTheCredentials() throws {
        let (_, action) = connect("login:ada\npasscode:p:q\nAuthorization:Bearer x.y")
        guard case .authenticate(let frame) = action else { throw UnexpectedAction() }
        #expect(frame.text(of: "login") == "ada")
        #expect(frame.text(of: "passcode") == "p:q")
        #expect(frame.text(of: "Authorization") == "Bearer x.y")
    }

    @Test(arguments: ["2.0", "", ",", "1.2 ", "1.20"])
    func refusesVersionsThatItDoesNotSpeak(list: String) {
        let (session, action) = connect("accept-version:\(list)")
        #expect(action.fault == "unsupported version")
        #expect(action.written.last?.text(of: "version") == "1.0,1.1,1.2")
        #expect(action.closeCode == 1002)
        #expect(session.phase == .closed)
    }

    @Test(arguments: ["x", "1", "1,", "1,-1", "1, 2", "1,2,3"])
    func refusesMalformedHeartBeats(value: String) {
        let (session, action) = connect("accept-version:1.2\nheart-beat:\(value)")
        #expect(action.fault == "invalid header heart-beat")
        #expect(session.phase == .closed)
    }

    @Test(arguments: [
        ("SEND\ndestination:/a\n\n", "not connected"), ("FOO\n\n", "unknown command"),
        ("MESSAGE\n\n", "server command"),
    ])
    func refusesFramesBeforeConnect(text: String, kind: String) {
        var session = STOMPSession(limits: STOMPLimits(), now: 0)
        let action = session.receive(text)
        #expect(action.fault == (kind == "server command" ? "command of a server" : kind))
        #expect(action.closeCode == 1002)
        #expect(session.receive("CONNECT\n\n") == .none)
    }

    @Test func refusesASecondConnect() {
        var session = connectedSession()
        let action = session.receive("CONNECT\nreceipt:7\n\n")
        #expect(action.fault == "already connected")
        #expect(action.written.last?.text(of: "receipt-id") == "7")
        #expect(session.phase == .closed)
    }

    @Test func saysWhyTheCredentialsWereRefused() {
        var (session, _) = connect("accept-version:1.2")
        let close = STOMPClose(code: .policyViolation, reason: "log in again")
        let action = session.authenticationFailed(
            message: "not authenticated", explanation: "The token has expired.", close: close)
        #expect(action.fault == "not authenticated")
        #expect(action.written.last?.bodyBytes == Array("The token has expired.".utf8))
        #expect(action.closeCode == 1008)
        #expect(session.phase == .closed)
        #expect(session.authenticated(as: stompIdentity, now: 0) == .none)
    }

    @Test func framesThatDoNotWaitForConnectedAreTakenInOrder() throws {
        var (session, _) = connect("accept-version:1.2")
        #expect(session.receive("SUBSCRIBE\nid:a\ndestination:/t\n\n") == .none)
        #expect(session.receive("DISCONNECT\nreceipt:r\n\n") == .none)
        #expect(session.receiveHeld(now: 0) == nil)
        var (other, _) = connect("accept-version:1.2")
        _ = other.receive("SUBSCRIBE\nid:a\ndestination:/t\n\n")
        _ = other.receive("DISCONNECT\nreceipt:r\n\n")
        _ = other.authenticated(as: stompIdentity, now: 0)
        guard case .subscribe = other.receiveHeld(now: 0) else { throw UnexpectedAction() }
        #expect(other.receiveHeld(now: 0) == STOMPAction.none)
        #expect(other.phase == .disconnecting)
        #expect(other.receiveHeld(now: 0) == nil)
        #expect(other.completed(receipt: nil).receipts == ["r"])
    }

    @Test func framesBeforeConnectedAreBounded() {
        var (session, _) = connect("accept-version:1.2")
        for _ in 0..<64 {
            #expect(session.receive("SEND\ndestination:/a\n\n") == .none)
        }
        #expect(session.receive("SEND\ndestination:/a\n\n").fault == "too early")
        var (large, _) = connect("accept-version:1.2")
        let frame = "SEND\ndestination:/a\n\n" + String(repeating: "x", count: 40_000)
        #expect(large.receive(frame) == .none)
        #expect(large.receive(frame).fault == "too early")
    }

    @Test func errorsOfTheDecoderEndTheSession() {
        var session = connectedSession()
        let action = session.fail(STOMPError(.malformedHeader, receipt: [0x31]))
        #expect(action.fault == "malformed header")
        #expect(action.written.last?.text(of: "receipt-id") == "1")
        #expect(session.fail(STOMPError(.malformedHeader)) == .none)
    }

    @Test func aSessionThatIsDismissedIsToldWhyAndHearsNoMore() {
        var session = connectedSession()
        guard case .send = session.receive("SEND\ndestination:/t\nreceipt:r\n\n") else {
            Issue.record("a SEND was not taken")
            return
        }
        let end = session.dismissed(
            message: "GONE", explanation: "why", close: STOMPClose(code: .policyViolation, reason: "GONE"))
        #expect(end.fault == "GONE")
        #expect(end.closeCode == 1008)
        #expect(session.completed(receipt: Array("r".utf8)) == .none)
        #expect(session.dismissed(message: "GONE", explanation: "", close: .normal) == .none)
    }
}
