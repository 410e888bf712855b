import Bytes
import Testing

@testable import WireProtocols

@Suite struct STOMPEncoderTests {
    private func text(_ write: (inout ByteWriter) -> Void) -> String {
        var writer = ByteWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func writesConnectedWithoutEscapes() {
        let identity = STOMPIdentity(session: "s:1", server: "Shoot/1.0", userName: "ada")
        let offer = STOMPHeartBeat(sendMilliseconds: 10_000, receiveMilliseconds: 5_000)
        let frame = text { STOMPEncoder(version: .v12).appendConnected(identity: identity, heartBeat: offer, to: &$0) }
        #expect(
            frame == """
                CONNECTED
                version:1.2
                heart-beat:10000,5000
                session:s:1
                server:Shoot/1.0
                user-name:ada

                \0
                """)
    }

    @Test func leavesOutANameThatWouldBreakTheFrame() {
        let identity = STOMPIdentity(session: "1", server: "Shoot/1.0", userName: "a\nrole:admin")
        let frame = text { STOMPEncoder(version: .v12).appendConnected(identity: identity, heartBeat: .off, to: &$0) }
        #expect(!frame.contains("user-name"))
        #expect(!frame.contains("role"))
    }

    @Test(arguments: [
        (STOMPVersion.v10, "a:b\\"), (.v11, "a\\cb\\\\"), (.v12, "a\\cb\\\\"),
    ])
    func writesReceipts(version: STOMPVersion, written: String) {
        let frame = text { STOMPEncoder(version: version).appendReceipt(Array("a:b\\".utf8), to: &$0) }
        #expect(frame == "RECEIPT\nreceipt-id:\(written)\n\n\0")
    }

    @Test func escapesCarriageReturnsOnlyWhereTheyCanBe() {
        #expect(STOMPEncoder(version: .v12).escaped([13, 10]) == Array("\\r\\n".utf8))
        #expect(STOMPEncoder(version: .v11).escaped([13, 10]) == [13] + Array("\\n".utf8))
    }

    @Test func writesErrorsWithReceiptAndBody() {
        let frame = text {
            STOMPEncoder(version: .v12).appendError(
                message: "no", explanation: "Ask again.", receipt: Array("7".utf8), to: &$0)
        }
        #expect(
            frame == "ERROR\nmessage:no\nreceipt-id:7\ncontent-type:text/plain\ncontent-length:10\n\nAsk again.\0")
    }

    @Test(arguments: STOMPVersion.allCases)
    func whatIsWrittenReadsTheSame(version: STOMPVersion) throws {
        let value = version == .v10 ? "a\\b:c" : "\\ : \n \\n ä"
        let body = Array("x\0y".utf8)
        var writer = ByteWriter()
        STOMPEncoder(version: version).append(
            .send, headers: [("destination", value), ("empty", "")], body: body, to: &writer)
        let frame = try #require(stompFrames(in: writer.bytes, version: version).first)
        #expect(frame.text(of: "destination") == value)
        #expect(frame.text(of: "empty") == "")
        #expect(frame.text(of: "content-length") == "3")
        #expect(frame.bodyBytes == body)
    }

    @Test func writesMessages() throws {
        let headers = Array("destination:/topic/messages/1\nmessage-id:m1\n".utf8)
        let body = Array("{\"a\":\0}".utf8)
        var writer = ByteWriter()
        MessageFrame.append(subscription: Array("sub-0".utf8), headers: headers.span, body: body.span, to: &writer)
        let id = STOMPAckID(handle: STOMPSubscriptionHandle(number: 3), number: 14)
        MessageFrame.append(
            subscription: Array("1".utf8), ack: id, headers: headers.span, body: [UInt8]().span, to: &writer)
        let frames = stompFrames(in: writer.bytes)
        #expect(frames.map(\.command) == [.message, .message])
        #expect(frames[0].text(of: "subscription") == "sub-0")
        #expect(frames[0].value(of: "ack") == nil)
        #expect(frames[0].text(of: "message-id") == "m1")
        #expect(frames[0].bodyBytes == body)
        #expect(frames[1].text(of: "ack") == "3-14")
        #expect(frames[1].text(of: "content-length") == "0")
    }

    @Test func everyFaultIsSaidWithoutEscapes() {
        let faults: [STOMPFault] = [
            .frameTooLarge(maxBytes: 1), .headerLineTooLong(maxBytes: 1), .tooManyHeaders(max: 1), .commandTooLong,
            .malformedHeader, .nulInHeaders, .undefinedEscape, .invalidContentLength, .missingNUL, .bodyNotAllowed,
            .unknownCommand, .serverCommand, .notConnected, .alreadyConnected, .unsupportedVersion,
            .missingHeader("id"), .invalidHeader("ack"), .idTooLong(maxBytes: 1), .tooManyHeldFrames(max: 1),
            .duplicateSubscription, .unknownSubscription, .tooManySubscriptions(max: 1), .unknownAcknowledgement,
            .duplicateTransaction, .unknownTransaction, .tooManyTransactions(max: 1),
            .transactionTooLarge(maxFrames: 1, maxBytes: 1), .connectTimeout, .authenticationTimeout, .heartBeatMissed,
        ]
        for fault in faults {
            let message = Array(fault.message.utf8)
            #expect(STOMPEncoder(version: .v12).escaped(message) == message, "\(fault)")
            #expect(!message.isEmpty && !fault.explanation.isEmpty, "\(fault)")
            #expect(fault.close.reason.utf8.count < 123, "\(fault)")
        }
    }
}
