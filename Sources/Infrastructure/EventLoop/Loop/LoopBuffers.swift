import CUV

/// Memory that all connections of a loop take turns to use: a loop does one thing at a time.
///
/// An idle connection then needs no buffer of its own.
final class LoopBuffers {
    /// Where libuv puts what it has read.
    let read: UnsafeMutableRawBufferPointer
    /// Where TLS puts what it has decrypted.
    let plaintext: UnsafeMutableRawBufferPointer
    /// The pieces of one gathered write.
    let pieces: UnsafeMutableBufferPointer<uv_buf_t>

    init() {
        read = .allocate(byteCount: LoopLimits.readBytes, alignment: 16)
        plaintext = .allocate(byteCount: LoopLimits.plaintextBytes, alignment: 16)
        pieces = .allocate(capacity: LoopLimits.piecesPerWrite)
        pieces.initialize(repeating: uv_buf_t())
    }

    deinit {
        read.deallocate()
        plaintext.deallocate()
        pieces.deallocate()
    }
}
