import Bytes

/// Gathers the head of a request, up to and with its empty line, and refuses what parsers disagree about.
///
/// http-parser lets a lone LF end a line, and lets a field go on in the next line; a proxy before us may see it
/// differently, and what two parsers see differently is how requests are smuggled. So the shape of the lines is checked
/// here, and the parser only ever sees a whole head of good lines.
struct HTTPHeadBuffer {
    private(set) var bytes: [UInt8] = []
    private var lineStart = 0
    private var isFirstLine = true
    private var emptyLines = 0
    private var sawCarriageReturn = false

    /// Whether anything of a request has come.
    var hasBegun: Bool { !bytes.isEmpty }

    /// Takes bytes from `offset` on, which it moves; true once the head is whole.
    mutating func take(
        _ input: Span<UInt8>, at offset: inout Int, limits: HTTPLimits
    ) throws(HTTPRequestError) -> Bool {
        while offset < input.count {
            let byte = input[offset]
            offset += 1
            try check(byte, limits)
            bytes.append(byte)
            sawCarriageReturn = byte == ASCII.carriageReturn
            if byte == ASCII.lineFeed, try endLine() { return true }
        }
        return false
    }

    /// Gives the head away and is ready for the next.
    mutating func takeHead() -> [UInt8] {
        let head = bytes
        self = HTTPHeadBuffer()
        return head
    }

    private func check(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPRequestError) {
        guard sawCarriageReturn == (byte == ASCII.lineFeed) else { throw .malformedLineEnd }
        let isControl = byte < ASCII.space || byte == 0x7F
        guard !isControl || [ASCII.tab, ASCII.carriageReturn, ASCII.lineFeed].contains(byte) else {
            throw .controlCharacter
        }
        if bytes.count == lineStart, byte == ASCII.space || byte == ASCII.tab {
            throw isFirstLine ? .malformedRequestLine : .foldedField
        }
        guard !isFirstLine || bytes.count < limits.targetBytes + HTTPLimits.requestLineOverhead else {
            throw .targetTooLong
        }
        guard bytes.count < limits.headBytes else { throw .headTooLarge }
    }

    /// Whether the line that has just ended was the empty one after the fields.
    private mutating func endLine() throws(HTTPRequestError) -> Bool {
        let isEmpty = bytes.count - lineStart == 2
        sawCarriageReturn = false
        lineStart = bytes.count
        guard isFirstLine else { return isEmpty }
        guard isEmpty else {
            isFirstLine = false
            return false
        }
        emptyLines += 1
        guard emptyLines <= HTTPLimits.leadingEmptyLines else { throw .malformedRequestLine }
        bytes = []
        lineStart = 0
        return false
    }
}
