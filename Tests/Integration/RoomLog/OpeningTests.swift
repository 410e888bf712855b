import Application
import Domain
import EventLoop
import Redis
import Support
import Testing

@Suite(.timeLimit(.minutes(5))) struct OpeningTests {
    @Test func whoAsksAtOnceIsAnsweredEachWithTheirOwnPlace() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner), (500, .admin), (699, .member)])
            let room = rooms.room
            let roles: [Int64: Role?] = try await rooms.call { log, done in
                var answers: [Int64: Role?] = [:]
                for user: Int64 in 1...700 {
                    log.open(room, for: UserID(rawValue: user)) { result in
                        switch result {
                        case .success(let opening): answers[user] = opening.role
                        case .failure(let error): done(.failure(error))
                        }
                        if answers.count == 700 {
                            done(.success(answers))
                        }
                    }
                }
            }
            #expect(roles.compactMapValues { $0 } == [1: .owner, 500: .admin, 699: .member])
        }
    }

    @Test func aRoomThatIsClosedMeanwhileKeepsNoGroup() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let room = rooms.room
            // Redis knows the script from now on: a call that it has to be sent for anew comes after those behind it.
            _ = try await rooms.open(for: 1)
            let late: RoomOpening? = try? await rooms.call { log, done in
                log.open(room, for: UserID(rawValue: 1)) { _ in }
                log.open(room, for: UserID(rawValue: 1), completion: done)
                log.close(room) {}
            }
            #expect(late == nil)
            await #expect(throws: RoomLogError.noGroup) { try await rooms.read() }
        }
    }
}
