import Application
import Domain
import Support
import Testing

@testable import Redis

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

    @Test func aRoomTakesSoManyMessagesInAMinute() async throws {
        try await RoomLogHarness.with(messagesPerMinute: 4) { rooms in
            try await rooms.warm([(1, .owner), (2, .member)])
            let first = rooms.message(from: 1)
            let unit = (0..<3).map { _ in rooms.message(from: 2) }
            #expect(seqs(try await rooms.publish([[first], [rooms.message(from: 1)]])) == [1, 2])
            // A unit that does not fit takes nothing; who is not in the room is told that.
            let outcomes = try await rooms.publish([unit, [rooms.message(from: 9)], [first]])
            #expect(seqs(outcomes) == [nil, nil, nil, nil, 1])
            for outcome in outcomes.prefix(3) {
                guard case .overRate(let milliseconds) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect((1...60_000).contains(milliseconds))
            }
            #expect(outcomes[3] == .refused(.notParticipant))
            #expect(seqs(try await rooms.publish(from: [2, 1, 2])) == [3, 4, nil])
            // The minute ends: it began longer ago.
            _ = try await rooms.client.command("HINCRBY", rooms.stateKey, "minuteAt", "-60000")
            #expect(seqs(try await rooms.publish(from: [1, 1, 1, 1, 1])) == [5, 6, 7, 8, nil])
        }
    }

    @Test func withoutAnAllowanceOnlyRepeatsAreAnswered() async throws {
        try await RoomLogHarness.with { rooms in
            try await rooms.warm([(1, .owner)])
            var sent = rooms.message(from: 1)
            let first = try await rooms.publish([[sent]])
            var new = rooms.message(from: 1)
            sent.onlyIfRepeat = .userRate
            new.onlyIfRepeat = .userRate
            #expect(try await rooms.publish([[new], [sent]]) == [.refused(.userRate)] + first)
            new.onlyIfRepeat = nil
            #expect(seqs(try await rooms.publish([[new]])) == [2])
        }
    }

    @Test func typingIsToldOnceInAPauseAndByParticipantsOnly() async throws {
        try await RoomLogHarness.with { rooms in
            let room = rooms.room
            @Sendable func type(_ isTyping: Bool, as user: Int64) async throws -> TypingOutcome {
                try await rooms.call { log, done in
                    log.tellTyping(isTyping, of: UserID(rawValue: user), in: room, completion: done)
                }
            }
            #expect(try await type(true, as: 1) == .told, "a cold room has nobody to tell")
            try await rooms.warm([(1, .owner), (2, .member)])
            try await rooms.call { log, done in log.listen(to: room, completion: done) }
            #expect(try await type(true, as: 9) == .notParticipant)
            #expect(try await type(true, as: 1) == .told)
            // However slow the machine is, the pause has not passed.
            _ = try await rooms.client.command("SET", "\(rooms.name(.typing)):1", "", "PX", "60000")
            guard case .tooSoon(let milliseconds) = try await type(false, as: 1) else {
                Issue.record("told twice in a pause")
                return
            }
            #expect((1...60_000).contains(milliseconds))
            #expect(try await type(false, as: 2) == .told)
            let rings = await rooms.rings.wait { $0.count >= 2 }
            #expect(rings == [.typing(UserID(rawValue: 1), true), .typing(UserID(rawValue: 2), false)])
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
