import Domain
import Testing

@testable import ShootBench

/// What a client of a chaos run finds wrong with what it is told.
@Suite struct ChaosClientTests {
    /// - Parameter mark: its id; the place unless it comes out of the store.
    private func told(
        _ event: String, _ seq: UInt64, at place: String, mark: String? = nil, _ body: String = ""
    ) throws -> ToldMessage {
        let frame =
            "MESSAGE\nevent:\(event)\nmessage-id:\(mark ?? place)\nseq:\(seq)\nposition:\(place)\n\n"
            + #"{"id":"00000000000000000000000\#(seq)","content":{"text":"one","type":"TEXT"}\#(body)}"#
        return try Array(frame.utf8).withUnsafeBytes { bytes in
            try #require(ReceivedFrame(bytes).flatMap { ToldMessage($0, event) })
        }
    }

    private func client() throws -> ChaosClient {
        ChaosClient(
            index: 0,
            plan: ChaosPlan(
                gateways: [try Endpoint("ws://127.0.0.1:1/")], rooms: ["room"],
                clients: [.init(user: UserID(rawValue: 1), token: "")],
                perRoom: 1,
                rate: 1, heartBeat: 1, seed: 1))
    }

    @Test func viewsAreReadWithTheirReactions() throws {
        let body = #","isDeleted":true,"reactions":{"heart":[7,9],"👍":[8]}"#
        let view = try told("REACTION_CHANGED", 1, at: "1-1", body).view
        #expect(view == MessageView(text: "one", isDeleted: true, reactions: ["heart": [7, 9], "👍": [8]]))
    }

    @Test func changesComeInTheirPlaces() throws {
        let client = try client()
        #expect(client.take(try told("MESSAGE_CREATED", 1, at: "1-0")))
        #expect(!client.take(try told("MESSAGE_UPDATED", 1, at: "1-1")))
        #expect(client.complaints == [])
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-1", mark: "9-1"))
        #expect(client.complaints == [], "out of the store, it is told at the place from which was resumed")
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-1", mark: "9-2"))
        #expect(client.complaints.count == 1, "but once")
        _ = client.take(try told("REACTION_CHANGED", 1, at: "1-0"))
        #expect(client.complaints.count == 2, "and nothing comes from before")
    }

    @Test func whatCameOnceDoesNotComeAgain() throws {
        let client = try client()
        _ = client.take(try told("MESSAGE_CREATED", 1, at: "1-0"))
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-1"))
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-1"))
        #expect(client.complaints.count == 1)
    }

    @Test func whatWentBackIsNoticed() throws {
        let client = try client()
        _ = client.take(try told("MESSAGE_CREATED", 1, at: "1-0"))
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-1", #","updatedAt":"2026-01-31T10:00:00.002Z""#))
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-2", #","updatedAt":"2026-01-31T10:00:00.001Z""#))
        #expect(client.complaints.count == 1 && client.complaints[0].contains("went back"))
        client.beginResume(exactly: false)
        #expect(client.place == Position(seq: 1))
        _ = client.take(try told("MESSAGE_UPDATED", 1, at: "1-1", #","updatedAt":"2026-01-31T10:00:00.000Z""#))
        #expect(client.complaints.count == 1, "by the number, changes come once more")
    }

    @Test func placeholdersAreMessagesWithNothingToShow() throws {
        let client = try client()
        #expect(client.take(try told("MESSAGE_DELETED", 1, at: "1-0")))
        #expect((client.journal.placeholders, client.journal.deliveries.count) == (1, 1))
        _ = client.take(try told("MESSAGE_UPDATED", 2, at: "2-0"))
        #expect(client.complaints.count == 1, "a change of what did not come")
    }
}
