import Bytes

extension STOMPSession {
    /// The client is who it says: CONNECTED. Call `receiveHeld` next.
    public mutating func authenticated(as identity: STOMPIdentity, now: UInt64) -> STOMPAction {
        guard phase == .authenticating else { return .none }
        phase = .connected
        lastHeard = now
        lastPing = now
        var writer = ByteWriter(capacity: 192)
        let offer = version == .v10 ? .off : limits.heartBeat
        encoder.appendConnected(identity: identity, heartBeat: offer, to: &writer)
        return .write(writer.bytes)
    }

    /// The client is not who it says, or may not come in: ERROR, then the close.
    ///
    /// - Parameters:
    ///   - message: the `message` header, without colon, backslash or line break.
    ///   - explanation: the body: what to do.
    ///   - close: 1008 where the credentials were refused, 1013 where they could not be checked.
    public mutating func authenticationFailed(
        message: String, explanation: String, close: STOMPClose
    ) -> STOMPAction {
        guard phase == .authenticating else { return .none }
        let bytes = errorFrame(message, explanation, receipt: nil)
        end()
        return .writeAndClose(bytes, close)
    }

    /// STOMP 1.2 §CONNECT: `host` is not asked for, since stock clients leave it out.
    mutating func connect(_ frame: STOMPFrame, now: UInt64) throws(STOMPError) -> STOMPAction {
        guard frame.command == .connect || frame.command == .stomp else {
            throw STOMPError(faultBeforeConnect(frame.command), receipt: frame.value(of: "receipt"))
        }
        let span = frame.bytes.span
        if let range = frame.range(of: "accept-version") {
            guard let highest = STOMPVersion.highest(in: span.extracting(range)) else {
                throw STOMPError(.unsupportedVersion)
            }
            version = highest
        }
        if version > .v10, let range = frame.range(of: "heart-beat") {
            guard let offer = STOMPHeartBeat(header: span.extracting(range)) else {
                throw STOMPError(.invalidHeader("heart-beat"))
            }
            heartBeat = limits.heartBeat.agreed(with: offer)
        }
        phase = .authenticating
        deadline = now + limits.stepMilliseconds
        return .authenticate(frame)
    }

    private func faultBeforeConnect(_ command: STOMPCommand) -> STOMPFault {
        if command == .unknown { return .unknownCommand }
        return command.isOfServer ? .serverCommand : .notConnected
    }

    /// Keeps a frame of a client that does not wait for CONNECTED, so that it costs no round trip.
    mutating func hold(_ frame: STOMPFrame) throws(STOMPError) -> STOMPAction {
        let bytes = heldFrames.reduce(frame.bytes.count) { $0 + $1.bytes.count }
        guard heldFrames.count < limits.maxHeldFrames, bytes <= limits.maxFrameBytes else {
            throw STOMPError(.tooManyHeldFrames(max: limits.maxHeldFrames), receipt: frame.value(of: "receipt"))
        }
        heldFrames.append(frame)
        return .none
    }
}
