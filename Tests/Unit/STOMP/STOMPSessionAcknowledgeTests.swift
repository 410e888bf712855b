import Support
import Testing

@testable import WireProtocols

@Suite struct STOMPSessionAcknowledgeTests {
    private func deliver(_ names: ClosedRange<Int>, to request: STOMPSubscription, of session: inout STOMPSession)
        -> [STOMPDelivery]
    {
        names.map { session.deliver(to: request.handle, messageID: Array("m\($0)".utf8)) }
    }

    private func acknowledgement(_ action: STOMPAction) throws -> STOMPAcknowledgement {
        guard case .acknowledge(let acknowledgement, _) = action else { throw UnexpectedAction() }
        return acknowledgement
    }

    @Test func autoNeedsNone() throws {
        var session = connectedSession()
        let request = try session.subscribed("a")
        #expect(deliver(1...1_000, to: request, of: &session).allSatisfy { $0 == .write(ack: nil) })
    }

    @Test func namesDeliveriesByHeaderIn12Only() throws {
        for version in ["1.0", "1.1", "1.2"] {
            var session = connectedSession(version)
            let request = try session.subscribed("a", ack: "client")
            let id = STOMPAckID(handle: request.handle, number: 1)
            #expect(
                session.deliver(to: request.handle, messageID: [1]) == .write(ack: version == "1.2" ? id : nil))
        }
    }

    @Test func waitsWhenTheWindowIsFullAndOpensAgain() throws {
        var session = connectedSession(limits: STOMPLimits(maxUnacknowledged: 3))
        let request = try session.subscribed("a", ack: "client-individual")
        let deliveries = deliver(1...4, to: request, of: &session)
        #expect(deliveries[3] == .wait)
        let handle = request.handle
        let first = try acknowledgement(session.receive("ACK\nid:1-2\n\n"))
        #expect(first == STOMPAcknowledgement(handle: handle, count: 1, isNegative: false, reopens: true))
        let second = try acknowledgement(session.receive("NACK\nid:1-1\n\n"))
        #expect(second == STOMPAcknowledgement(handle: handle, count: 1, isNegative: true, reopens: false))
        #expect(deliver(5...7, to: request, of: &session).last == .wait)
    }

    @Test func clientModeIsCumulative() throws {
        var session = connectedSession()
        let request = try session.subscribed("a", ack: "client")
        _ = deliver(1...10, to: request, of: &session)
        #expect(try acknowledgement(session.receive("ACK\nid:1-7\n\n")).count == 7)
        #expect(try acknowledgement(session.receive("ACK\nid:1-3\n\n")).count == 0)
        #expect(try acknowledgement(session.receive("ACK\nid:1-10\n\n")).count == 3)
    }

    @Test func windowsOfSubscriptionsAreApart() throws {
        var session = connectedSession(limits: STOMPLimits(maxUnacknowledged: 1))
        let first = try session.subscribed("a", ack: "client")
        let second = try session.subscribed("b", ack: "client")
        _ = deliver(1...1, to: first, of: &session)
        #expect(deliver(1...2, to: second, of: &session).last == .wait)
        #expect(deliver(2...2, to: first, of: &session) == [.wait])
        #expect(try acknowledgement(session.receive("ACK\nid:2-1\n\n")).handle == second.handle)
    }

    @Test func in11ByMessageAndSubscription() throws {
        var session = connectedSession("1.1")
        let request = try session.subscribed("a", ack: "client")
        _ = deliver(1...3, to: request, of: &session)
        let done = try acknowledgement(session.receive("ACK\nsubscription:a\nmessage-id:m2\n\n"))
        #expect(done.count == 2)
        #expect(try acknowledgement(session.receive("ACK\nsubscription:a\nmessage-id:m2\n\n")).handle == nil)
        #expect(session.receive("ACK\nmessage-id:m3\n\n").fault == "missing header subscription")
    }

    @Test func in10ByMessageAlone() throws {
        var session = connectedSession("1.0")
        let request = try session.subscribed("a", ack: "client")
        _ = deliver(1...3, to: request, of: &session)
        #expect(try acknowledgement(session.receive("ACK\nmessage-id:m3\n\n")).count == 3)
        #expect(try acknowledgement(session.receive("ACK\nmessage-id:m9\n\n")).count == 0)
        #expect(session.receive("NACK\nmessage-id:m3\n\n").fault == "unknown command")
    }

    @Test(arguments: ["1-2", "2-1", "0-1", "1-0", "x", "1-", "-1", "1", "", "4294967297-1", "1-1-1"])
    func refusesWhatWasNeverDelivered(id: String) throws {
        var session = connectedSession()
        let request = try session.subscribed("a", ack: "client")
        _ = deliver(1...1, to: request, of: &session)
        let action = session.receive("ACK\nid:\(id)\nreceipt:r\n\n")
        #expect(action.fault == "unknown acknowledgement")
        #expect(action.written.last?.text(of: "receipt-id") == "r")
    }

    @Test func lateAndRepeatedAcknowledgementsDoNoHarm() throws {
        var session = connectedSession()
        let request = try session.subscribed("a", ack: "client-individual")
        _ = deliver(1...2, to: request, of: &session)
        #expect(try acknowledgement(session.receive("ACK\nid:1-1\n\n")).count == 1)
        #expect(try acknowledgement(session.receive("ACK\nid:1-1\n\n")).count == 0)
        _ = session.receive("UNSUBSCRIBE\nid:a\n\n")
        #expect(try acknowledgement(session.receive("ACK\nid:1-2\n\n")).handle == nil)
        #expect(session.phase == .connected)
    }

    @Test func answersReceipts() throws {
        var session = connectedSession()
        let request = try session.subscribed("a", ack: "client")
        _ = deliver(1...1, to: request, of: &session)
        guard case .acknowledge(_, let receipt) = session.receive("ACK\nid:1-1\nreceipt:r\n\n") else {
            throw UnexpectedAction()
        }
        #expect(session.completed(receipt: receipt).receipts == ["r"])
    }

    /// Whatever is delivered and acknowledged in whatever order: never more than the limit is under way, and a wait is
    /// always followed by the word that it is over.
    @Test func windowsNeverOverflowNorStick() {
        var generator = SeededGenerator(seed: 2)
        var window = STOMPAckWindow()
        var open: Set<UInt64> = []
        var waits = false
        for round in 0..<20_000 {
            if Bool.random(using: &generator) {
                let number = window.admit(messageID: [UInt8(truncatingIfNeeded: round)], limit: 8)
                #expect((number == nil) == (open.count == 8))
                waits = waits || number == nil
                open.formUnion([number].compactMap(\.self))
            } else if let number = open.sorted().randomElement(using: &generator) {
                let cumulative = Bool.random(using: &generator)
                let taken = cumulative ? open.filter { $0 <= number } : [number]
                let released = window.release(number, cumulative: cumulative)
                #expect(released.count == taken.count)
                #expect(released.reopens == waits)
                waits = false
                open.subtract(taken)
            }
        }
    }
}
