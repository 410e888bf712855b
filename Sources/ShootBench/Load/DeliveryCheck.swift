/// Checks what each subscription gets: that nothing is missing, doubled or out of its publisher's order, and that all
/// subscriptions of a room see one order.
struct DeliveryCheck {
    private let plan: LoadPlan
    private let slots: Int
    /// For each subscription: how many came, and a hash over which and in what order.
    private var received: [UInt64]
    private var order: [UInt64]
    /// For each subscription and publisher of its room: the last number that came.
    private var last: [UInt64]
    /// For each room: how many were sent.
    private(set) var sent: [UInt64]
    private(set) var delivered: UInt64 = 0
    private(set) var expected: UInt64 = 0
    /// Deliveries whose number was not above the last one of their publisher.
    private(set) var outOfOrder: UInt64 = 0

    init(_ plan: LoadPlan) {
        self.plan = plan
        slots = max(plan.publishersPerRoom, 1)
        let subscriptions = plan.connections * plan.roomsPerConnection
        received = Array(repeating: 0, count: subscriptions)
        order = Array(repeating: 0xcbf2_9ce4_8422_2325, count: subscriptions)
        last = Array(repeating: 0, count: subscriptions * slots)
        sent = Array(repeating: 0, count: plan.rooms.count)
    }

    /// A message is sent to a room.
    mutating func send(to room: Int) {
        sent[room] += 1
        expected += UInt64(plan.subscribersPerRoom)
    }

    /// A message came on a connection; one of another run is not counted.
    mutating func deliver(connection: Int, room: Int, slot: Int, number: UInt64) {
        let rooms = plan.rooms(ofConnection: connection)
        guard rooms.contains(room), slot < slots else { return }
        let subscription = connection * plan.roomsPerConnection + room - rooms.lowerBound
        delivered += 1
        received[subscription] += 1
        order[subscription] = (order[subscription] ^ (number << 12 | UInt64(slot))) &* 0x100_0000_01b3
        let place = subscription * slots + slot
        if number <= last[place] {
            outOfOrder += 1
        } else {
            last[place] = number
        }
    }

    /// Deliveries that never came.
    var lost: UInt64 {
        total { sent, received in sent > received ? sent - received : 0 }
    }

    /// Deliveries that came more often than they were sent.
    var duplicates: UInt64 {
        total { sent, received in received > sent ? received - sent : 0 }
    }

    /// Rooms whose subscribers saw different orders.
    var disagreeingRooms: Int {
        sent.indices.count { room in
            var orders = Set<UInt64>()
            forEachSubscription(of: room) { orders.insert(order[$0]) }
            return orders.count > 1
        }
    }

    private func total(_ count: (UInt64, UInt64) -> UInt64) -> UInt64 {
        var sum: UInt64 = 0
        for room in sent.indices {
            forEachSubscription(of: room) { sum += count(sent[room], received[$0]) }
        }
        return sum
    }

    private func forEachSubscription(of room: Int, _ body: (Int) -> Void) {
        for slot in 0..<plan.subscribersPerRoom {
            let connection = plan.publisher(slot, of: room)
            body(connection * plan.roomsPerConnection + room % plan.roomsPerConnection)
        }
    }
}
