import Foundation
import Glibc
import Launcher
import Support
import Testing

/// A room whose messages nobody stores: it refuses new ones before it grows without bound, and takes them again by itself.
@Suite(.timeLimit(.minutes(3))) struct BacklogTests {
    @Test func fullBacklogRefusesWhatIsNewUntilThePersisterCatchesUp() async throws {
        try await Cluster.run(gateways: 1, settings: ["SHOOT_ROOMS_BACKLOG_LIMIT": "100"]) { cluster in
            let users = try await cluster.signUp(1)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[0])
            try await sender.watchStatus(of: room)
            try await sender.watchErrors()
            cluster.persister.process.kill(SIGSTOP)
            var taken: [String] = []
            for number in 1...100 {
                taken.append(try await sender.send("message \(number)", to: room))
            }
            let tempID = ChatClient.newTempID()
            let body = String(decoding: try ChatClient.body("too many", to: room, tempID: tempID), as: UTF8.self)
            try await sender.sendRaw(body)
            let step = try await sender.frame("status") { StatusStep($0.json)?.status == "FAILED" }
            #expect(step.json["tempId"].string == tempID && step.json["errorCode"].string == "BUSY")
            let error = try await sender.frame("errors") { $0.json["tempId"].string == tempID }
            for frame in [step, error] {
                #expect((frame.json["retryAfterMs"].int ?? 0) > 0, "\(frame.text)")
            }
            // A repeat is answered, however full the room is.
            try await sender.send("message 1", to: room, tempID: taken[0])

            cluster.persister.process.kill(SIGCONT)
            _ = try await sender.awaitStatus("SAVED", of: taken[99])
            try await sender.send("too many", to: room, tempID: tempID)
            try await cluster.awaitStored(upTo: 101, in: room, as: users[0])
            let history = try await cluster.history(of: room, as: users[0])
            #expect(history.map(\.tempID) == taken + [tempID])
        }
    }
}
