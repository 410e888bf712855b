import Support

/// Changing messages over HTTP.
extension Cluster {
    /// PUT or DELETE of a message.
    func change(
        _ method: String, _ id: String, _ json: [String: Any]? = nil, as user: Account, gateway: Int = 0
    ) async throws -> HTTPAnswer {
        try await request(method, "/api/v1/messages/\(id)", as: user, json: json, gateway: gateway)
    }

    /// Adds a reaction.
    func react(
        _ id: String, _ sign: String, as user: Account, room: String? = nil, gateway: Int = 0
    ) async throws -> HTTPAnswer {
        var json = ["messageId": id, "reaction": sign]
        json["roomId"] = room
        return try await request("POST", "/api/v1/messages/reaction", as: user, json: json, gateway: gateway)
    }

    /// Takes a reaction back.
    func unreact(_ id: String, _ sign: String, as user: Account, gateway: Int = 0) async throws -> HTTPAnswer {
        let escaped = sign.utf8.map { "%" + String($0, radix: 16, uppercase: true) }.joined()
        let path = "/api/v1/messages/reaction?messageId=\(id)&reaction=\(escaped)"
        return try await request("DELETE", path, as: user, gateway: gateway)
    }
}

extension HTTPAnswer {
    /// Whether a change was taken: stored already, or after the second that the call waits for that.
    var isChanged: Bool { status == 200 || status == 202 }
}

extension JSONNode {
    /// The reactions of a message: each sign with its users in order.
    var reactions: [String: [Int]] {
        self["reactions"].keys.reduce(into: [:]) { all, sign in
            all[sign] = self["reactions"][sign].array.compactMap(\.int)
        }
    }
}

extension ChatClient {
    /// Subscribes to a room's messages from a place.
    func resume(_ room: String, _ header: String, _ value: String) async throws {
        try await blocking { [stomp] in
            try stomp.subscribe("/topic/messages/\(room)", id: "messages", headers: [(header, value)])
        }
    }

    /// The first `count` frames that the subscription to messages had, or as many more as came.
    func frames(_ count: Int) async throws -> [StompMessage] {
        try await blocking { [stomp] in try stomp.messages("messages", count: count, within: .seconds(60)) }
    }
}
