import Bytes
import CUV

/// Bytes that wait to be sent, in order, as references to buffers that other queues may hold too.
///
/// The first buffer is held inline, so that the usual single frame per turn allocates nothing.
struct OutboundQueue {
    private var first: SharedBytes?
    /// What follows the first; those before `next` have moved on and are nil.
    private var rest: [SharedBytes?] = []
    private var next = 0
    /// How much of the first has been consumed.
    private var offset = 0
    /// The number of bytes that wait.
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    /// Adds a buffer that is not empty.
    mutating func append(_ bytes: SharedBytes) {
        byteCount += bytes.count
        if first == nil {
            first = bytes
        } else {
            rest.append(bytes)
        }
    }

    /// Points `pieces` at the first buffers, as many as fit; returns how many, and how many bytes they are.
    ///
    /// The pointers are valid while the queue holds the buffers, that is until they are consumed.
    func gather(into pieces: UnsafeMutableBufferPointer<uv_buf_t>) -> (pieces: Int, bytes: Int) {
        guard let first else { return (0, 0) }
        var bytes = Self.point(&pieces[0], at: first, from: offset)
        var count = 1
        var index = next
        while count < pieces.count, index < rest.count {
            if let buffer = rest[index] {
                bytes += Self.point(&pieces[count], at: buffer, from: 0)
                count += 1
            }
            index += 1
        }
        return (count, bytes)
    }

    /// Lets go of the first `count` bytes.
    mutating func consume(_ count: Int) {
        byteCount -= count
        var left = count
        while let buffer = first, left >= buffer.count - offset {
            left -= buffer.count - offset
            offset = 0
            first = nil
            guard next < rest.count else { break }
            first = rest[next].take()
            next += 1
        }
        offset += left
        if next == rest.count {
            rest.removeAll(keepingCapacity: rest.capacity <= LoopLimits.keptQueuePlaces)
            next = 0
        } else if next > LoopLimits.piecesPerWrite {
            rest.removeFirst(next)
            next = 0
        }
    }

    /// Moves bytes into `target`, as many as fit, and returns their number.
    mutating func move(into target: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < target.count, let buffer = first {
            let count = min(buffer.count - offset, target.count - filled)
            buffer.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
            }
            filled += count
            consume(count)
        }
        return filled
    }

    private static func point(_ piece: inout uv_buf_t, at buffer: SharedBytes, from offset: Int) -> Int {
        buffer.withUnsafeBytes { bytes in
            piece.base = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + offset) }?
                .assumingMemoryBound(to: CChar.self)
            piece.len = bytes.count - offset
            return bytes.count - offset
        }
    }
}
