/// Who is told what a subscriber hears; called on its loop.
public protocol RedisSubscriberDelegate: AnyObject {
    /// A message came. Both spans are valid during the call only.
    func subscriber(_ subscriber: RedisSubscriber, received payload: Span<UInt8>, on channel: Span<UInt8>)

    /// All channels are confirmed. `again`: after a loss, so that messages may have been missed on each of them.
    func subscriberIsUp(_ subscriber: RedisSubscriber, again: Bool)

    /// The connection is lost; it and all subscriptions are being restored.
    func subscriberIsDown(_ subscriber: RedisSubscriber)

    /// The server had ended this subscription by itself, and has confirmed it again: messages may have been missed on it.
    func subscriber(_ subscriber: RedisSubscriber, restored channel: RedisChannel)

    /// The server refuses a subscription that it had granted before: nothing more will come on the channel, which counts
    /// as unsubscribed.
    func subscriber(_ subscriber: RedisSubscriber, lost channel: RedisChannel, error: RedisError)

    /// The last probe did not come back in time: messages may have been missed on every channel.
    func subscriberMissedProbe(_ subscriber: RedisSubscriber)
}
