import Bytes
import WireProtocols

/// Which channels a subscription connection is to hear, and what of that the server has confirmed; without I/O.
///
/// The server confirms each command in order, and now and then ends a subscription by itself (a slot that moves). An
/// operation carries a token of the wish that it stands for, so that a late confirmation of an earlier wish for the same
/// channel is not taken for that of the present one.
struct RedisSubscriptions {
    /// What an answer of the server means.
    enum Event: Equatable {
        case nothing
        /// The channel is heard from now on.
        case subscribed(RedisChannel)
        /// The server had ended the subscription by itself; it is heard again from now on.
        case restored(RedisChannel)
        /// The server does not let the channel be heard; it is no longer wanted.
        case refused(RedisChannel)
        /// Nothing was asked that this could be an answer to.
        case unexpected
    }

    private enum Verb { case subscribe, unsubscribe }

    private struct Operation {
        let verb: Verb
        let channel: RedisChannel
        let token: UInt64
    }

    private struct Wish {
        var token: UInt64
        var isConfirmed = false
        var wasEndedByServer = false
    }

    private var wishes: [RedisChannel: Wish] = [:]
    private var queued = FIFO<Operation>()
    private var sent = FIFO<Operation>()
    private var lastToken: UInt64 = 0
    private var isConnected = false
    /// Operations up to this token restore what was wanted when the connection became ready.
    private var restorationEnd: UInt64?

    /// Whether there are operations to send and the server has confirmed enough of those before.
    var hasSendable: Bool { !queued.isEmpty && sent.count < RedisLimits.subscriptionsInFlight }

    /// Whether the server owes an answer.
    var isAwaitingAnswer: Bool { !sent.isEmpty }

    /// Whether `channel` is wanted and confirmed.
    func isConfirmed(_ channel: RedisChannel) -> Bool { wishes[channel]?.isConfirmed ?? false }

    /// Wants `channel` to be heard.
    mutating func add(_ channel: RedisChannel) {
        guard wishes[channel] == nil else { return }
        ask(channel, Wish(token: nextToken()))
    }

    /// Wants `channel` to be heard no more.
    mutating func remove(_ channel: RedisChannel) {
        guard let wish = wishes.removeValue(forKey: channel), isConnected else { return }
        queued.append(Operation(verb: .unsubscribe, channel: channel, token: wish.token))
    }

    /// A new connection knows of nothing: all is asked for again.
    mutating func connected() {
        isConnected = true
        for channel in Array(wishes.keys) {
            ask(channel, Wish(token: nextToken()))
        }
        restorationEnd = lastToken
    }

    /// The connection is lost, and with it all that was asked and confirmed.
    mutating func lost() {
        isConnected = false
        queued = FIFO()
        sent = FIFO()
        restorationEnd = nil
        for channel in Array(wishes.keys) {
            wishes[channel]?.isConfirmed = false
        }
    }

    /// Whether all that was wanted when the connection became ready has been answered; true once for each connection.
    mutating func takeRestored() -> Bool {
        guard let end = restorationEnd, (sent.first ?? queued.first).map({ $0.token > end }) ?? true else {
            return false
        }
        restorationEnd = nil
        return true
    }

    /// Encodes the operations that may be sent now.
    mutating func encode(into writer: inout RESPWriter) {
        while hasSendable, let operation = queued.popFirst() {
            writer.command(2)
            switch (operation.verb, operation.channel.kind) {
            case (.subscribe, .plain): writer.bulk("SUBSCRIBE")
            case (.subscribe, .sharded): writer.bulk("SSUBSCRIBE")
            case (.unsubscribe, .plain): writer.bulk("UNSUBSCRIBE")
            case (.unsubscribe, .sharded): writer.bulk("SUNSUBSCRIBE")
            }
            writer.bulk(operation.channel.name)
            sent.append(operation)
        }
    }

    /// The server said `subscribe` or `ssubscribe`.
    mutating func confirmedSubscribe(_ channel: RedisChannel) -> Event {
        guard let operation = sent.popFirst(), operation.verb == .subscribe, operation.channel == channel else {
            return .unexpected
        }
        guard var wish = wishes[channel], wish.token == operation.token else { return .nothing }
        let wasEndedByServer = wish.wasEndedByServer
        wish.isConfirmed = true
        wish.wasEndedByServer = false
        wishes[channel] = wish
        return wasEndedByServer ? .restored(channel) : .subscribed(channel)
    }

    /// The server said `unsubscribe` or `sunsubscribe`, asked or unasked.
    mutating func confirmedUnsubscribe(_ channel: RedisChannel) -> Event {
        if let first = sent.first, first.verb == .unsubscribe, first.channel == channel {
            _ = sent.popFirst()
            return .nothing
        }
        if wishes[channel]?.isConfirmed == true {
            ask(channel, Wish(token: nextToken(), wasEndedByServer: true))
        }
        return .nothing
    }

    /// The server answered with an error.
    mutating func refused() -> Event {
        guard let operation = sent.popFirst() else { return .unexpected }
        guard operation.verb == .subscribe, wishes[operation.channel]?.token == operation.token else { return .nothing }
        wishes[operation.channel] = nil
        return .refused(operation.channel)
    }

    private mutating func ask(_ channel: RedisChannel, _ wish: Wish) {
        wishes[channel] = wish
        if isConnected {
            queued.append(Operation(verb: .subscribe, channel: channel, token: wish.token))
        }
    }

    private mutating func nextToken() -> UInt64 {
        lastToken += 1
        return lastToken
    }
}
