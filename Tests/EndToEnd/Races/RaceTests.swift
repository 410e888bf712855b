import Foundation
import Support
import Testing

/// Races that are made to happen: one after the other, since each stops the traffic of a gateway at the point it names.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RaceTests {}

/// A room on the cluster whose gateway 0 can be held up, and what a test needs to do so.
struct RaceScene: Sendable {
    let cluster: Cluster
    let redis: RedisConsole
    /// The first is the room's owner.
    let users: [Account]
    let room: String
    private let proxies: StoreProxies

    /// A new room, which no gateway has opened and Redis does not know yet.
    init(users count: Int = 2, on cluster: Cluster? = nil) async throws {
        if let cluster {
            self.cluster = cluster
        } else {
            self.cluster = try await Cluster.proxied
        }
        proxies = try #require(self.cluster.proxies)
        redis = try await self.cluster.redis()
        users = try await self.cluster.signUp(count)
        room = try await self.cluster.makeRoom(users)
    }

    /// Holds the first call of a script that names `text`, or its answer.
    func trap(_ point: TCPProxy.Point, script: String, naming text: String) throws -> Trap {
        proxies.redis.trap(point, containing: [try redis.digest(ofScript: script), text])
    }

    /// Holds the first that contains `texts` on the way to or from Redis.
    func trap(_ point: TCPProxy.Point, containing texts: String...) -> Trap {
        proxies.redis.trap(point, containing: texts)
    }

    /// Holds the first request to MongoDB that contains `text`.
    func trapMongo(containing text: String) -> Trap { proxies.mongo.trap(.request, containing: [text]) }

    /// Puts a user out of the room, or out of it oneself; gives the answer's status.
    func remove(_ user: Account, by actor: Account, gateway: Int = 1) async throws -> HTTPAnswer {
        try await cluster.request(
            "DELETE", "/api/v1/chatrooms/\(room)/participants/\(user.id)", as: actor, gateway: gateway)
    }

    /// The consumer groups of gateways on the room's log.
    func gatewayGroups() throws -> [String] { try redis.gatewayGroups(of: room) }
}

extension ChatClient {
    /// Asks for a room's messages and does not wait to be answered.
    func beginWatching(_ room: String, headers: [(String, String)] = []) throws {
        try stomp.write(
            "SUBSCRIBE",
            headers: [("id", "messages"), ("destination", "/topic/messages/\(room)"), ("receipt", "watching")] + headers
        )
    }

    /// Waits for the answer to that.
    func awaitWatching() async throws {
        try await blocking { [stomp] in try stomp.awaitReceipt("watching") }
    }

    /// Sends a text with its tempId as receipt, which it does not wait for.
    func beginSending(_ text: String, to room: String, tempID: String, headers: [(String, String)] = []) throws {
        try stomp.send(
            "/app/chat", body: Self.body(text, to: room, tempID: tempID), receipt: tempID, headers: headers)
    }

    /// Waits for the receipts of these.
    func awaitSent(_ tempIDs: [String]) async throws {
        try await blocking { [stomp] in
            for tempID in tempIDs { try stomp.awaitReceipt(tempID) }
        }
    }

    /// The numbers of the messages that it had so far, as they came.
    func numbers(id: String = "messages") -> [Int] {
        stomp.received(id).compactMap { $0.header("seq").flatMap { Int($0) } }
    }
}
