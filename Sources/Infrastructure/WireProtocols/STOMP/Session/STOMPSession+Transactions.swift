import Bytes

/// What came in one transaction and waits for its COMMIT (STOMP 1.2 §BEGIN).
struct STOMPTransaction: Sendable {
    struct Acknowledgement {
        let target: STOMPAckID?
        let isNegative: Bool
    }

    let id: [UInt8]
    var sends: [STOMPFrame] = []
    var acknowledgements: [Acknowledgement] = []
    var bytes = 0

    var frameCount: Int { sends.count + acknowledgements.count }
}

extension STOMPSession {
    mutating func begin(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        let range = try transactionID(frame)
        guard transaction(withID: frame.bytes.span.extracting(range)) == nil else {
            throw fault(.duplicateTransaction, frame)
        }
        guard transactions.count < limits.maxTransactions else {
            throw fault(.tooManyTransactions(max: limits.maxTransactions), frame)
        }
        guard range.count <= limits.maxIDBytes else { throw fault(.idTooLong(maxBytes: limits.maxIDBytes), frame) }
        transactions.append(STOMPTransaction(id: Array(frame.bytes[range])))
        return receiptOnly(frame)
    }

    mutating func commit(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        let transaction = transactions.remove(at: try openTransaction(frame, id: try transactionID(frame)))
        outstanding += 1
        var applied: [STOMPAcknowledgement] = []
        for acknowledgement in transaction.acknowledgements {
            applied.append(apply(acknowledgement.target, isNegative: acknowledgement.isNegative))
        }
        return .commit(
            STOMPCommit(sends: transaction.sends, acknowledgements: applied, receipt: frame.value(of: "receipt")))
    }

    mutating func abort(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        transactions.remove(at: try openTransaction(frame, id: try transactionID(frame)))
        return receiptOnly(frame)
    }

    /// The place of the transaction that is named within `range` of the frame.
    func openTransaction(_ frame: STOMPFrame, id range: Range<Int>) throws(STOMPError) -> Int {
        guard let index = transaction(withID: frame.bytes.span.extracting(range)) else {
            throw fault(.unknownTransaction, frame)
        }
        return index
    }

    /// Adds a frame to a transaction if there is room for it.
    mutating func keep(
        _ frame: STOMPFrame, in index: Int, _ add: (inout STOMPTransaction) -> Void
    ) throws(STOMPError) {
        let bytes = transactions.reduce(frame.bytes.count) { $0 + $1.bytes }
        guard transactions[index].frameCount < limits.maxTransactionFrames, bytes <= limits.maxTransactionBytes else {
            throw fault(
                .transactionTooLarge(maxFrames: limits.maxTransactionFrames, maxBytes: limits.maxTransactionBytes),
                frame)
        }
        transactions[index].bytes += frame.bytes.count
        add(&transactions[index])
    }

    private func transactionID(_ frame: STOMPFrame) throws(STOMPError) -> Range<Int> {
        guard let range = frame.range(of: "transaction") else { throw fault(.missingHeader("transaction"), frame) }
        return range
    }

    private func transaction(withID id: Span<UInt8>) -> Int? {
        for (index, transaction) in transactions.enumerated() {
            let own = transaction.id
            if own.span.equals(id) { return index }
        }
        return nil
    }
}
