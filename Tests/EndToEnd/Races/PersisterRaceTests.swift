import Support
import Testing

/// A persister that is stopped past its lease, exactly there, and goes on when another has done its work.
@Suite(.timeLimit(.minutes(3))) struct PersisterRaceTests {
    /// Where it is stopped.
    enum Place: String, CaseIterable {
        /// It has taken the entries, and what it writes has not reached MongoDB.
        case beforeWriting
        /// MongoDB has them, and the log does not know it.
        case beforeFinishing
    }

    @Test(arguments: Place.allCases) func aLatePersisterChangesNothing(_ place: Place) async throws {
        let settings = ["SHOOT_PERSISTER_LEASE_MILLISECONDS": "1000"]
        try await Cluster.run(gateways: 1, settings: settings, proxied: [.persister]) { cluster in
            let scene = try await RaceScene(on: cluster)
            let sender = try await cluster.connect(scene.users[0])
            try await sender.watchStatus(of: scene.room)
            try await sender.watchMessages(of: scene.room)
            try await sender.awaitStatus("SAVED", of: sender.send("before", to: scene.room))

            let late = cluster.persister
            // It is there, and does nothing until its turn comes.
            let other = try await cluster.addPersister()
            other.pause()
            let trap = try hold(place, in: scene)
            let held = (0..<5).map { _ in ChatClient.newTempID() }
            for tempID in held {
                try sender.beginSending("held", to: scene.room, tempID: tempID)
            }
            await trap.sprung()
            let unfinished = try await unfinishedRounds(of: late)
            late.pause()
            other.resume()
            try await sender.awaitStatus("SAVED", of: sender.send("by the other", to: scene.room))
            // What it wrote arrives now, and so does the answer.
            trap.release()
            late.resume()
            try await eventually("the late persister finds that it has lost its claim") {
                try await unfinishedRounds(of: late) > unfinished ? () : nil
            }
            try await sender.awaitStatus("SAVED", of: sender.send("after", to: scene.room))
            try await check(sender, scene, count: 8)
        }
    }

    private func hold(_ place: Place, in scene: RaceScene) throws -> Trap {
        switch place {
        case .beforeWriting: scene.trapMongo(containing: "held")
        case .beforeFinishing: try scene.trap(.request, script: "finish", naming: scene.room)
        }
    }

    /// How many claims a persister has lost, or has not been answered about: on a slow machine it is stopped for longer than
    /// Redis is waited for.
    private func unfinishedRounds(of persister: ShootProcess) async throws -> Int {
        let client = HTTPClient(port: persister.httpPort, timeout: .seconds(30))
        let metrics = try await blocking { try client.request("GET", "/metrics").text }
        return metrics.split(separator: "\n").reduce(0) { sum, line in
            let words = line.split(separator: " ")
            let counts = ["shoot_persist_claims_lost_total", "shoot_persist_rounds_failed_total"]
            return words.count == 2 && counts.contains(String(words[0])) ? sum + (Int(words[1]) ?? 0) : sum
        }
    }

    /// Everything is stored once and in order, was told once, and nothing is left to do.
    private func check(_ sender: ChatClient, _ scene: RaceScene, count: Int) async throws {
        let live = try await sender.messages(count)
        #expect(live.map(\.seq) == Array(1...count))
        #expect(try await scene.cluster.history(of: scene.room, as: scene.users[0]) == live)
        for tempID in live.compactMap(\.tempID) {
            #expect(sender.steps(of: tempID).map(\.status) == StatusStep.life)
        }
        let state = try scene.redis.key("room:", of: scene.room)
        #expect(try scene.redis.call("HGET", state, "saved").string == "\(count)-0")
        #expect(try scene.redis.call("HGET", state, "savedSeq").string == "\(count)")
        let log = try scene.redis.key("stream:chat:room:", of: scene.room)
        #expect(try scene.redis.call("XPENDING", log, "persister").array.first?.int == 0)
    }
}
