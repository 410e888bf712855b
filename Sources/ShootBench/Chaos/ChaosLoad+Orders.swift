/// What clients do besides sending at the plan's rate.
extension ChaosLoad {
    /// Messages of a burst that go out at once in a room: 1,000 a second.
    private static let burstAtOnce = 20

    func carryOut(_ order: ChaosControl.Order, _ now: UInt64) {
        orders += 1
        switch order {
        case .leave(let leaving):
            for client in leaving.map({ clients[$0] }) {
                client.isAway = true
                client.connectAt = 0
                lose(client, now)
            }
        case .comeBack(let returning):
            for client in returning.map({ clients[$0] }) where client.isAway {
                client.isAway = false
                client.gateway = (client.gateway + 1) % plan.gateways.count
                client.connectAt = now
            }
        case .burst(let room, let messages): bursts[room, default: 0] += messages
        case .poison(let senders):
            for client in senders.map({ clients[$0] }) {
                sendBesides(client, now, isPoison: true)
            }
        case .retry(let refused):
            for (client, number) in refused {
                clients[client].sends.retry(number, now: now)
            }
        }
    }

    /// Sends what is due of the bursts, each message from another client of the room.
    func sendBursts(_ now: UInt64) {
        for (room, left) in bursts.sorted(by: { $0.key < $1.key }) {
            let here = (0..<plan.perRoom).map { clients[plan.client(room: room, slot: $0)] }.filter(\.isHere)
            let count = here.isEmpty ? 0 : min(left, Self.burstAtOnce)
            for number in 0..<count {
                sendBesides(here[(left - number) % here.count], now)
            }
            bursts[room] = left > count ? left - count : nil
        }
    }

    private func sendBesides(_ client: ChaosClient, _ now: UInt64, isPoison: Bool = false) {
        let number = client.sends.add(due: now, isPoison: isPoison)
        besides += 1
        if client.isHere {
            send(number, of: client)
        }
    }
}
