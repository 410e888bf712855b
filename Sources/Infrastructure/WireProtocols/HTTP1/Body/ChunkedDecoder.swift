import Bytes

/// Takes a chunked body apart (RFC 9112 §7.1).
///
/// It is ours because http-parser's lenient build does not look at what ends a chunk and lets a lone LF stand in a chunk
/// extension: both are ways to smuggle a request past a proxy that looks.
struct ChunkedDecoder {
    private enum Place {
        case size
        case data(left: Int)
        case dataEnd
        case trailer
    }

    private var place = Place.size
    private var line: [UInt8] = []
    private var trailerBytes = 0

    /// Appends the body's bytes to `body`, which may grow to `limit`, from `offset` on, which it moves; true once the
    /// body is whole. Chunk extensions and trailer fields are checked for their shape and dropped.
    mutating func take(
        _ input: Span<UInt8>, at offset: inout Int, into body: inout [UInt8], limit: Int
    ) throws(HTTPRequestError) -> Bool {
        while offset < input.count {
            if case .data(let left) = place {
                let count = min(left, input.count - offset)
                input.extracting(offset..<(offset + count)).withUnsafeBufferPointer { body.append(contentsOf: $0) }
                offset += count
                place = left == count ? .dataEnd : .data(left: left - count)
            } else {
                let byte = input[offset]
                offset += 1
                guard try endsLine(byte) else { continue }
                if try takeLine(room: limit - body.count) { return true }
                line.removeAll(keepingCapacity: true)
            }
        }
        return false
    }

    /// Adds a byte to the line; true where it ended it. The line is kept without its CR LF.
    private mutating func endsLine(_ byte: UInt8) throws(HTTPRequestError) -> Bool {
        let sawCarriageReturn = line.last == ASCII.carriageReturn
        guard sawCarriageReturn == (byte == ASCII.lineFeed) else { throw .malformedChunk }
        if sawCarriageReturn {
            line.removeLast()
            return true
        }
        guard byte >= ASCII.space || byte == ASCII.tab || byte == ASCII.carriageReturn, byte != 0x7F,
            line.count < HTTPLimits.chunkLineBytes
        else { throw .malformedChunk }
        line.append(byte)
        return false
    }

    /// Handles a line; true where it was the last of the body.
    private mutating func takeLine(room: Int) throws(HTTPRequestError) -> Bool {
        switch place {
        case .size:
            let size = try size()
            guard size <= room else { throw .bodyTooLarge }
            place = size == 0 ? .trailer : .data(left: size)
        case .dataEnd:
            guard line.isEmpty else { throw .malformedChunk }
            place = .size
        case .trailer:
            trailerBytes += line.count
            guard trailerBytes <= HTTPLimits.trailerBytes else { throw .headTooLarge }
            return line.isEmpty
        case .data:
            preconditionFailure("cannot read a line when in a chunk's data")
        }
        return false
    }

    private func size() throws(HTTPRequestError) -> Int {
        var value = 0
        var digits = 0
        while digits < line.count, let digit = ASCII.hexValue(line[digits]) {
            guard value <= Int.max >> 4 else { throw .bodyTooLarge }
            value = value << 4 | Int(digit)
            digits += 1
        }
        // Only an extension may follow, after white space if any.
        let rest = line[digits...].drop { $0 == ASCII.space || $0 == ASCII.tab }
        guard digits > 0, rest.isEmpty && digits == line.count || rest.first == UInt8(ascii: ";") else {
            throw .malformedChunk
        }
        return value
    }
}
