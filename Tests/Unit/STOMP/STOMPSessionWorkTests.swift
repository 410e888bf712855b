import Testing

@testable import WireProtocols

@Suite struct STOMPSessionWorkTests {
    @Test func answersASendWhenItIsDone() throws {
        var session = connectedSession()
        guard case .send(let send) = session.receive("SEND\ndestination:/app/chat\nreceipt:a\\cb\n\nhi") else {
            throw UnexpectedAction()
        }
        #expect(send.frame.bodyBytes == Array("hi".utf8))
        #expect(session.outstanding == 1)
        #expect(session.completed(receipt: send.receipt).receipts == ["a:b"])
    }

    @Test func aFailedSendHasNoReceiptAndTheSessionLivesOn() {
        var session = connectedSession()
        _ = session.receive("SEND\ndestination:/app/chat\nreceipt:r\n\nhi")
        #expect(session.failed() == .none)
        #expect(session.phase == .connected)
        #expect(session.outstanding == 0)
    }

    @Test func aSendWithoutReceiptWritesNothing() {
        var session = connectedSession()
        _ = session.receive("SEND\ndestination:/app/chat\n\nhi")
        #expect(session.completed(receipt: nil) == .none)
    }

    @Test(arguments: [
        ("FOO\n\n", "unknown command"), ("send\ndestination:/a\n\n", "unknown command"),
        ("SEND\n\n", "missing header destination"), ("CONNECTED\n\n", "command of a server"),
        ("MESSAGE\n\n", "command of a server"), ("RECEIPT\n\n", "command of a server"),
        ("ERROR\n\n", "command of a server"), ("STOMP\n\n", "already connected"),
        ("ACK\n\n", "missing header id"), ("NACK\n\n", "missing header id"),
    ])
    func refusesWhatIsNoFrameOfAClient(text: String, fault: String) {
        var session = connectedSession()
        let action = session.receive(text.replacing("\n\n", with: "\nreceipt:r\n\n"))
        #expect(action.fault == fault)
        #expect(action.written.last?.text(of: "receipt-id") == "r")
        #expect(action.written.last?.body.isEmpty == false)
        #expect(action.closeCode == 1002)
        #expect(session.receive("SEND\ndestination:/a\n\n") == .none)
    }

    @Test func disconnectsAtOnceWhenNothingIsUnderWay() {
        var session = connectedSession()
        let action = session.receive("DISCONNECT\nreceipt:bye\n\n")
        #expect(action.receipts == ["bye"])
        #expect(action.closeCode == 1000)
        #expect(session.phase == .closed)
    }

    @Test func disconnectsWithoutAWordWhenNoneIsAskedFor() {
        var session = connectedSession()
        _ = session.receive("SEND\ndestination:/a\n\n")
        #expect(session.receive("DISCONNECT\n\n") == .writeAndClose([], .normal))
        #expect(session.completed(receipt: nil) == .none)
    }

    @Test func disconnectWaitsForWhatCameBefore() {
        var session = connectedSession()
        _ = session.receive("SEND\ndestination:/a\nreceipt:1\n\n")
        _ = session.receive("SEND\ndestination:/a\nreceipt:2\n\n")
        #expect(session.receive("DISCONNECT\nreceipt:bye\n\n") == .none)
        #expect(session.phase == .disconnecting)
        #expect(session.receive("SEND\ndestination:/a\n\n") == .none)
        #expect(session.outstanding == 2)
        #expect(session.completed(receipt: Array("1".utf8)).receipts == ["1"])
        let last = session.completed(receipt: Array("2".utf8))
        #expect(last.receipts == ["2", "bye"])
        #expect(last.closeCode == 1000)
        #expect(session.phase == .closed)
    }

    @Test func whatIsDoneAfterTheEndIsNotWritten() {
        var session = connectedSession()
        _ = session.receive("SEND\ndestination:/a\nreceipt:1\n\n")
        _ = session.receive("FOO\n\n")
        #expect(session.completed(receipt: Array("1".utf8)) == .none)
    }
}
