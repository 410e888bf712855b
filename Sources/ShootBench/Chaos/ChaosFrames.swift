import Domain

/// What a client of a chaos run sends.
enum ChaosFrames {
    /// The receipt of the first subscription, behind which sends may go out.
    static let ready = "ready"

    static func connect(_ endpoint: Endpoint, token: String, heartBeatMilliseconds: UInt64) -> [UInt8] {
        ClientFrames.message(
            """
            CONNECT
            accept-version:1.2
            host:\(endpoint.host)
            heart-beat:0,\(heartBeatMilliseconds)
            Authorization:Bearer \(token)

            \0
            """)
    }

    /// First the status, so that no answer is missed, then the messages behind where the client stands.
    static func subscribe(_ room: String, after place: Position, exactly: Bool) -> [UInt8] {
        let start = exactly ? "position:\(place)" : "last-seq:\(place.seq)"
        return ClientFrames.message(
            "SUBSCRIBE\nid:status\ndestination:/topic/message/status/\(room)\nreceipt:\(ready)\n\n\0")
            + ClientFrames.message(
                "SUBSCRIBE\nid:messages\ndestination:/topic/messages/\(room)\n\(start)\n\n\0")
    }

    /// What a message says that the store is to refuse.
    static let poison = "poison"

    static func text(_ name: MessageName, isPoison: Bool) -> String {
        "\(isPoison ? poison : "message") \(name.number) of client \(name.slot)"
    }

    static func send(_ name: MessageName, to room: String, isPoison: Bool) -> [UInt8] {
        let body =
            #"{"roomId":"\#(room)","tempId":"\#(name.text)","#
            + #""content":{"text":"\#(text(name, isPoison: isPoison))","type":"TEXT"}}"#
        return ClientFrames.message(
            "SEND\ndestination:/app/chat\ncontent-type:application/json\nreceipt:\(name.number)\n\n\(body)\0")
    }
}
