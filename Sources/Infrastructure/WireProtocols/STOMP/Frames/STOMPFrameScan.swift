import Bytes

/// How far a frame has been read: it goes on where it stopped when more bytes have come, so that a frame in a thousand
/// pieces costs as much as one in one piece. All places are counted from the first byte of the frame.
struct STOMPFrameScan: Sendable {
    private var headers: [STOMPFrame.Header] = []
    private var command = STOMPCommand.unknown
    private var lineStart = 0
    /// Bytes that need not be looked at again.
    private var scanned = 0
    /// 0 while the head goes on.
    private var bodyStart = 0
    private var contentLength: Int?
    /// Where the NUL is; of use after `advance` has said true.
    private(set) var end = 0

    /// Reads on in `bytes`, which begin with the frame; true once the frame is whole.
    mutating func advance(in bytes: Span<UInt8>, limits: STOMPLimits) throws(STOMPError) -> Bool {
        if bodyStart == 0 {
            guard try scanHead(bytes, limits: limits) else { return false }
        }
        return try scanBody(bytes, limits: limits)
    }

    /// The number of bytes at `offset` of `input` that certainly belong to this frame, given that `held` are there.
    func bytesWanted(of input: Span<UInt8>, at offset: Int, held: Int) -> Int {
        let available = input.count - offset
        if bodyStart > 0, let contentLength {
            return min(available, bodyStart + contentLength + 1 - held)
        }
        let delimiter = bodyStart == 0 ? ASCII.lineFeed : ASCII.nul
        guard let found = input.firstIndex(of: delimiter, from: offset) else { return available }
        return found + 1 - offset
    }

    /// The whole frame made of `bytes` (without the NUL), with escapes undone in place. Called once, at the end.
    mutating func frame(of bytes: consuming [UInt8], version: STOMPVersion) throws(STOMPError) -> STOMPFrame {
        if version > .v10, !command.neverEscapesHeaders,
            bytes.span.extracting(0..<bodyStart).firstIndex(of: ASCII.backslash) != nil
        {
            for index in headers.indices {
                guard let nameEnd = version.unescape(&bytes, in: headers[index].name),
                    let valueEnd = version.unescape(&bytes, in: headers[index].value)
                else { throw fault(.undefinedEscape, in: bytes.span) }
                headers[index].nameEnd = UInt32(nameEnd)
                headers[index].valueEnd = UInt32(valueEnd)
            }
        }
        return STOMPFrame(command: command, bytes: bytes, headers: headers, bodyStart: bodyStart)
    }

    private mutating func scanHead(_ bytes: Span<UInt8>, limits: STOMPLimits) throws(STOMPError) -> Bool {
        while let lineFeed = bytes.firstIndex(of: ASCII.lineFeed, from: scanned) {
            let hasReturn = lineFeed > lineStart && bytes[lineFeed - 1] == ASCII.carriageReturn
            let lineEnd = hasReturn ? lineFeed - 1 : lineFeed
            try refuseNUL(in: bytes, from: scanned, to: lineFeed)
            if lineEnd == lineStart {
                try finishHead(bytes, bodyStart: lineFeed + 1, limits: limits)
                return true
            }
            if lineStart == 0 {
                command = try commandLine(bytes.extracting(0..<lineEnd), limits: limits)
            } else {
                try addHeader(bytes, start: lineStart, end: lineEnd, limits: limits)
            }
            lineStart = lineFeed + 1
            scanned = lineStart
        }
        // A frame that ends within its head is refused now: the client may be waiting for an answer.
        try refuseNUL(in: bytes, from: scanned, to: bytes.count)
        scanned = bytes.count
        let length = bytes.count - lineStart
        if lineStart == 0, length > limits.maxCommandBytes { throw STOMPError(.commandTooLong) }
        if length > limits.maxHeaderLineBytes {
            throw fault(.headerLineTooLong(maxBytes: limits.maxHeaderLineBytes), in: bytes)
        }
        try refuseLarger(than: limits, count: bytes.count, in: bytes)
        return false
    }

    private func commandLine(_ line: Span<UInt8>, limits: STOMPLimits) throws(STOMPError) -> STOMPCommand {
        guard line.count <= limits.maxCommandBytes else { throw STOMPError(.commandTooLong) }
        return STOMPCommand(line: line)
    }

