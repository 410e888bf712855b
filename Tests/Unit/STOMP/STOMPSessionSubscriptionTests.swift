import Testing

@testable import WireProtocols

@Suite struct STOMPSessionSubscriptionTests {
    @Test func subscribesAndAnswersWhenItIsDone() throws {
        var session = connectedSession()
        let action = session.receive("SUBSCRIBE\nid:a\\cb\ndestination:/t\nreceipt:r\nlast-seq:4\n\n")
        guard case .subscribe(let request) = action else { throw UnexpectedAction() }
        #expect(request.ackMode == .auto)
        #expect(request.encodedID == Array("a\\cb".utf8))
        #expect(request.frame.text(of: "last-seq") == "4")
        #expect(session.subscriptionCount == 1)
        #expect(session.outstanding == 1)
        #expect(session.completed(receipt: request.receipt).receipts == ["r"])
        #expect(session.outstanding == 0)
    }

    @Test func refusedSubscriptionsEndTheSession() throws {
        var session = connectedSession()
        guard case .subscribe(let request) = session.receive("SUBSCRIBE\nid:a\ndestination:/t\nreceipt:r\n\n") else {
            throw UnexpectedAction()
        }
        let action = session.refused(
            message: "not a participant", explanation: "Ask to be invited.", receipt: request.receipt,
            close: STOMPClose(code: .policyViolation, reason: "not a participant"))
        #expect(action.fault == "not a participant")
        #expect(action.written.last?.text(of: "receipt-id") == "r")
        #expect(action.closeCode == 1008)
        #expect(session.phase == .closed)
        #expect(session.subscriptionCount == 0)
    }

    @Test(arguments: [
        ("SUBSCRIBE\nid:a\n\n", "missing header destination"),
        ("SUBSCRIBE\ndestination:/t\n\n", "missing header id"),
        ("SUBSCRIBE\nid:x\ndestination:/t\n\n", "duplicate subscription id"),
        ("SUBSCRIBE\nid:a\ndestination:/t\nack:never\n\n", "invalid header ack"),
        ("SUBSCRIBE\nid:\(String(repeating: "a", count: 257))\ndestination:/t\n\n", "id too long"),
        ("UNSUBSCRIBE\nid:a\n\n", "unknown subscription"),
        ("UNSUBSCRIBE\ndestination:/t\n\n", "missing header id"),
    ])
    func refusesWhatCannotBe(text: String, fault: String) throws {
        var session = connectedSession()
        _ = try session.subscribed("x")
        let action = session.receive(text.replacing("\n\n", with: "\nreceipt:r\n\n"))
        #expect(action.fault == fault)
        #expect(action.written.last?.text(of: "receipt-id") == "r")
        #expect(action.closeCode == 1002)
        #expect(session.phase == .closed)
    }

    /// More than are looked through by their ids.
    @Test func manySubscriptionsAreFoundByTheirIDs() throws {
        var session = connectedSession()
        var handles: [STOMPSubscriptionHandle] = []
        for number in 0..<100 {
            handles.append(try session.subscribed("s\(number)", ack: "client-individual").handle)
        }
        session.forget(handles[98])
        for number in stride(from: 0, to: 98, by: 2) {
            guard case .unsubscribe(handles[number], _) = session.receive("UNSUBSCRIBE\nid:s\(number)\n\n") else {
                throw UnexpectedAction()
            }
            _ = session.completed(receipt: nil)
        }
        #expect(session.subscriptionCount == 50)
        for number in 0..<100 {
            let isThere = number % 2 == 1
            let delivery = session.deliver(to: handles[number], messageID: Array("m".utf8))
            if isThere, case .write = delivery { continue }
            #expect(!isThere && delivery == .gone, "\(number)")
        }
        // An id is free again, of one that the client ended and of one that the server did.
        let again = [try session.subscribed("s0").handle, try session.subscribed("s98").handle]
        #expect(again.allSatisfy { $0 > handles[99] })
        guard case .unsubscribe(again[1], _) = session.receive("UNSUBSCRIBE\nid:s98\n\n") else {
            throw UnexpectedAction()
        }
        #expect(session.receive("SUBSCRIBE\nid:s1\ndestination:/t\n\n").fault == "duplicate subscription id")
    }

    @Test func subscriptionsAreBounded() throws {
        var session = connectedSession(limits: STOMPLimits(maxSubscriptions: 2))
        _ = try session.subscribed("a")
        _ = try session.subscribed("b")
        #expect(session.receive("SUBSCRIBE\nid:c\ndestination:/t\n\n").fault == "too many subscriptions")
    }

    @Test func anIDCanBeUsedAgainUnderAnotherHandle() throws {
        var session = connectedSession(limits: STOMPLimits(maxSubscriptions: 1))
        var handles: Set<STOMPSubscriptionHandle> = []
        for _ in 0..<50 {
            guard case .subscribe(let request) = session.receive("SUBSCRIBE\nid:a\ndestination:/t\n\n") else {
                throw UnexpectedAction()
            }
            handles.insert(request.handle)
            let ended = session.receive("UNSUBSCRIBE\nid:a\nreceipt:u\n\n")
            #expect(ended == .unsubscribe(request.handle, receipt: Array("u".utf8)))
            #expect(session.deliver(to: request.handle, messageID: []) == .gone)
        }
        #expect(handles.count == 50)
        #expect(session.outstanding == 100)
        #expect(session.subscriptionCount == 0)
    }

    @Test func whatTheServerEndedTheClientMayStillEnd() throws {
        var session = connectedSession(limits: STOMPLimits(maxSubscriptions: 2))
        let request = try session.subscribed("a", ack: "client")
        _ = session.deliver(to: request.handle, messageID: [1])
        session.forget(request.handle)
        #expect(session.subscriptionCount == 0)
        #expect(session.deliver(to: request.handle, messageID: [2]) == .gone)
        guard case .acknowledge(let late, _) = session.receive("ACK\nid:1-1\n\n") else { throw UnexpectedAction() }
        #expect(late.handle == nil)
        #expect(session.receive("UNSUBSCRIBE\nid:a\nreceipt:u\n\n").receipts == ["u"])
        #expect(session.receive("UNSUBSCRIBE\nid:a\n\n").fault == "unknown subscription")
    }

    @Test func whatTheServerEndedLeavesRoomForOthers() throws {
        var session = connectedSession(limits: STOMPLimits(maxSubscriptions: 2))
        session.forget(try session.subscribed("a").handle)
        session.forget(try session.subscribed("b").handle)
        let again = try session.subscribed("a")
        _ = try session.subscribed("c")
        #expect(session.deliver(to: again.handle, messageID: []) == .write(ack: nil))
        #expect(session.subscriptionCount == 2)
        #expect(session.receive("SUBSCRIBE\nid:d\ndestination:/t\n\n").fault == "too many subscriptions")
    }

    @Test func inSTOMP10TheDestinationStandsForTheID() throws {
        var session = connectedSession("1.0")
        guard case .subscribe(let request) = session.receive("SUBSCRIBE\ndestination:/t:1\n\n") else {
            throw UnexpectedAction()
        }
        #expect(request.encodedID == Array("/t:1".utf8))
        #expect(
            session.receive("UNSUBSCRIBE\ndestination:/t:1\n\n") == .unsubscribe(request.handle, receipt: nil))
    }
}
