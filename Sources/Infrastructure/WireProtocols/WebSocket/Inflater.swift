import Bytes
import CZlib

/// Undoes permessage-deflate, one message at a time (RFC 7692 §7.2.2): nothing is remembered between messages, so one
/// inflater serves all connections of a loop. The only owner of its zlib stream.
public final class Inflater {
    /// Why a message was refused.
    public enum Failure: Error, Equatable {
        /// It inflates to more than the limit.
        case tooBig
        /// It is not deflate data, or ends inside a block.
        case damaged
    }

    /// What a sender cuts off each message (RFC 7692 §7.2.1).
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    /// Bytes inflated at a step: a chat message fits, and a bomb is found out after little work.
    private static let stepBytes = 16_384

    private let stream: UnsafeMutablePointer<z_stream>

    /// An inflater with the largest window, which reads what was made with any smaller one.
    public init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "cannot inflate when zlib gets no memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Appends what `message` inflates to.
    ///
    /// - Throws: `Failure` where that is damaged or would make `output` longer than `limit` bytes.
    public func inflate(_ message: Span<UInt8>, limit: Int, into output: inout [UInt8]) throws(Failure) {
        inflateReset(stream)
        try feed(message, limit: limit, into: &output)
        try feed(Self.tail.span, limit: limit, into: &output)
        // Bit 7 says that zlib stands between two blocks; a message cut short leaves it inside one.
        guard stream.pointee.data_type & 128 != 0 else { throw .damaged }
    }

    private func feed(_ input: Span<UInt8>, limit: Int, into output: inout [UInt8]) throws(Failure) {
        let verdict = input.withUnsafeBufferPointer { buffer -> Failure? in
            // zlib does not write through next_in; its declaration merely lacks the const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: buffer.baseAddress)
            stream.pointee.avail_in = uInt(buffer.count)
            while true {
                let status = step(into: &output)
                if output.count > limit { return .tooBig }
                switch status {
                case Z_OK where stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0: return nil
                case Z_OK: continue
                case Z_BUF_ERROR: return nil
                case Z_STREAM_END:
                    // A final block may be followed by more blocks (RFC 7692 §7.2.3.4), which see the same window.
                    inflateResetKeep(stream)
                    if stream.pointee.avail_in == 0 { return nil }
                default: return .damaged
                }
            }
        }
        stream.pointee.next_in = nil
        if let verdict { throw verdict }
    }

    private func step(into output: inout [UInt8]) -> Int32 {
        var status = Z_OK
        output.append(addingCapacity: Self.stepBytes) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = uInt(Self.stepBytes)
                status = CZlib.inflate(stream, Z_SYNC_FLUSH)
                count = Self.stepBytes - Int(stream.pointee.avail_out)
            }
        }
        stream.pointee.next_out = nil
        return status
    }
}
