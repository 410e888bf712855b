import Support
import Testing

/// Editing, deleting and reacting: live, stored, and for who comes back.
@Suite(.timeLimit(.minutes(3))) struct ChangeTests {
    @Test func everyChangeReachesEveryGatewayAndIsStored() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let watchers = [try await cluster.connect(users[0]), try await cluster.connect(users[1], gateway: 1)]
        for watcher in watchers {
            try await watcher.watchMessages(of: room)
        }
        try await watchers[0].send("first", to: room)
        try await watchers[0].send("second", to: room)
        let id = try #require(try await watchers[1].messages(2).first?.id)

        let edit = try await cluster.change("PUT", id, ["text": " first, edited "], as: users[0], gateway: 1)
        #expect(edit.isChanged, "\(edit.text)")
        let react = try await cluster.react(id, "👍", as: users[1])
        #expect(react.json["data"]["reactions"]["👍"].array.map(\.int) == [users[1].id])
        let unreact = try await cluster.unreact(id, "👍", as: users[1])
        #expect(unreact.json["data"]["reactions"].isMissing)
        let delete = try await cluster.change("DELETE", id, as: users[0])
        #expect(delete.isChanged, "\(delete.text)")

        for watcher in watchers {
            let frames = try await watcher.frames(6).dropFirst(2)
            #expect(
                frames.map { $0.header("event") } == [
                    "MESSAGE_UPDATED", "REACTION_CHANGED", "REACTION_CHANGED", "MESSAGE_DELETED",
                ])
            #expect(frames.map { $0.header("seq") } == ["1", "1", "1", "1"])
            #expect(frames.map { $0.header("position") } == ["2-1", "2-2", "2-3", "2-4"])
            #expect(frames.map { $0.json["id"].string } == [id, id, id, id])
            #expect(
                frames.map { $0.json["content"]["text"].string ?? "" } == [
                    "first, edited", "first, edited", "first, edited", "",
                ])
            #expect(frames.map { $0.json["isDeleted"].bool ?? false } == [false, false, false, true])
            #expect(frames.allSatisfy { $0.json["updatedAt"].string != nil && $0.json["editedAt"].string != nil })
        }
        let stored = try await cluster.request("GET", "/api/v1/messages/\(id)", as: users[1]).json["data"]
        #expect(stored["isDeleted"].bool == true)
        #expect(stored["content"]["text"].string?.isEmpty == true)
        #expect(stored["seq"].int == 1)
        #expect(try await cluster.history(of: room, as: users[1]).map(\.text) == ["", "second"])
    }

    @Test func theRoomListShowsTheLastMessageAsItIs() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        try await ana.watchMessages(of: room)
        try await ana.send("z: what was sent", to: room)
        let id = try #require(try await ana.messages(1).first?.id)
        _ = try await cluster.change("PUT", id, ["text": "a: what was meant"], as: users[0])
        func lastText() async throws -> String? {
            try await cluster.request("GET", "/api/v1/chatrooms/\(room)", as: users[1])
                .json["data"]["lastMessage"]["text"].string
        }
        #expect(try await lastText() == "a: what was meant")
        _ = try await cluster.change("DELETE", id, as: users[0])
        #expect(try await lastText()?.isEmpty == true)
    }

    @Test func whoMayNotIsToldWhy() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(Array(users.prefix(2)))
        let ben = try await cluster.connect(users[1])
        try await ben.watchMessages(of: room)
        try await ben.send("of ben", to: room)
        let id = try #require(try await ben.messages(1).first?.id)
        try await cluster.awaitStored(upTo: 1, in: room, as: users[0])

        func code(_ answer: HTTPAnswer) -> String? { answer.json["error"]["code"].string }
        let edit = try await cluster.change("PUT", id, ["text": "not mine"], as: users[0])
        #expect(edit.status == 403 && code(edit) == "FORBIDDEN")
        for answer in [
            try await cluster.change("PUT", id, ["text": "x"], as: users[2]),
            try await cluster.react(id, "👍", as: users[2]),
            try await cluster.request("GET", "/api/v1/messages/\(id)", as: users[2]),
            try await cluster.change("DELETE", "5f0000000000000000000000", as: users[0]),
            try await cluster.change("DELETE", "no-id", as: users[0]),
        ] {
            #expect(answer.status == 404 && code(answer) == "MESSAGE_NOT_FOUND", "\(answer.text)")
        }
        for (answer, field) in [
            (try await cluster.change("PUT", id, ["text": "  "], as: users[1]), "text"),
            (try await cluster.change("PUT", id, [:], as: users[1]), "text"),
            (try await cluster.change("PUT", id, ["text": String(repeating: "👨‍👩‍👧‍👦", count: 9000)], as: users[1]), "text"),
            (try await cluster.change("PUT", id, ["text": "x", "requestId": "7"], as: users[1]), "requestId"),
            (try await cluster.react(id, "a b", as: users[1]), "reaction"),
            (try await cluster.react(id, String(repeating: "👍", count: 17), as: users[1]), "reaction"),
            (try await cluster.request("DELETE", "/api/v1/messages/\(id)?scope=me", as: users[1]), "scope"),
        ] {
            #expect(answer.status == 400, "\(field): \(answer.text)")
            #expect(answer.json["error"]["fields"][0]["field"].string == field)
        }
        // The owner of the room deletes what a member said; then nothing more can be done to it.
        #expect(try await cluster.change("DELETE", id, as: users[0]).isChanged)
        #expect(try await cluster.change("DELETE", id, as: users[1]).isChanged)
        let late = try await cluster.change("PUT", id, ["text": "too late"], as: users[1])
        #expect(late.status == 409 && code(late) == "MESSAGE_DELETED")
        // What a room says itself is nobody's.
        _ = try await cluster.request(
            "POST", "/api/v1/chatrooms/\(room)/participants", as: users[0], json: ["userIds": [users[2].id]])
        let said = try await ben.frame("messages") { $0.json["content"]["type"].string == "SYSTEM" }
        let system = try await cluster.change("DELETE", try #require(said.json["id"].string), as: users[0])
        #expect(system.status == 403, "\(system.text)")
    }

    @Test func concurrentReactionsFromTwoGatewaysEndEqualEverywhere() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(8)
        let room = try await cluster.makeRoom(users)
        let watchers = [try await cluster.connect(users[0]), try await cluster.connect(users[1], gateway: 1)]
        for watcher in watchers {
            try await watcher.watchMessages(of: room)
        }
        try await watchers[0].send("vote", to: room)
        let id = try #require(try await watchers[1].messages(1).first?.id)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, user) in users.enumerated() {
                for sign in ["👍", "🎉"] {
                    group.addTask { try await cluster.react(id, sign, as: user, gateway: index % 2).isChanged }
                }
            }
            for try await isChanged in group {
                #expect(isChanged)
            }
        }
        var ends: [[String: [Int]]] = []
        for watcher in watchers {
            ends.append(try await watcher.frames(1 + 16)[16].json.reactions)
        }
        #expect(Set(ends[0]["👍"] ?? []) == Set(users.map(\.id)))
        #expect(Set(ends[0]["🎉"] ?? []) == Set(users.map(\.id)))
        #expect(ends[0] == ends[1])
        try await eventually("MongoDB has the same") {
            let stored = try await cluster.request("GET", "/api/v1/messages/\(id)", as: users[0]).json["data"].reactions
            return stored == ends[0] ? () : nil
        }
    }

    @Test func aChangeAskedTwiceWithOneRequestIDIsMadeOnce() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        try await ana.watchMessages(of: room)
        try await ana.send("one", to: room)
        let id = try #require(try await ana.messages(1).first?.id)
        let body: [String: Any] = ["text": "two", "requestId": ChatClient.newTempID()]
        #expect(try await cluster.change("PUT", id, body, as: users[0]).isChanged)
        _ = try await cluster.change("PUT", id, ["text": "three"], as: users[0])
        let again = try await cluster.change("PUT", id, body, as: users[0], gateway: 1)
        #expect(again.json["data"]["content"]["text"].string == "three")
        try await ana.send("end", to: room)
        #expect(try await ana.frames(4).map { $0.json["content"]["text"].string } == ["one", "two", "three", "end"])
    }

    @Test func whoComesBackIsToldOutOfTheLog() async throws {
        let (cluster, users, room) = try await roomOfTwo()
        let ana = try await cluster.connect(users[0])
        try await ana.watchMessages(of: room)
        for number in 1...3 {
            try await ana.send("message \(number)", to: room)
        }
        let ids = try await ana.messages(3).map(\.id)
        _ = try await cluster.change("PUT", ids[0], ["text": "edited"], as: users[0])
        _ = try await cluster.change("DELETE", ids[1], as: users[0])
        let ben = try await cluster.connect(users[1], gateway: 1)
        try await ben.resume(room, "last-seq", "3")
        try await ana.send("message 4", to: room)
        let frames = try await ben.frames(4).dropFirst()
        #expect(frames.map { $0.header("event") } == ["MESSAGE_UPDATED", "MESSAGE_DELETED", "MESSAGE_CREATED"])
        #expect(frames.map { $0.header("position") } == ["3-1", "3-2", "4-0"])
        let exact = try await cluster.connect(users[1])
        try await exact.resume(room, "position", "3-1")
        #expect(try await exact.frames(3).dropFirst().map { $0.header("position") } == ["3-2", "4-0"])
    }

    @Test func aNewcomerLearnsNothingOfWhatWasSaidBefore() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(3)
        let room = try await cluster.makeRoom(Array(users.prefix(2)))
        let ana = try await cluster.connect(users[0])
        try await ana.watchMessages(of: room)
        try await ana.send("secret", to: room)
        let secret = try #require(try await ana.messages(1).first?.id)
        _ = try await cluster.request(
            "POST", "/api/v1/chatrooms/\(room)/participants", as: users[0], json: ["userIds": [users[2].id]])
        let live = try await cluster.connect(users[2], gateway: 1)
        try await live.watchMessages(of: room)
        #expect(try await cluster.change("PUT", secret, ["text": "secret still"], as: users[0]).isChanged)
        #expect(try await cluster.react(secret, "👀", as: users[2]).status == 404)
        let late = try await cluster.connect(users[2])
        try await late.resume(room, "last-seq", "2")
        try await ana.send("open", to: room)
        #expect(try await live.frames(1).map { $0.json["content"]["text"].string } == ["open"])
        #expect(try await late.frames(2).dropFirst().map { $0.json["content"]["text"].string } == ["open"])
    }

    private func roomOfTwo() async throws -> (Cluster, [Account], String) {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        return (cluster, users, try await cluster.makeRoom(users))
    }
}

