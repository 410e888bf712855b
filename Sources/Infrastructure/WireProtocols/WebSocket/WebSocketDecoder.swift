import Bytes

/// What the decoder found. The payload of a message, ping or pong and the reason of a close are in the scratch.
public enum WebSocketEvent: Equatable, Sendable {
    case text
    case binary
    case ping
    case pong
    /// A Close; nil where it carries no code.
    case close(WebSocketCloseCode?)
}

/// Frames in, messages and control frames out (RFC 6455 §5, RFC 7692): fed with whatever arrived.
///
/// A frame that is whole in the input is unmasked straight into the loop's scratch. Only what is incomplete is kept
/// here, so an idle decoder owns no memory. After a fault the connection is lost: do not feed it again.
public struct WebSocketDecoder {
    /// What was agreed on for the connection.
    public struct Options: Sendable {
        /// The side that we are.
        public var role: WebSocketRole
        /// Whether permessage-deflate was negotiated, each message by itself.
        public var inflates: Bool
        /// The most bytes that a message may have, after inflating.
        public var maxMessageBytes: Int

        /// By default a server without compression.
        public init(
            role: WebSocketRole = .server, inflates: Bool = false,
            maxMessageBytes: Int = WebSocketLimits.maxMessageBytes
        ) {
            self.role = role
            self.inflates = inflates
            self.maxMessageBytes = maxMessageBytes
        }
    }

    private let options: Options
    private var partialHeader: [UInt8] = []
    private var frame: PartialFrame?
    private var control: [UInt8] = []
    private var message: PartialMessage?

    /// A decoder at the start of a connection.
    public init(options: Options = Options()) { self.options = options }

    /// The bytes of heap that the decoder holds for what is incomplete.
    var heldBytes: Int { partialHeader.capacity + control.capacity + (message?.bytes.capacity ?? 0) }

    /// Reads on from `position` to the next event; nil when the input is used up.
    ///
    /// - Throws: what the peer did wrong; the connection is then to be closed with its code and reason.
    public mutating func next(
        in input: Span<UInt8>, from position: inout Int, scratch: WebSocketScratch
    ) throws(WebSocketFault) -> WebSocketEvent? {
        while true {
            if frame == nil {
                guard let header = try nextHeader(in: input, from: &position) else { return nil }
                try admit(header)
                let end = position + header.payloadCount
                if header.isFinal, header.opcode != .continuation, end <= input.count {
                    scratch.load(input.extracting(position..<end), mask: header.mask)
                    position = end
                    return try event(header.opcode, isCompressed: header.isCompressed, scratch: scratch)
                }
                begin(header)
            }
            guard let ended = try takePayload(from: input, at: &position) else { return nil }
            if let event = try finish(ended, scratch: scratch) {
                return event
            }
        }
    }

    private mutating func nextHeader(
        in input: Span<UInt8>, from position: inout Int
    ) throws(WebSocketFault) -> WebSocketFrameHeader? {
        if partialHeader.isEmpty {
            let rest = input.extracting(position..<input.count)
            if case .header(let header, let length) = try WebSocketFrameHeader.parse(rest, options: options) {
                position += length
                return header
            }
            partialHeader = [UInt8](copying: rest)
            position = input.count
            return nil
        }
        while position < input.count {
            partialHeader.append(input[position])
            position += 1
            if case .header(let header, _) = try WebSocketFrameHeader.parse(partialHeader.span, options: options) {
                partialHeader = []
                return header
            }
        }
        return nil
    }

    /// Checks the frame against the message that is open, and its announced size before any of it is kept.
    private func admit(_ header: WebSocketFrameHeader) throws(WebSocketFault) {
        guard !header.opcode.isControl else { return }
        if header.opcode == .continuation {
            guard message != nil else { throw .unexpectedContinuation }
        } else {
            guard message == nil else { throw .interruptedMessage }
        }
        let limit = options.maxMessageBytes
        let isCompressed = message?.isCompressed ?? header.isCompressed
        let allowed = isCompressed ? limit + WebSocketLimits.compressionSlackBytes(for: limit) : limit
        guard header.payloadCount <= allowed - (message?.bytes.count ?? 0) else { throw .messageTooBig(limit: limit) }
    }

