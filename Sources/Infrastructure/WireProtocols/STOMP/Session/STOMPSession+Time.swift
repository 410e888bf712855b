extension STOMPSession {
    /// Silences of this many heart-beats are borne: browsers slow the timers of hidden tabs down.
    static let toleratedBeats: UInt64 = 3

    /// Looks at the time. Call it about once a second.
    ///
    /// - Parameter lastSent: when bytes of STOMP, heart-beats included, were last written to the peer. It is the
    ///   connection's to know: what is fanned out does not come by here.
    public mutating func tick(now: UInt64, lastSent: UInt64) -> STOMPTick {
        switch phase {
        case .awaitingConnect where now >= deadline: return timedOut(.connectTimeout)
        case .authenticating where now >= deadline: return timedOut(.authenticationTimeout)
        case .disconnecting where now >= deadline:
            // Nothing says that the work before it is done, so the receipt is not given.
            end()
            return .writeAndClose(
                [], STOMPClose(code: .tryAgainLater, reason: "busy, the last sends may not have been stored"))
        case .connected, .disconnecting: return beat(now: now, lastSent: lastSent)
        case .awaitingConnect, .authenticating, .closed: return .keepAlive(heartBeat: false, ping: false)
        }
    }

    private mutating func beat(now: UInt64, lastSent: UInt64) -> STOMPTick {
        let expected = UInt64(heartBeat.receiveMilliseconds)
        let silence = now.elapsed(since: lastHeard)
        if expected > 0, silence > expected * Self.toleratedBeats {
            return timedOut(.heartBeatMissed)
        }
        let ping = expected > 0 && silence >= expected && now.elapsed(since: lastPing) >= expected
        if ping {
            lastPing = now
        }
        // A quarter early: the next look may be late, and the line feed has a way to go.
        let promised = UInt64(heartBeat.sendMilliseconds)
        let heartBeat = promised > 0 && now.elapsed(since: lastSent) >= promised - promised / 4
        return .keepAlive(heartBeat: heartBeat, ping: ping)
    }

    private mutating func timedOut(_ fault: STOMPFault) -> STOMPTick {
        let bytes = errorFrame(fault.message, fault.explanation, receipt: nil)
        end()
        return .writeAndClose(bytes, fault.close)
    }
}

extension UInt64 {
    /// The milliseconds from `earlier` to this moment; 0 where it is the later one.
    fileprivate func elapsed(since earlier: UInt64) -> UInt64 { self > earlier ? self - earlier : 0 }
}
