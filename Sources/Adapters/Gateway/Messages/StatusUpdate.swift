import Bytes
import Domain

/// One step of a message's life, as its sender is told it.
struct StatusUpdate: Sendable, Equatable {
    let tempID: TempID
    let status: MessageStatus
    /// The message's id and number, once it has them.
    let id: MessageID?
    let seq: UInt64?
    /// Why it failed.
    let refusal: Refusal?
    let createdAt: Timestamp?

    init(
        tempID: TempID, status: MessageStatus, id: MessageID? = nil, seq: UInt64? = nil, refusal: Refusal? = nil,
        createdAt: Timestamp? = nil
    ) {
        self.tempID = tempID
        self.status = status
        self.id = id
        self.seq = seq
        self.refusal = refusal
        self.createdAt = createdAt
    }

    /// The body of the MESSAGE on `/topic/message/status/{roomId}`.
    var json: [UInt8] {
        var out = ByteWriter(capacity: 224)
        out.append("{\"tempId\":\"")
        out.append(tempID.textBytes)
        out.append("\",\"status\":\"")
        out.append(utf8: status.rawValue)
        out.append("\",\"persistedId\":")
        out.append(quotedOrNull: id?.hexBytes)
        out.append(",\"seq\":")
        if let seq {
            out.append(decimal: seq)
        } else {
            out.append("null")
        }
        out.append(",\"errorCode\":")
        out.append(quotedOrNull: refusal.map { Array($0.code.rawValue.utf8) })
        out.append(",\"errorMessage\":")
        if let refusal {
            out.append(jsonString: refusal.message)
        } else {
            out.append("null")
        }
        out.append(retryAfter: refusal)
        out.append(",\"createdAt\":")
        out.append(quotedOrNull: createdAt?.rfc3339)
        out.append("}")
        return out.bytes
    }
}

extension ByteWriter {
    /// Appends the member that says when trying again makes sense, where the refusal knows.
    mutating func append(retryAfter refusal: Refusal?) {
        guard let milliseconds = refusal?.retryAfterMilliseconds else { return }
        append(",\"retryAfterMs\":")
        append(decimal: UInt64(max(milliseconds, 0)))
    }

    /// Appends text that needs no escape in quotes, or `null`.
    fileprivate mutating func append(quotedOrNull text: [UInt8]?) {
        guard let text else {
            append("null")
            return
        }
        append(ASCII.quote)
        append(text)
        append(ASCII.quote)
    }
}
