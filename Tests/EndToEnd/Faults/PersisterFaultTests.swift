import Support
import Testing

/// A persister that is killed or stopped under load: its successor completes MongoDB.
extension LoadTests {
    /// Messages of one load, of which there are two times four: together below the backlog of a room (10,000), at which
    /// sends are refused while nobody stores them.
    private static let messagesPerLoad = 1_000

    @Test(.timeLimit(.minutes(4))) func killedPersisterLosesNothing() async throws {
        try await successorCompletesStore { cluster in try await cluster.persister.kill() }
    }

    @Test(.timeLimit(.minutes(4))) func stoppedPersisterExitsCleanlyAndLosesNothing() async throws {
        try await successorCompletesStore { cluster in
            let exitCode = try await cluster.persister.terminate()
            #expect(exitCode == 0, "\(cluster.persister.log)")
        }
    }

    private func successorCompletesStore(after end: (Cluster) async throws -> Void) async throws {
        // What the dead one holds is free after this long.
        let settings = [
            "SHOOT_PERSISTER_LEASE_MILLISECONDS": "1000", "SHOOT_PERSISTER_BATCH_MESSAGES": "50",
        ]
        try await Cluster.run(settings: settings) { cluster in
            let users = try await cluster.signUp(4)
            let room = try await cluster.makeRoom(users)
            let watcher = try await cluster.connect(users[0], gateway: 1)
            try await watcher.watchMessages(of: room)
            var senders: [ChatClient] = []
            for (index, user) in users.enumerated() {
                let sender = try await cluster.connect(user, gateway: index % 2)
                try await sender.watchStatus(of: room)
                senders.append(sender)
            }

            var loads = senders.map { Load($0, to: room, maxMessages: Self.messagesPerLoad) }
            _ = try await senders[0].frame("status") { frame in
                StatusStep(frame.json).map { $0.status == "SAVED" && ($0.seq ?? 0) >= 200 } ?? false
            }
            try await end(cluster)
            var sent = try await Self.stop(loads)
            // What is sent while no persister lives waits in the room log.
            for sender in senders {
                sent.insert(try await sender.send("nobody stores this now", to: room))
            }
            loads = senders.map { Load($0, to: room, maxMessages: Self.messagesPerLoad) }
            try await cluster.restartPersister()
            sent.formUnion(try await Self.stop(loads))

            let live = try await watcher.messages(sent.count)
            #expect(live.map(\.seq) == Array(1...sent.count))
            #expect(Set(live.compactMap(\.tempID)) == sent)
            try await cluster.awaitStored(upTo: sent.count, in: room, as: users[0])
            #expect(try await cluster.history(of: room, as: users[0]) == live)
            try await Self.checkSteps(of: senders, live)
        }
    }

    /// Ends the loads, each of whose messages has to be answered; gives what they sent.
    private static func stop(_ loads: [Load]) async throws -> Set<String> {
        var sent: Set<String> = []
        for load in loads {
            let outcome = await load.stop()
            #expect(outcome.failure == nil)
            #expect(outcome.answered.count == outcome.sent.count)
            sent.formUnion(outcome.sent)
        }
        return sent
    }

    /// Each message's steps came in order, each once, to SAVED.
    private static func checkSteps(of senders: [ChatClient], _ live: [ChatMessage]) async throws {
        for sender in senders {
            let own = live.filter { $0.senderID == sender.user.id }.compactMap(\.tempID)
            for tempID in own.suffix(1) {
                try await sender.awaitStatus("SAVED", of: tempID)
            }
            let steps = Dictionary(grouping: sender.steps(), by: \.tempID)
            #expect(Set(steps.keys) == Set(own))
            for (tempID, steps) in steps where steps.map(\.status) != StatusStep.life {
                Issue.record("\(tempID) went \(steps.map(\.status))")
            }
        }
    }
}