extension LoadTests {
    @Test(.timeLimit(.minutes(5))) func whatChangedIsToldOutOfTheStore() async throws {
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(3)
            let room = try await cluster.makeRoom(users)
            let ana = try await cluster.connect(users[0])
            try await ana.watchMessages(of: room)
            for number in 1...300 {
                try await ana.send("message \(number)", to: room)
            }
            let ids = try await ana.messages(300).map(\.id)
            // More than a page of them, of which the reader knows most.
            for index in 0..<150 {
                let answer = try await cluster.react(ids[index], "👍", as: users[1], gateway: index % 2)
                #expect(answer.status < 300)
            }
            _ = try await cluster.change("PUT", ids[0], ["text": "edited"], as: users[0])
            _ = try await cluster.change("DELETE", ids[1], as: users[0])
            _ = try await cluster.change("PUT", ids[299], ["text": "the last, edited"], as: users[0])
            let end = try await ana.frames(300 + 153)[452].header("position")
            try await cluster.forgetInRedis()

            let reader = try await cluster.connect(users[2], gateway: 1)
            try await reader.resume(room, "last-seq", "120")
            let frames = try await reader.frames(1 + 120 + 180)
            #expect(frames[0].json["recovered"].string == "store")
            let older = frames[1...120]
            #expect(Set(older.compactMap { $0.header("seq").flatMap { Int($0) } }) == Set(1...120))
            #expect(older.allSatisfy { $0.header("position") == "120-0" })
            #expect(older.first { $0.header("seq") == "1" }?.header("changed") == "300-151")
            #expect(frames.last?.header("position") == "300-0" && frames.last?.header("changed") == "300-153")
            #expect(frames.filter { $0.header("seq") == "299" }.map { $0.header("changed") } == [nil])
            #expect(Set(older.compactMap { $0.header("message-id") }).count == 120)
            let edited = older.first { $0.header("seq") == "1" }
            #expect(edited?.header("event") == "MESSAGE_UPDATED")
            #expect(edited?.json["content"]["text"].string == "edited")
            #expect(older.first { $0.header("seq") == "2" }?.header("event") == "MESSAGE_DELETED")
            #expect(frames[121...].compactMap { $0.header("seq").flatMap { Int($0) } } == Array(121...300))
            #expect(frames.last?.json["content"]["text"].string == "the last, edited")

            // Exactly there: only the last three changes are missing, and then what is new.
            let exact = try await cluster.connect(users[2])
            try await exact.resume(room, "position", "300-150")
            #expect(try await exact.frames(4).dropFirst().map { $0.header("seq") } == ["1", "2", "300"])
            try await cluster.connect(users[0]).send("new", to: room)
            #expect(try await exact.frames(5)[4].header("seq") == "301")
            #expect(try await reader.frames(302)[301].header("seq") == "301")
            #expect(end == "300-153")
        }
    }

    @Test(.timeLimit(.minutes(4))) func whatIsNotStoredYetCanBeChanged() async throws {
        try await Cluster.run(settings: ["SHOOT_PERSISTER_LEASE_MILLISECONDS": "1000"]) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            let ana = try await cluster.connect(users[0])
            let ben = try await cluster.connect(users[1], gateway: 1)
            try await ben.watchMessages(of: room)
            try await cluster.persister.kill()
            try await ana.send("typo", to: room)
            try await ana.send("gone", to: room)
            let ids = try await ben.messages(2).map(\.id)
            let edit = try await cluster.change("PUT", ids[0], ["text": "mended", "roomId": room], as: users[0])
            #expect(edit.status == 202, "\(edit.text)")
            let path = "/api/v1/messages/\(ids[1])?roomId=\(room)"
            #expect(try await cluster.request("DELETE", path, as: users[0], gateway: 1).status == 202)
            _ = try await cluster.react(ids[0], "👍", as: users[1], room: room)
            _ = try await cluster.react(ids[0], "👍", as: users[0], room: room, gateway: 1)
            let live = try await ben.frames(6)
            #expect(live[2].json["content"]["text"].string == "mended")
            #expect(live[5].json.reactions == ["👍": [users[1].id, users[0].id]])

            try await cluster.restartPersister()
            try await cluster.awaitStored(upTo: 2, in: room, as: users[0])
            let history = try await cluster.request(
                "GET", "/api/v1/chatrooms/\(room)/messages?after=0", as: users[1]
            ).json["data"]["items"].array
            #expect(history.map { $0["content"]["text"].string } == ["mended", ""])
            #expect(history[0].reactions == ["👍": [users[1].id, users[0].id]])
            #expect(history[1]["isDeleted"].bool == true)
        }
    }

    @Test(.timeLimit(.minutes(5))) func changesSurviveThePersistersDeath() async throws {
        let settings = ["SHOOT_PERSISTER_LEASE_MILLISECONDS": "1000", "SHOOT_PERSISTER_BATCH_MESSAGES": "20"]
        try await Cluster.run(settings: settings) { cluster in
            let users = try await cluster.signUp(4)
            let room = try await cluster.makeRoom(users)
            let ana = try await cluster.connect(users[0])
            try await ana.watchMessages(of: room)
            for number in 1...20 {
                try await ana.send("message \(number)", to: room)
            }
            let ids = try await ana.messages(20).map(\.id)
            try await cluster.awaitStored(upTo: 20, in: room, as: users[0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, user) in users.enumerated() {
                    group.addTask {
                        for id in ids {
                            _ = try await cluster.react(id, "👍", as: user, gateway: index % 2)
                        }
                    }
                }
                group.addTask {
                    _ = try await ana.frames(20 + 15)
                    try await cluster.persister.kill()
                    try await cluster.restartPersister()
                }
                try await group.waitForAll()
            }
            for id in ids {
                try await eventually("MongoDB has all reactions of \(id)") {
                    let stored = try await cluster.request("GET", "/api/v1/messages/\(id)", as: users[0]).json["data"]
                    return Set(stored.reactions["👍"] ?? []) == Set(users.map(\.id)) ? () : nil
                }
            }
        }
    }
}
