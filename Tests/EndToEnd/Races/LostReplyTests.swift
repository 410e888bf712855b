import Foundation
import Support
import Testing

/// The script has run, and its answer is cut off: what was done counts once, and is answered truthfully.
extension RaceTests {
    @Test func aSendWhoseAnswerIsLostCountsOnce() async throws {
        let scene = try await RaceScene()
        let tempID = ChatClient.newTempID()
        try await countsOnce([tempID], receipts: [tempID], cuttingOff: tempID, in: scene) { sender in
            try sender.beginSending("message", to: scene.room, tempID: tempID)
        }
    }

    /// Sends that wait for the one before go out in one call.
    @Test func aBatchWhoseAnswerIsLostCountsOnce() async throws {
        let scene = try await RaceScene()
        let tempIDs = (0..<6).map { _ in ChatClient.newTempID() }
        let first = try scene.trap(.request, script: "publish", naming: tempIDs[0])
        try await countsOnce(tempIDs, receipts: tempIDs, cuttingOff: tempIDs[1], in: scene) { sender in
            try sender.beginSending("message", to: scene.room, tempID: tempIDs[0])
            await first.sprung()
            for tempID in tempIDs.dropFirst() {
                try sender.beginSending("message", to: scene.room, tempID: tempID)
            }
            // Statuses are told in order: when it has the last of them, the gateway has them all.
            try await sender.awaitStatus("SENDING", of: tempIDs[5])
            first.release()
        }
    }

    @Test func aTransactionWhoseAnswerIsLostCountsOnce() async throws {
        let scene = try await RaceScene()
        let tempIDs = (0..<3).map { _ in ChatClient.newTempID() }
        try await countsOnce(tempIDs, receipts: ["committed"], cuttingOff: tempIDs[0], in: scene) { sender in
            try sender.stomp.write("BEGIN", headers: [("transaction", "t")])
            for tempID in tempIDs {
                try sender.stomp.send(
                    "/app/chat", body: ChatClient.body("message", to: scene.room, tempID: tempID),
                    headers: [("transaction", "t")])
            }
            try sender.stomp.write("COMMIT", headers: [("transaction", "t"), ("receipt", "committed")])
        }
    }

    /// Sends by `send`, of whose calls the one with `tempID` loses its answer; looks at everybody's view of it then.
    private func countsOnce(
        _ tempIDs: [String], receipts: [String], cuttingOff tempID: String, in scene: RaceScene,
        _ send: (ChatClient) async throws -> Void
    ) async throws {
        let (cluster, room) = (scene.cluster, scene.room)
        let sender = try await cluster.connect(scene.users[0], gateway: 0)
        try await sender.watchMessages(of: room)
        try await sender.watchStatus(of: room)
        let watcher = try await cluster.connect(scene.users[1], gateway: 1)
        try await watcher.watchMessages(of: room)
        let answer = try scene.trap(.reply, script: "publish", naming: tempID)
        try await send(sender)
        await answer.sprung()
        answer.cut()
        try await sender.awaitSent(receipts)

        let all = tempIDs + [try await sender.send("after", to: room)]
        for client in [sender, watcher] {
            let live = try await client.messages(all.count)
            #expect(live.compactMap(\.tempID) == all)
            #expect(live.map(\.seq) == Array(1...all.count))
        }
        for tempID in all {
            try await sender.awaitStatus("SAVED", of: tempID)
            #expect(sender.steps(of: tempID).map(\.status) == StatusStep.life)
        }
        #expect(try await cluster.history(of: room, as: scene.users[0]).compactMap(\.tempID) == all)
    }

    /// What a REST call on the participants does, and how often the log must say so.
    enum Change: String, CaseIterable { case invite, kick, leave }

    @Test(arguments: Change.allCases)
    func aChangeOfMembershipWhoseAnswerIsLostIsAnsweredTruthfully(_ change: Change) async throws {
        let scene = try await RaceScene(users: 3)
        let (cluster, room, users) = (scene.cluster, scene.room, scene.users)
        let watcher = try await cluster.connect(users[0], gateway: 1)
        try await watcher.watchMessages(of: room)
        let newcomer = try await cluster.signUp(1)[0]
        let answer = try scene.trap(.reply, script: "membership", naming: room)
        async let answered = perform(change, of: newcomer, in: scene)
        await answer.sprung()
        answer.cut()
        let status = try await answered
        #expect(status.status == 200, "it is done: \(status.text)")

        try await watcher.send("after", to: room)
        #expect(try await watcher.messages(2).map(\.type) == ["SYSTEM", "TEXT"])
        let expected = change == .invite ? users + [newcomer] : Array(users.prefix(2))
        try await cluster.awaitStored(upTo: 2, in: room, as: users[0])
        for user in users + [newcomer] {
            let isIn = try await cluster.request("GET", "/api/v1/chatrooms/\(room)", as: user).status == 200
            #expect(isIn == expected.contains { $0.id == user.id })
        }
    }

    private func perform(_ change: Change, of newcomer: Account, in scene: RaceScene) async throws -> HTTPAnswer {
        switch change {
        case .invite:
            try await scene.cluster.request(
                "POST", "/api/v1/chatrooms/\(scene.room)/participants", as: scene.users[0],
                json: ["userIds": [newcomer.id]])
        case .kick: try await scene.remove(scene.users[2], by: scene.users[0], gateway: 0)
        case .leave: try await scene.remove(scene.users[2], by: scene.users[2], gateway: 0)
        }
    }
}
