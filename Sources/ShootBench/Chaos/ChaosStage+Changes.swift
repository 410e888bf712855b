import Domain

/// Changes of messages over REST, through any gateway. Each is noted, as the message has to be from then on.
extension ChaosStage {
    /// Has its sender edit a message.
    /// - Parameter isRefused: whether MongoDB refuses that: it is answered so, or not within its second, and not noted.
    func edit(_ message: StoredMessage, in room: Int, _ text: String, isRefused: Bool = false) {
        guard let id = message.id, let name = message.name else { return }
        var view = changes.views[id] ?? message.view
        let answer = call(
            "PUT", "/\(id.hex)", by: plan.client(room: room, slot: name.slot),
            #"{"text":"\#(text)","roomId":"\#(plan.rooms[room])"}"#)
        check(answer, isRefused ? [202, 422] : [200, 202], "an edit", message, room)
        view.text = isRefused ? view.text : text
        changes.note(id, view)
    }

    /// Has its sender delete a message, or the room's owner, who is the first of it.
    func delete(_ message: StoredMessage, in room: Int) {
        guard let id = message.id, let name = message.name else { return }
        let slot = choose(2) == 0 ? 0 : name.slot
        let answer = call(
            "DELETE", "/\(id.hex)?roomId=\(plan.rooms[room])", by: plan.client(room: room, slot: slot))
        check(answer, [200, 202], "a deletion", message, room)
        changes.note(id, .deleted)
    }

    /// Has somebody react to a message, or take that back where they have.
    func react(to message: StoredMessage, in room: Int, _ sign: String) {
        guard let id = message.id else { return }
        var view = changes.views[id] ?? message.view
        let actor = plan.client(room: room, slot: choose(plan.perRoom))
        let user = plan.clients[actor].user.rawValue
        let isThere = view.reactions[sign]?.contains(user) == true
        let answer: Int?
        if isThere {
            let escaped = sign.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let query = "messageId=\(id.hex)&reaction=\(escaped)&roomId=\(plan.rooms[room])"
            answer = call("DELETE", "/reaction?\(query)", by: actor)
        } else {
            answer = call(
                "POST", "/reaction", by: actor,
                #"{"messageId":"\#(id.hex)","reaction":"\#(sign)","roomId":"\#(plan.rooms[room])"}"#)
        }
        check(answer, [200, 202], "a reaction", message, room)
        view.react(user, sign, takesBack: isThere)
        changes.note(id, view)
    }

    private func call(_ method: String, _ path: String, by client: Int, _ json: String? = nil) -> Int? {
        let gateway = bench.gateways[choose(bench.gateways.count)]
        return HTTPCall.status(
            method, "/api/v1/messages\(path)", port: gateway.port, token: plan.clients[client].token, json: json)
    }

    private func check(
        _ answer: Int?, _ expected: Set<Int>, _ what: String, _ message: StoredMessage, _ room: Int
    ) {
        guard answer.map(expected.contains) != true else { return }
        complain("\(what) of number \(message.seq) of room \(room): \(answer.map { "\($0)" } ?? "no") answer")
    }
}
