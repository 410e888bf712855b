import Bytes

extension STOMPSession {
    /// A frame of a connected client.
    mutating func dispatch(_ frame: STOMPFrame, now: UInt64) throws(STOMPError) -> STOMPAction {
        switch frame.command {
        case .send: return try send(frame)
        case .subscribe: return try subscribe(frame)
        case .unsubscribe: return try unsubscribe(frame)
        case .ack: return try acknowledge(frame, isNegative: false)
        // NACK came with STOMP 1.1.
        case .nack where version > .v10: return try acknowledge(frame, isNegative: true)
        case .begin: return try begin(frame)
        case .commit: return try commit(frame)
        case .abort: return try abort(frame)
        case .disconnect: return disconnect(frame, now: now)
        case .connect, .stomp: throw fault(.alreadyConnected, frame)
        case .connected, .message, .receipt, .error: throw fault(.serverCommand, frame)
        case .nack, .unknown: throw fault(.unknownCommand, frame)
        }
    }

    private mutating func send(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        guard frame.range(of: "destination") != nil else { throw fault(.missingHeader("destination"), frame) }
        if let range = frame.range(of: "transaction") {
            let index = try openTransaction(frame, id: range)
            try keep(frame, in: index) { $0.sends.append(frame) }
            return .none
        }
        outstanding += 1
        return .send(STOMPSend(frame: frame, receipt: frame.value(of: "receipt")))
    }

    /// STOMP 1.2 §DISCONNECT: its receipt says that all before it has been dealt with.
    private mutating func disconnect(_ frame: STOMPFrame, now: UInt64) -> STOMPAction {
        disconnectReceipt = frame.value(of: "receipt")
        guard outstanding > 0, disconnectReceipt != nil else { return farewell(after: ByteWriter()) }
        phase = .disconnecting
        deadline = now + limits.stepMilliseconds
        return .none
    }

    /// The answer to a frame that is done as soon as it is read.
    func receiptOnly(_ frame: STOMPFrame) -> STOMPAction {
        guard let receipt = frame.value(of: "receipt") else { return .none }
        var writer = ByteWriter()
        encoder.appendReceipt(receipt, to: &writer)
        return .write(writer.bytes)
    }

    func fault(_ fault: STOMPFault, _ frame: STOMPFrame) -> STOMPError {
        STOMPError(fault, receipt: frame.value(of: "receipt"))
    }
}
