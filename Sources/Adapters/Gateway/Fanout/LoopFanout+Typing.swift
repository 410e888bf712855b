import Bytes
import Domain
import EventLoop
import Telemetry

/// Bringing what may be lost to the sockets of one loop.
extension LoopFanout {
    /// Tells everyone who listens, except the typist, that somebody types. A client that lags behind is not told.
    func tellTyping(_ event: EncodedEvent, of typist: UserID, to typing: GroupedSubscribers) {
        var dropped: UInt64 = 0
        for group in typing.groups {
            var bytes: SharedBytes?
            for member in group.members where member.user != typist {
                guard !member.session.isBehind else {
                    dropped += 1
                    continue
                }
                let frames =
                    bytes
                    ?? frames.encode([event], subscriptionID: group.subscriptionID, isCompressed: group.isCompressed)
                bytes = frames
                member.session.deliver(frames)
            }
        }
        for member in typing.acknowledging where member.user != typist {
            dropped += member.session.deliverNowOrNever(event, to: member) ? 0 : 1
        }
        metrics.ephemeralDropped.add(dropped)
    }
}
