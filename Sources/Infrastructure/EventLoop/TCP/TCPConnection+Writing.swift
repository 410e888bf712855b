import CUV
import Glibc

/// How bytes go out.
extension TCPConnection {
    /// The end of a turn in which something was written, arrived over TLS, or was to be closed.
    func flush() {
        outbound.isScheduled = false
        guard phase != .closed else { return }
        if let tls {
            if tls.mayHoldInput {
                tls.mayHoldInput = false
                readDecrypted(tls)
            }
            seal(tls)
        }
        sendQueued()
        guard phase != .closed else { return }
        if outbound.inFlight > 0 || phase == .flushing {
            watch()
        }
        guard queuedBytes == 0 else { return }
        if phase == .flushing {
            endSending()
        } else if outbound.isUndrained {
            outbound.isUndrained = false
            delegate?.connectionDrained(self)
        }
    }

    /// Whether more may be queued. A socket that may just not have been asked to take what waits is asked now.
    func makeRoom() -> Bool {
        guard queuedBytes > outbound.limits.maxQueuedBytes else { return true }
        if let tls {
            seal(tls)
        }
        sendQueued()
        guard phase == .open else { return false }
        guard queuedBytes > outbound.limits.maxQueuedBytes else { return true }
        loop.counters.slowReaders += 1
        cutOff()
        return false
    }

    /// Refuses to go on with a peer that is too far behind.
    private func cutOff() {
        guard let farewell = outbound.limits.farewell else { return close(.slowReader(.tooMuchQueued)) }
        if let tls {
            tls.plaintext.append(farewell)
        } else {
            outbound.queue.append(farewell)
        }
        beginGracefulClose(.slowReader(.tooMuchQueued))
    }

    /// Whether the watch is to look again: something waits for the peer. Closes where it has waited too long.
    func isStillWaiting(now: UInt64) -> Bool {
        switch phase {
        case .flushing, .lingering:
            if now >= outbound.since + LoopLimits.gracefulCloseMilliseconds {
                close(.local)
            }
        case .open where outbound.inFlight > 0:
            let progress = acknowledgedBytes
            if progress != outbound.progress {
                outbound.progress = progress
                outbound.since = now
            } else if now >= outbound.since + outbound.limits.stallMilliseconds {
                loop.counters.slowReaders += 1
                close(.slowReader(.stalled))
            }
        case .open, .connecting, .closed:
            outbound.isWatched = false
            return false
        }
        return phase != .closed
    }

    private func watch() {
        guard !outbound.isWatched else { return }
        outbound.isWatched = true
        if phase == .open {
            outbound.since = loop.now
            outbound.progress = acknowledgedBytes
        }
        loop.watch.add(self)
    }

    /// Bytes that the peer's kernel has taken since the connection began.
    ///
    /// What our kernel takes is too coarse a sign of life: it asks for more only once a third of its own buffer, which
    /// grows to megabytes, is free again. The number is for comparing only, so it may wrap.
    private var acknowledgedBytes: UInt64 {
        let unsent = handle.withStream { uv_stream_get_write_queue_size($0) }
        var unacknowledged: Int32 = 0
        if let descriptor, ioctl(descriptor, UInt(TIOCOUTQ), &unacknowledged) != 0 {
            unacknowledged = 0
        }
        return outbound.sent + UInt64(outbound.inFlight - unsent) &- UInt64(unacknowledged)
    }

    private var descriptor: uv_os_fd_t? {
        handle.withHandle { handle in
            var descriptor: uv_os_fd_t = -1
            return uv_fileno(handle, &descriptor) == 0 ? descriptor : nil
        }
    }

    private func seal(_ tls: TLSSession) {
        if let error = tls.seal(into: &outbound.queue, scratch: loop.buffers.plaintext) {
            close(.error(error))
        }
    }

    /// Gives the kernel as much as it takes, and the rest to libuv, which sends it when the socket has room.
    private func sendQueued() {
        guard phase != .closed, outbound.inFlight == 0 else { return }
        let pieces = loop.buffers.pieces
        while true {
            let gathered = outbound.queue.gather(into: pieces)
            guard gathered.pieces > 0 else { return }
            let written = handle.withStream { uv_try_write($0, pieces.baseAddress, UInt32(gathered.pieces)) }
            if written > 0 {
                outbound.consume(Int(written))
                loop.counters.writes += 1
                loop.counters.bytesWritten += UInt64(written)
            } else if written != UV_EAGAIN.rawValue {
                return close(.error(EventLoopError(.io, status: written)))
            }
            if written < gathered.bytes {
                return sendWhenWritable()
            }
        }
    }

    private func sendWhenWritable() {
        let pieces = loop.buffers.pieces
        let gathered = outbound.queue.gather(into: pieces)
        let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
        let status = handle.withStream { stream in
            uv_write(request, stream, pieces.baseAddress, UInt32(gathered.pieces)) { request, status in
                let connection = handleOwner(request?.pointee.handle?.pointee.data, as: TCPConnection.self)
                request?.deallocate()
                connection?.sent(status)
            }
        }
        guard status == 0 else {
            request.deallocate()
            return close(.error(EventLoopError(.io, status: status)))
        }
        outbound.inFlight = gathered.bytes
        loop.counters.blockedWrites += 1
    }

    private func sent(_ status: Int32) {
        guard phase != .closed else { return }
        guard status == 0 else { return close(.error(EventLoopError(.io, status: status))) }
        loop.counters.bytesWritten += UInt64(outbound.inFlight)
        outbound.consume(outbound.inFlight)
        outbound.inFlight = 0
        scheduleFlush()
    }

    /// All is sent: says so to the peer, and waits for it to say the same.
    private func endSending() {
        if let tls, tls.isEstablished, !tls.hasSaidGoodbye {
            tls.sayGoodbye()
            return scheduleFlush()
        }
        guard !peerHasEnded else { return close(.local) }
        phase = .lingering
        if let descriptor {
            // The queue is empty, so this does by one call what uv_shutdown would do by a request.
            _ = shutdown(descriptor, Int32(SHUT_WR))
        }
        startReading()
    }
}
