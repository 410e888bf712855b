import Bytes

/// What a decoder finds in the bytes of a connection.
public enum STOMPInput: Sendable, Equatable {
    /// One or more line ends between frames (STOMP 1.2 §Heart-beating).
    case heartBeat
    /// A whole frame.
    case frame(STOMPFrame)
}

/// Cuts bytes into frames (STOMP 1.2 §STOMP Frames), however they were cut into WebSocket messages.
///
///     var offset = 0
///     while let input = try decoder.next(in: bytes, at: &offset) { … }
///
/// A frame that lies whole in the bytes is copied once, into its own buffer. The rest of one that does not is kept.
public struct STOMPDecoder: Sendable {
    private let limits: STOMPLimits
    private var held: [UInt8] = []
    private var scan = STOMPFrameScan()

    /// The version whose header escapes are undone: 1.0 (none) until the session has agreed on another.
    public var version = STOMPVersion.v10

    /// A decoder that refuses frames beyond `limits`.
    public init(limits: STOMPLimits) { self.limits = limits }

    /// Whether a frame has begun and not ended.
    public var isWithinFrame: Bool { !held.isEmpty }

    /// The next frame or heart-beat at or after `offset`, which moves behind what was used; nil when more bytes are
    /// needed. After an error the connection is to be closed: the decoder is of no more use.
    public mutating func next(in input: Span<UInt8>, at offset: inout Int) throws(STOMPError) -> STOMPInput? {
        if isWithinFrame {
            return try goOn(in: input, at: &offset)
        }
        if skipLineEnds(in: input, at: &offset) {
            return .heartBeat
        }
        guard offset < input.count else { return nil }
        let rest = input.extracting(offset..<input.count)
        var scan = STOMPFrameScan()
        guard try scan.advance(in: rest, limits: limits) else {
            held = Array(copying: rest)
            self.scan = scan
            offset = input.count
            return nil
        }
        offset += scan.end + 1
        let bytes = Array(copying: rest.extracting(0..<scan.end))
        return .frame(try scan.frame(of: bytes, version: version))
    }

    /// Skips what may stand between frames; true where a line end was among it. NULs are skipped as well: some clients
    /// end a frame with two.
    private func skipLineEnds(in input: Span<UInt8>, at offset: inout Int) -> Bool {
        var found = false
        while offset < input.count {
            switch input[offset] {
            case ASCII.lineFeed: found = true
            case ASCII.carriageReturn, ASCII.nul: break
            default: return found
            }
            offset += 1
        }
        return found
    }

    private mutating func goOn(in input: Span<UInt8>, at offset: inout Int) throws(STOMPError) -> STOMPInput? {
        // Both are taken out for the time being: they are changed in place only while nothing else holds them.
        var bytes: [UInt8] = []
        var scan = STOMPFrameScan()
        swap(&bytes, &held)
        swap(&scan, &self.scan)
        while offset < input.count {
            let wanted = scan.bytesWanted(of: input, at: offset, held: bytes.count)
            input.extracting(offset..<(offset + wanted)).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
            offset += wanted
            if try scan.advance(in: bytes.span, limits: limits) {
                bytes.removeLast()
                return .frame(try scan.frame(of: bytes, version: version))
            }
        }
        swap(&bytes, &held)
        swap(&scan, &self.scan)
        return nil
    }
}