    private mutating func begin(_ header: WebSocketFrameHeader) {
        frame = PartialFrame(header)
        if header.opcode == .text || header.opcode == .binary {
            message = PartialMessage(isText: header.opcode == .text, isCompressed: header.isCompressed)
        }
    }

    /// Takes what there is of the open frame's payload; gives the frame back when it is complete.
    private mutating func takePayload(
        from input: Span<UInt8>, at position: inout Int
    ) throws(WebSocketFault) -> PartialFrame? {
        guard var current = frame else { preconditionFailure("cannot take payload when no frame is open") }
        let count = min(current.remaining, input.count - position)
        let chunk = input.extracting(position..<(position + count))
        position += count
        current.remaining -= count
        if current.opcode.isControl {
            control.append(chunk, unmasking: &current.mask)
        } else {
            try message?.append(chunk, unmasking: &current.mask)
        }
        frame = current.remaining == 0 ? nil : current
        return current.remaining == 0 ? current : nil
    }

    private mutating func finish(
        _ ended: PartialFrame, scratch: WebSocketScratch
    ) throws(WebSocketFault) -> WebSocketEvent? {
        if ended.opcode.isControl {
            scratch.adopt(control)
            control = []
            return try event(ended.opcode, isCompressed: false, scratch: scratch)
        }
        guard ended.isFinal, let whole = message else { return nil }
        message = nil
        scratch.adopt(whole.bytes)
        if whole.isCompressed {
            return try event(whole.isText ? .text : .binary, isCompressed: true, scratch: scratch)
        }
        guard whole.validator.isComplete else { throw .invalidUTF8 }
        return whole.isText ? .text : .binary
    }

    /// The event for a whole payload that is in the scratch.
    private func event(
        _ opcode: WebSocketOpcode, isCompressed: Bool, scratch: WebSocketScratch
    ) throws(WebSocketFault) -> WebSocketEvent? {
        if isCompressed {
            try scratch.inflate(limit: options.maxMessageBytes)
        }
        switch opcode {
        case .text:
            guard scratch.withPayload({ UTF8Validator.isValid($0) }) else { throw .invalidUTF8 }
            return .text
        case .binary: return .binary
        case .ping: return .ping
        case .pong: return .pong
        case .close: return .close(try closeCode(scratch))
        case .continuation: preconditionFailure("cannot make an event of a continuation alone")
        }
    }

    /// Checks a Close's payload (RFC 6455 §5.5.1) and leaves its reason in the scratch.
    private func closeCode(_ scratch: WebSocketScratch) throws(WebSocketFault) -> WebSocketCloseCode? {
        let code = try scratch.withPayload { payload throws(WebSocketFault) -> WebSocketCloseCode? in
            guard payload.count > 0 else { return nil }
            guard payload.count >= 2 else { throw .truncatedCloseCode }
            let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
            guard code.mayBeSent else { throw .invalidCloseCode }
            guard UTF8Validator.isValid(payload.extracting(2..<payload.count)) else { throw .invalidUTF8 }
            return code
        }
        if code != nil {
            scratch.dropFirst(2)
        }
        return code
    }
}

/// A frame of which part of the payload is still to come.
private struct PartialFrame {
    let opcode: WebSocketOpcode
    let isFinal: Bool
    var mask: WebSocketMask
    var remaining: Int

    init(_ header: WebSocketFrameHeader) {
        opcode = header.opcode
        isFinal = header.isFinal
        mask = header.mask
        remaining = header.payloadCount
    }
}

/// A message of which part is still to come: unmasked, and still compressed where it is.
private struct PartialMessage {
    let isText: Bool
    let isCompressed: Bool
    var bytes: [UInt8] = []
    var validator = UTF8Validator()

    init(isText: Bool, isCompressed: Bool) {
        self.isText = isText
        self.isCompressed = isCompressed
    }

    /// Bad UTF-8 is told at the first bad byte, not when the message is complete (RFC 6455 §8.1).
    mutating func append(_ chunk: Span<UInt8>, unmasking mask: inout WebSocketMask) throws(WebSocketFault) {
        let start = bytes.count
        bytes.append(chunk, unmasking: &mask)
        guard isText, !isCompressed else { return }
        var validator = self.validator
        let isValid = validator.consume(bytes.span.extracting(start..<bytes.count))
        self.validator = validator
        guard isValid else { throw .invalidUTF8 }
    }
}
