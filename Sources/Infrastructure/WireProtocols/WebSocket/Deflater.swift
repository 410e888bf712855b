import Bytes
import CZlib

/// Does permessage-deflate, one message at a time (RFC 7692 §7.2.1): nothing is remembered between messages, so the
/// same compressed frame suits every subscriber. The only owner of its zlib stream.
public final class Deflater {
    /// zlib's own default: most of the gain at a third of the time of level 9.
    private static let level: Int32 = 6
    private static let memoryLevel: Int32 = 8

    private let stream: UnsafeMutablePointer<z_stream>

    /// A deflater whose output needs a window of at most 2 to the power of `windowBits` (8…15) bytes to inflate.
    public init(windowBits: Int) {
        precondition((8...15).contains(windowBits), "cannot deflate when the window is not of 8 to 15 bits")
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib makes no raw stream with 8 bits. Without back-references any window is large enough.
        let strategy = windowBits == 8 ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY
        let status = deflateInit2_(
            stream, Self.level, Z_DEFLATED, -Int32(max(windowBits, 9)), Self.memoryLevel, strategy, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "cannot deflate when zlib gets no memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Appends `message` compressed, without the four bytes that the receiver adds again.
    public func deflate(_ message: Span<UInt8>, into output: inout [UInt8]) {
        deflateReset(stream)
        message.withUnsafeBufferPointer { buffer in
            // zlib does not write through next_in; its declaration merely lacks the const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: buffer.baseAddress)
            stream.pointee.avail_in = uInt(buffer.count)
            // The bound is for finishing; flushing adds an empty block. With it one step is enough.
            let room = Int(deflateBound(stream, uLong(buffer.count))) + 16
            repeat {
                step(room: room, into: &output)
            } while stream.pointee.avail_out == 0
        }
        stream.pointee.next_in = nil
        output.removeLast(4)
    }

    private func step(room: Int, into output: inout [UInt8]) {
        output.append(addingCapacity: room) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = uInt(room)
                _ = CZlib.deflate(stream, Z_SYNC_FLUSH)
                count = room - Int(stream.pointee.avail_out)
            }
        }
        stream.pointee.next_out = nil
    }
}
