import Bytes
import CHiredis

/// Takes the bytes that a Redis server sends, in pieces of any size, and gives its replies (RESP2) one by one.
///
/// Owns hiredis' `redisReader`. It is a class whose one stored pointer never changes, so that what is done with a reply
/// may close the connection, and with it drop this reader, without an exclusive access being open.
public final class RESPReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let maxReplyBytes: Int

    /// Bytes taken since the last whole reply.
    private var unfinishedBytes = 0

    /// A reader that refuses replies of more than `maxReplyBytes` bytes on the wire.
    public init(maxReplyBytes: Int = RESPLimits.maxReplyBytes) {
        guard let reader = redisReaderCreate() else {
            preconditionFailure("cannot create a Redis reader when memory is exhausted")
        }
        self.reader = reader
        self.maxReplyBytes = maxReplyBytes
    }

    deinit { redisReaderFree(reader) }

    /// Takes bytes off the wire. They are copied.
    public func feed(_ bytes: Span<UInt8>) throws(RESPError) {
        guard bytes.count > 0 else { return }
        let status = bytes.withUnsafeBytes { buffer in
            redisReaderFeed(reader, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard status == REDIS_OK else { throw failure }
        unfinishedBytes += bytes.count
    }

    /// Calls `body` with the next whole reply, which is freed when `body` returns.
    ///
    /// - Returns: what `body` returned, or nil where more bytes are needed for a whole reply.
    /// - Throws: `RESPError` where the bytes are no reply; every later call throws as well.
    public func next<Result>(_ body: (RESPReply) -> Result) throws(RESPError) -> Result? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard let object else {
            guard unfinishedBytes <= maxReplyBytes else { throw .tooLarge(limit: maxReplyBytes) }
            return nil
        }
        unfinishedBytes = reader.pointee.len - reader.pointee.pos
        defer { freeReplyObject(object) }
        return body(RESPReply(object.assumingMemoryBound(to: redisReply.self)))
    }

    private var failure: RESPError {
        if reader.pointee.err == REDIS_ERR_OOM {
            return .outOfMemory
        }
        return .malformed(
            withUnsafeBytes(of: &reader.pointee.errstr) { text in
                String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
            })
    }
}
