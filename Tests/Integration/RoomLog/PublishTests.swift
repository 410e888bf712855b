import Application
import Domain
import Redis
import Support
import Testing

@Suite(.timeLimit(.minutes(5))) struct PublishTests {
    private func seqs(_ outcomes: [PublishOutcome]) -> [UInt64?] {
        outcomes.map { if case .inLog(_, let seq, _) = $0 { seq } else { nil } }
    }

    @Test func aRoomThatIsNotInRedisIsCold() async throws {
        try await RoomLogHarness.with { rooms in
            await #expect(throws: RoomLogError.cold) { try await rooms.publish(from: [1]) }
            await #expect(throws: RoomLogError.cold) { try await rooms.open(for: 1) }
        }
    }

    @Test func numbersMessagesFromOneWithoutGaps() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner), (2, .member)])
            _ = try await rooms.open(for: 1)
            #expect(seqs(try await rooms.publish(from: [1, 2, 1])) == [1, 2, 3])
            #expect(seqs(try await rooms.publish(from: [2])) == [4])
            let entries = try await rooms.read()
            #expect(entries.map(\.position) == (1...4).map { Position(seq: $0) })
            #expect(entries.map(\.previous) == (0...3).map { Position(seq: $0) })
        }
    }

    @Test func goesOnBehindWhatIsStored() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)], last: Position(seq: 41, change: 2))
            let opening = try await rooms.open(for: 1)
            #expect(opening.last == Position(seq: 41, change: 2))
            #expect(opening.saved == opening.last)
            #expect(seqs(try await rooms.publish(from: [1])) == [42])
            #expect(try await rooms.read().map(\.previous) == [Position(seq: 41, change: 2)])
        }
    }

    @Test func aRepeatGetsTheFirstAnswerAlsoWithinACall() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let tempID = RoomLogHarness.tempID(77)
            let first = rooms.message(from: 1, tempID: tempID)
            let again = rooms.message(from: 1, tempID: tempID)
            let outcomes = try await rooms.publish([[first], [again]])
            let later = try await rooms.publish([[rooms.message(from: 1, tempID: tempID)]])
            guard case .inLog(let id, 1, let time) = outcomes[0] else {
                Issue.record("not in the log: \(outcomes)")
                return
            }
            #expect(id == first.id)
            #expect(outcomes[1] == .inLog(id: id, seq: 1, createdAt: time))
            #expect(later == [outcomes[1]])
        }
    }

    @Test func aRepeatIsAnsweredBeforeMembershipAndLimit() async throws {
        try await RoomLogHarness.with(backlogLimit: 1) { rooms in
            try await rooms.warm([(1, .owner)])
            let message = rooms.message(from: 1)
            let first = try await rooms.publish([[message]])
            #expect(try await rooms.publish(from: [1]) == [.refused(.backlog)])
            #expect(try await rooms.publish([[message]]) == first)
        }
    }

    @Test func withLittleMemoryLeftOnlyRepeatsAreAnswered() async throws {
        let isShort = Observed(false)
        try await RoomLogHarness.with(isMemoryShort: { isShort.value }) { rooms in
            try await rooms.warm([(1, .owner)])
            let message = rooms.message(from: 1)
            let first = try await rooms.publish([[message]])
            isShort.update { $0 = true }
            let unit = [rooms.message(from: 1), rooms.message(from: 1)]
            #expect(try await rooms.publish([[message], unit]) == first + [.refused(.memory), .refused(.memory)])
            isShort.update { $0 = false }
            #expect(seqs(try await rooms.publish([unit])) == [2, 3])
        }
    }

    @Test func onlyParticipantsSend() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            #expect(seqs(try await rooms.publish(from: [9, 1])) == [nil, 1])
            #expect(try await rooms.publish(from: [9]) == [.refused(.notParticipant)])
            #expect(try await rooms.open(for: 9).role == nil)
        }
    }

    @Test func aUnitGoesInWholeOrNotAtAll() async throws {
        try await RoomLogHarness.with(backlogLimit: 3) { rooms in
            try await rooms.warm([(1, .owner)])
            let one = [rooms.message(from: 1)]
            let three = (0..<3).map { _ in rooms.message(from: 1) }
            let two = (0..<2).map { _ in rooms.message(from: 1) }
            let outcomes = try await rooms.publish([one, three, two])
            #expect(seqs(outcomes) == [1, nil, nil, nil, 2, 3])
            #expect(outcomes[1] == .refused(.backlog))
        }
    }

    @Test func ringsForEverySubscribedGateway() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            let room = rooms.room
            try await rooms.call { log, done in log.listen(to: room, completion: done) }
            _ = try await rooms.publish(from: [1, 1])
            let rings = await rooms.rings.wait { !$0.isEmpty }
            #expect(rings == [.appended(Position(seq: 2))])
        }
    }

    @Test func warmingTwiceChangesNothing() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            _ = try await rooms.publish(from: [1])
            try await rooms.warm([(2, .owner)])
            #expect(try await rooms.open(for: 2).role == nil)
            #expect(try await rooms.open(for: 1).last == Position(seq: 1))
        }
    }

    @Test func takesTenThousandParticipants() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm((1...10_000).map { (Int64($0), .member) })
            #expect(try await rooms.open(for: 10_000).role == .member)
            #expect(seqs(try await rooms.publish(from: [10_000])) == [1])
        }
    }
}