    private mutating func addHeader(
        _ bytes: Span<UInt8>, start: Int, end: Int, limits: STOMPLimits
    ) throws(STOMPError) {
        guard end - start <= limits.maxHeaderLineBytes else {
            throw fault(.headerLineTooLong(maxBytes: limits.maxHeaderLineBytes), in: bytes)
        }
        guard headers.count < limits.maxHeaders else {
            throw fault(.tooManyHeaders(max: limits.maxHeaders), in: bytes)
        }
        guard let colon = bytes.firstIndex(of: ASCII.colon, from: start), colon > start, colon < end else {
            throw fault(.malformedHeader, in: bytes)
        }
        if headers.isEmpty {
            headers.reserveCapacity(8)
        }
        headers.append(
            STOMPFrame.Header(
                nameStart: UInt32(start), nameEnd: UInt32(colon), valueStart: UInt32(colon + 1), valueEnd: UInt32(end)))
    }

    private mutating func finishHead(
        _ bytes: Span<UInt8>, bodyStart: Int, limits: STOMPLimits
    ) throws(STOMPError) {
        try refuseLarger(than: limits, count: bodyStart, in: bytes)
        if let range = value(of: "content-length", in: bytes) {
            guard let length = bytes.extracting(range).decimal() else {
                throw fault(.invalidContentLength, in: bytes)
            }
            guard length < UInt64(limits.maxFrameBytes - bodyStart) else {
                throw fault(.frameTooLarge(maxBytes: limits.maxFrameBytes), in: bytes)
            }
            guard length == 0 || command.allowsBody else { throw fault(.bodyNotAllowed, in: bytes) }
            contentLength = Int(length)
        }
        self.bodyStart = bodyStart
        scanned = bodyStart
    }

    private mutating func scanBody(_ bytes: Span<UInt8>, limits: STOMPLimits) throws(STOMPError) -> Bool {
        if let contentLength {
            end = bodyStart + contentLength
            guard bytes.count > end else { return false }
            guard bytes[end] == ASCII.nul else { throw fault(.missingNUL, in: bytes) }
            return true
        }
        if !command.allowsBody, bytes.count > bodyStart, bytes[bodyStart] != ASCII.nul {
            throw fault(.bodyNotAllowed, in: bytes)
        }
        guard let nul = bytes.firstIndex(of: ASCII.nul, from: scanned) else {
            scanned = bytes.count
            // One more is to come at least: the NUL.
            try refuseLarger(than: limits, count: bytes.count + 1, in: bytes)
            return false
        }
        try refuseLarger(than: limits, count: nul + 1, in: bytes)
        end = nul
        return true
    }

    private func refuseNUL(in bytes: Span<UInt8>, from start: Int, to end: Int) throws(STOMPError) {
        guard bytes.extracting(start..<end).firstIndex(of: ASCII.nul) == nil else {
            throw fault(.nulInHeaders, in: bytes)
        }
    }

    private func refuseLarger(than limits: STOMPLimits, count: Int, in bytes: Span<UInt8>) throws(STOMPError) {
        guard count <= limits.maxFrameBytes else {
            throw fault(.frameTooLarge(maxBytes: limits.maxFrameBytes), in: bytes)
        }
    }

    private func value(of name: StaticString, in bytes: Span<UInt8>) -> Range<Int>? {
        for header in headers where bytes.extracting(header.name).equals(name) {
            return header.value
        }
        return nil
    }

    /// The error for `fault`, with the frame's receipt where that header has been read and needs no unescaping.
    private func fault(_ fault: STOMPFault, in bytes: Span<UInt8>) -> STOMPError {
        guard let range = value(of: "receipt", in: bytes) else { return STOMPError(fault) }
        let receipt = bytes.extracting(range)
        guard receipt.firstIndex(of: ASCII.backslash) == nil else { return STOMPError(fault) }
        return STOMPError(fault, receipt: Array(copying: receipt))
    }
}

extension STOMPVersion {
    /// Undoes the escapes within `range` of `bytes`; answers where the shortened text now ends, nil where an escape is
    /// not defined.
    fileprivate func unescape(_ bytes: inout [UInt8], in range: Range<Int>) -> Int? {
        var out = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = bytes[index]
            if byte == ASCII.backslash {
                index += 1
                guard index < range.upperBound, let meant = unescaped(bytes[index]) else { return nil }
                byte = meant
            }
            bytes[out] = byte
            out += 1
            index += 1
        }
        return out
    }
}
