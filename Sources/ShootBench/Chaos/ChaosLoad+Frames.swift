extension ChaosLoad {
    /// Codes with which a room is closed to a user.
    private static let final: Set<String> = ["NOT_PARTICIPANT", "ROOM_NOT_FOUND", "FORBIDDEN"]

    /// Takes a frame of a gateway.
    func take(_ frame: ReceivedFrame, _ client: ChaosClient, _ now: UInt64) {
        guard let connection = client.connection, connection.phase != .closed else { return }
        if frame.isCommand("MESSAGE") {
            if frame.header("\ndestination:")?.hasPrefix("/topic/message/status/") == true {
                takeStatus(frame, client, now)
            } else {
                takeMessage(frame, client, now)
            }
        } else if frame.isCommand("RECEIPT") {
            let receipt = frame.header("\nreceipt-id:") ?? ""
            if receipt == ChaosFrames.ready {
                arrive(client, now)
            } else if let number = Int(receipt) {
                answer(number, client, now) { $0.accepted(number, now: now) }
            }
        } else if frame.isCommand("CONNECTED") {
            connection.phase = .subscribing
            let exactly = plan.resumesExactly(client.index)
            client.beginResume(exactly: exactly)
            connection.send(
                ChaosFrames.subscribe(plan.rooms[client.room], after: client.place, exactly: exactly), poller)
        } else if frame.isCommand("ERROR") {
            let code = frame.header("\nmessage:") ?? ""
            if Self.final.contains(code) {
                leave(client, code)
            }
            lose(client, now)
        }
    }

    /// The client may send again: what has no answer goes first.
    private func arrive(_ client: ChaosClient, _ now: UInt64) {
        client.connection?.phase = .ready
        client.isHere = true
        here += 1
        client.failures = 0
        client.refusals = 0
        if client.moves > 0 {
            lastReturn = now
        }
        for number in client.sends.beginConnection(now: now) {
            send(number, of: client)
        }
    }

    private func takeStatus(_ frame: ReceivedFrame, _ client: ChaosClient, _ now: UInt64) {
        guard let name = frame.member("\"tempId\":\"").flatMap(MessageName.init),
            let status = frame.member("\"status\":\"")
        else { return client.complain("a status is without a tempId of ours") }
        guard name.run == run, name.room == client.room, name.slot == client.slot else {
            return client.complain("a status of somebody else's message came: \(name.text)")
        }
        let number = Int(name.number)
        let code = frame.member("\"errorCode\":\"")
        answer(number, client, now) {
            $0.told(
                status, code: code, about: number, repeatsFailures: plan.repeatsFailures(client.index), now: now)
        }
    }

    /// Enters an answer, and how late it is.
    private func answer(
        _ number: Int, _ client: ChaosClient, _ now: UInt64, _ enter: (inout SendLedger) -> Void
    ) {
        guard client.sends.sends.indices.contains(number - 1) else {
            return client.complain("an answer to message \(number) came, which was not sent")
        }
        let before = client.sends[number]
        enter(&client.sends)
        let after = client.sends[number]
        if before.acceptedAt == 0, after.acceptedAt > 0 {
            late.answered(due: after.due, now: now)
        }
        if !before.isSaved, after.isSaved {
            late.saved(due: after.due, now: now)
        }
    }

    private func takeMessage(_ frame: ReceivedFrame, _ client: ChaosClient, _ now: UInt64) {
        switch frame.header("\nevent:") {
        case "RESUMED": client.takeResumed(frame)
        case "SUBSCRIPTION_ENDED": leave(client, "SUBSCRIPTION_ENDED")
        case let event? where ToldMessage.events.contains(event):
            guard let told = ToldMessage(frame, event) else {
                return client.complain("a message came without a number, a place or an id")
            }
            guard client.take(told) else { return }
            let (seq, name) = (told.seq, told.name)
            roomEnd[client.room] = max(roomEnd[client.room], seq)
            delivered += 1
            if let name, name.run == run, name.room == client.room, name.slot < plan.perRoom {
                let sender = clients[plan.client(room: name.room, slot: name.slot)]
                if sender.sends.sends.indices.contains(Int(name.number) - 1) {
                    late.delivered(due: sender.sends[Int(name.number)].due, now: now)
                }
            }
        case let event: client.complain("an event came that does not exist: \(event ?? "none")")
        }
    }

    /// The room is closed to the client.
    private func leave(_ client: ChaosClient, _ reason: String) {
        guard !client.isOut else { return }
        client.isOut = true
        if client.isHere {
            client.isHere = false
            here -= 1
        }
        if !control.kicked.contains(client.index) {
            client.complain("put out of its room: \(reason)")
        }
    }
}
