import CUV

/// How bytes come in.
extension TCPConnection {
    func readEvent(_ count: Int) {
        if count > 0 {
            received(UnsafeRawBufferPointer(rebasing: loop.buffers.read[..<count]))
        } else if count == Int(UV_EOF.rawValue) {
            peerEnded()
        } else if count < 0 {
            close(.error(EventLoopError(.io, status: Int32(truncatingIfNeeded: count))))
        }
    }

    /// Takes decrypted bytes out of TLS until there are none, or the delegate wants no more.
    func readDecrypted(_ tls: TLSSession) {
        guard continueHandshake(tls) else { return }
        while phase == .open, !isReadingPaused {
            switch tls.decrypt(into: loop.buffers.plaintext) {
            case .bytes(let count):
                deliver(UnsafeRawBufferPointer(rebasing: loop.buffers.plaintext[..<count]))
            case .needsMore:
                return
            case .ended:
                return peerEnded()
            case .failed(let error):
                return beginGracefulClose(.error(error))
            }
        }
    }

    /// Whether the handshake is over. Goes on with it if not; what it has to say is sent by the next flush.
    func continueHandshake(_ tls: TLSSession) -> Bool {
        guard !tls.isEstablished else { return true }
        scheduleFlush()
        switch tls.continueHandshake() {
        case .needsMore:
            return false
        case .failed(let error):
            // The flush that was scheduled sends the alert that tells the peer why, where the connection allows it.
            if phase == .connecting {
                close(.error(error))
            } else {
                beginGracefulClose(.error(error))
            }
            return false
        case .done:
            if phase == .connecting {
                established()
            }
            return phase == .open
        }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        loop.counters.bytesRead += UInt64(bytes.count)
        guard let tls else { return deliver(bytes) }
        // What was written before a graceful close can only be sent after the handshake, so that still goes on.
        guard phase == .open || !tls.isEstablished else { return }
        if let error = tls.receive(bytes) {
            return close(.error(error))
        }
        readDecrypted(tls)
        // TLS may have something to say itself: a key update, an alert.
        scheduleFlush()
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        delegate?.connection(self, received: bytes.bindMemory(to: UInt8.self).span)
    }

    private func peerEnded() {
        peerHasEnded = true
        stopReading()
        switch phase {
        case .open: beginGracefulClose(.peerClosed)
        case .flushing: scheduleFlush()
        case .connecting, .lingering: close(.peerClosed)
        case .closed: break
        }
    }
}
