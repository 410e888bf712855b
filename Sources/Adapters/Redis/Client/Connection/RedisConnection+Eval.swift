import EventLoop
import WireProtocols

/// How scripts are called.
extension RedisConnection {
    /// Runs a script by its digest, and where the server does not know it (`NOSCRIPT`: a restart, a fail-over, `SCRIPT
    /// FLUSH`) by its source, which makes it known. Loop-only.
    ///
    /// The second call goes out after whatever was sent meanwhile: who needs two calls in order waits for the first.
    ///
    /// - Parameters:
    ///   - keys: how many keys `encode` writes, then
    ///   - arguments: how many arguments.
    ///   - encode: writes the keys and the arguments; called again for the second call, and must write the same.
    ///   - completion: called exactly once.
    public func eval(
        _ script: RedisScript, keys: Int, arguments: Int, whenDown: WhenDown = .fail,
        timeoutMilliseconds: UInt64? = nil, _ encode: @escaping (inout RESPWriter) -> Void,
        completion: @escaping RedisCompletion
    ) {
        let start = loop.now
        send(whenDown: whenDown, timeoutMilliseconds: timeoutMilliseconds) { writer in
            writer.command(3 + keys + arguments)
            writer.bulk("EVALSHA")
            writer.bulk(script.digest)
            writer.bulk(decimal: UInt64(keys))
            encode(&writer)
        } completion: { [self] result in
            guard case .failure(let error) = result, error.isServer("NOSCRIPT") else { return completion(result) }
            let spent = loop.now - start
            let rest = timeoutMilliseconds.map { max($0, spent + 1) - spent }
            send(whenDown: whenDown, timeoutMilliseconds: rest) { writer in
                writer.command(3 + keys + arguments)
                writer.bulk("EVAL")
                writer.bulk(script.source)
                writer.bulk(decimal: UInt64(keys))
                encode(&writer)
            } completion: {
                completion($0)
            }
        }
    }
}
