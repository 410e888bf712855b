import Testing

@testable import WireProtocols

@Suite struct STOMPSessionTransactionTests {
    private func send(_ body: String, in transaction: String, receipt: String? = nil) -> String {
        let header = receipt.map { "receipt:\($0)\n" } ?? ""
        return "SEND\ndestination:/a\ntransaction:\(transaction)\n\(header)\n\(body)"
    }

    @Test func sendsTogetherWhatWasSentInIt() throws {
        var session = connectedSession()
        #expect(session.receive("BEGIN\ntransaction:t\nreceipt:b\n\n").receipts == ["b"])
        #expect(session.receive(send("one", in: "t", receipt: "s1")) == .none)
        #expect(session.receive(send("two", in: "t")) == .none)
        #expect(session.outstanding == 0)
        guard case .commit(let commit) = session.receive("COMMIT\ntransaction:t\nreceipt:c\n\n") else {
            throw UnexpectedAction()
        }
        #expect(commit.sends.map(\.bodyBytes) == [Array("one".utf8), Array("two".utf8)])
        #expect(session.committed(commit).receipts == ["s1", "c"])
        #expect(session.outstanding == 0)
        #expect(session.receive("COMMIT\ntransaction:t\n\n").fault == "unknown transaction")
    }

    @Test func forgetsWhatIsAborted() throws {
        var session = connectedSession()
        _ = session.receive("BEGIN\ntransaction:t\n\n")
        _ = session.receive(send("one", in: "t", receipt: "s1"))
        #expect(session.receive("ABORT\ntransaction:t\nreceipt:a\n\n").receipts == ["a"])
        _ = session.receive("BEGIN\ntransaction:t\n\n")
        guard case .commit(let commit) = session.receive("COMMIT\ntransaction:t\n\n") else { throw UnexpectedAction() }
        #expect(commit.sends.isEmpty)
    }

    @Test func acknowledgesWithTheCommit() throws {
        var session = connectedSession(limits: STOMPLimits(maxUnacknowledged: 1))
        let request = try session.subscribed("a", ack: "client")
        _ = session.deliver(to: request.handle, messageID: [1])
        #expect(session.deliver(to: request.handle, messageID: [2]) == .wait)
        _ = session.receive("BEGIN\ntransaction:t\n\n")
        #expect(session.receive("ACK\nid:1-1\ntransaction:t\nreceipt:k\n\n").receipts == ["k"])
        #expect(session.deliver(to: request.handle, messageID: [2]) == .wait)
        guard case .commit(let commit) = session.receive("COMMIT\ntransaction:t\n\n") else { throw UnexpectedAction() }
        #expect(
            commit.acknowledgements == [
                STOMPAcknowledgement(handle: request.handle, count: 1, isNegative: false, reopens: true)
            ])
    }

    @Test(arguments: [
        ("BEGIN\n\n", "missing header transaction"), ("BEGIN\ntransaction:open\n\n", "duplicate transaction"),
        ("BEGIN\ntransaction:\(String(repeating: "t", count: 257))\n\n", "id too long"),
        ("COMMIT\n\n", "missing header transaction"), ("COMMIT\ntransaction:x\n\n", "unknown transaction"),
        ("ABORT\n\n", "missing header transaction"), ("ABORT\ntransaction:x\n\n", "unknown transaction"),
        ("SEND\ndestination:/a\ntransaction:x\n\n", "unknown transaction"),
        ("SEND\ntransaction:open\n\n", "missing header destination"),
    ])
    func refusesWhatCannotBe(text: String, fault: String) {
        var session = connectedSession()
        _ = session.receive("BEGIN\ntransaction:open\n\n")
        let action = session.receive(text.replacing("\n\n", with: "\nreceipt:r\n\n"))
        #expect(action.fault == fault)
        #expect(action.written.last?.text(of: "receipt-id") == "r")
        #expect(session.phase == .closed)
    }

    @Test func openTransactionsAreBounded() {
        var session = connectedSession()
        for number in 0..<16 {
            #expect(session.receive("BEGIN\ntransaction:\(number)\n\n") == .none)
        }
        #expect(session.receive("BEGIN\ntransaction:16\n\n").fault == "too many transactions")
    }

    @Test func framesOfATransactionAreBounded() {
        var session = connectedSession()
        _ = session.receive("BEGIN\ntransaction:t\n\n")
        for _ in 0..<100 {
            #expect(session.receive(send("x", in: "t")) == .none)
        }
        #expect(session.receive(send("x", in: "t")).fault == "transaction too large")
    }

    @Test func bytesOfAllTransactionsAreBounded() {
        var session = connectedSession(limits: STOMPLimits(maxTransactionBytes: 1_000))
        _ = session.receive("BEGIN\ntransaction:t\n\n")
        _ = session.receive("BEGIN\ntransaction:u\n\n")
        let body = String(repeating: "x", count: 400)
        #expect(session.receive(send(body, in: "t")) == .none)
        #expect(session.receive(send(body, in: "u")) == .none)
        #expect(session.receive(send(body, in: "u")).fault == "transaction too large")
    }
}
