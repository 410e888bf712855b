import Application
import Domain
import Synchronization
import Testing

/// What a worker does with what it claims, told by the calls it makes.
@Suite struct PersistWorkerTests {
    private let room = ObjectID(seconds: 1, process: 1, counter: 1)

    private func message(_ seq: UInt64, by sender: Int64 = 5, in room: RoomID? = nil) -> Message {
        Message(
            id: ObjectID(seconds: 2, process: 1, counter: UInt32(seq)), roomID: room ?? self.room, seq: seq,
            senderID: UserID(rawValue: sender), tempID: TempID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            content: MessageContent(text: "text \(seq)", kind: .text), createdAt: Timestamp(milliseconds: 9))
    }

    private func entry(_ message: Message) -> ClaimedEntry {
        ClaimedEntry(position: Position(seq: message.seq), event: .message(message))
    }

    private func run(
        _ log: Log, _ store: Store, tracer: Tracer? = nil, now: @escaping @Sendable () -> UInt64 = { 0 }
    ) async -> PersistWorker.Report {
        let worker = PersistWorker(
            log: log, store: store, deadLetters: store, tracer: tracer, leaseMilliseconds: 10_000, now: now,
            makeToken: { "token" }, makeID: { ObjectID(seconds: 3, process: 1, counter: 1) })
        return await worker.run(shards: [0])
    }

    @Test func storesThenAdvancesThenFinishes() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1)), entry(message(2, by: 6))])])
        let store = Store()
        let report = await run(log, store)
        #expect(report.stored == 2)
        #expect(store.inserted.withLock { $0.map(\.seq) } == [1, 2])
        let progress = try #require(store.advanced.withLock { $0.first })
        #expect(progress.position == Position(seq: 2))
        #expect(progress.lastMessage?.seq == 2)
        #expect(progress.readBySenders == [UserID(rawValue: 5): 1, UserID(rawValue: 6): 2])
        let finished = try #require(log.finished.withLock { $0.first })
        #expect(finished.saved == Position(seq: 2))
        #expect(finished.acknowledged == [Position(seq: 1), Position(seq: 2)])
    }

    @Test func leavesEverythingInTheLogWhereTheStoreIsAway() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1))])])
        let report = await run(log, Store(isAway: true))
        #expect(report.storeError == .unavailable("away"))
        let finished = try #require(log.finished.withLock { $0.first })
        #expect(finished.saved == nil)
        #expect(finished.acknowledged.isEmpty)
        #expect(finished.retryAfterMilliseconds > 0)
    }

    private func failures(_ count: Int) -> [FailedTry] {
        (0..<count).map { FailedTry(at: Timestamp(milliseconds: Int64($0)), cause: "poison") }
    }

    @Test(arguments: [(1, 100), (2, 400)])
    func aRefusedDocumentIsTriedAgainAndHoldsTheRoomUp(_ tries: Int, _ pause: UInt64) async throws {
        let poison = message(2)
        let log = Log([
            ClaimedRoom(
                id: room, entries: [entry(message(1)), entry(poison), entry(message(3))],
                tries: tries == 1 ? [:] : [Position(seq: 2): failures(tries - 1)])
        ])
        log.tries.withLock { $0[EntryID(room, Position(seq: 2))] = failures(tries - 1) }
        let store = Store(rejected: [poison.id])
        let report = await run(log, store)
        #expect(report.rejected == 1 && report.stored == 2)
        #expect(report.deadLetters.isEmpty)
        #expect(report.pauses == [.init(shard: 7, milliseconds: pause)])
        #expect(store.advanced.withLock { $0.map(\.position) } == [Position(seq: 1)])
        let finished = try #require(log.finished.withLock { $0.first })
        #expect(finished.saved == Position(seq: 1))
        #expect(finished.acknowledged == [Position(seq: 1)])
        #expect(finished.returned == [Position(seq: 2), Position(seq: 3)])
        #expect(finished.retryAfterMilliseconds == pause)
        #expect(log.buried.withLock { $0.isEmpty } && store.kept.withLock { $0.isEmpty })
    }

    @Test func theThirdRefusalMakesADeadLetterAndTheRoomGoesOn() async throws {
        let poison = message(2)
        let log = Log([
            ClaimedRoom(id: room, entries: [entry(message(1)), entry(poison), entry(message(3))])
        ])
        log.tries.withLock { $0[EntryID(room, Position(seq: 2))] = failures(2) }
        let store = Store(rejected: [poison.id])
        let report = await run(log, store)
        #expect(report.deadLetters == [EntryID(room, Position(seq: 2))])
        #expect(report.pauses.isEmpty)
        let letter = try #require(store.kept.withLock { $0.first })
        #expect(letter.message == poison)
        #expect(letter.tries.count == 3)
        #expect(letter.origin?.tempID == poison.tempID)
        #expect(log.buried.withLock { $0 } == [letter])
        let placeholder = try #require(store.inserted.withLock { $0.last })
        #expect(placeholder.id == poison.id && placeholder.seq == 2)
        #expect(placeholder.isDeleted && placeholder.tempID == nil && placeholder.content.text.isEmpty)
        #expect(log.finished.withLock { $0.first?.saved } == Position(seq: 3))
    }

    /// Its third try was counted, and then its persister died: were it tried again, it might be stored beside its dead
    /// letter.
    @Test func whatHasHadItsTriesIsBuriedWithoutAnother() async throws {
        let poison = message(1)
        let log = Log([
            ClaimedRoom(
                id: room, entries: [entry(poison), entry(message(2))], tries: [Position(seq: 1): failures(3)])
        ])
        let store = Store()
        let report = await run(log, store)
        #expect(report.rejected == 0)
        #expect(report.deadLetters.map(\.position.seq) == [1])
        #expect(store.inserted.withLock { $0.map(\.isDeleted) } == [false, true])
        #expect(store.kept.withLock { $0.first?.tries } == failures(3))
        #expect(log.finished.withLock { $0.first?.saved } == Position(seq: 2))
    }

    @Test func nothingIsBuriedWhereTheClaimWasLost() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1))])], lost: [room])
        log.tries.withLock { $0[EntryID(room, Position(seq: 1))] = failures(2) }
        let store = Store(rejected: [message(1).id])
        let report = await run(log, store)
        #expect(report.deadLetters.isEmpty && report.claimsLost == 1)
        #expect(store.kept.withLock { $0.isEmpty })
        #expect(log.finished.withLock { $0.first?.saved } == nil)
    }

    @Test func aStoreThatIsAwayIsNoTry() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1)), entry(message(2))])])
        _ = await run(log, Store(rejected: [message(1).id], isAway: true))
        #expect(log.tries.withLock { $0.isEmpty })
        // And nobody died of what was claimed.
        #expect(log.finished.withLock { $0.first?.returned } == [Position(seq: 1), Position(seq: 2)])
    }

    @Test func aSuspectIsStoredWhenAllOthersAreFinished() async throws {
        let other = ObjectID(seconds: 4, process: 1, counter: 1)
        let log = Log([
            ClaimedRoom(id: room, entries: [entry(message(1))], isSuspect: true),
            ClaimedRoom(id: other, entries: [entry(message(2, in: other))]),
        ])
        let store = Store()
        let report = await run(log, store)
        #expect(report.stored == 2)
        #expect(store.inserted.withLock { $0.map(\.roomID) } == [other, room])
        #expect(log.finished.withLock { $0.map(\.id) } == [other, room])
        #expect(store.advanced.withLock { $0.count } == 2)
    }

    @Test func suspectsThatTheLeaseLeavesNoTimeForGoBackAsTheyCame() async throws {
        let ids = (0..<3).map { ObjectID(seconds: 4, process: 1, counter: UInt32($0)) }
        let log = Log(ids.map { ClaimedRoom(id: $0, entries: [entry(message(1, in: $0))], isSuspect: true) })
        let time = Mutex(UInt64(0))
        let store = Store()
        _ = await run(log, store) {
            time.withLock { time in
                defer { time += 3000 }
                return time
            }
        }
        #expect(store.inserted.withLock { $0.map(\.roomID) } == [ids[0]])
        let left = log.finished.withLock { $0.dropFirst() }
        #expect(left.map(\.id) == Array(ids.dropFirst()))
        #expect(left.allSatisfy { $0.saved == nil && $0.returned.isEmpty && $0.retryAfterMilliseconds == 0 })
    }

    @Test func moreChangesThanATransactionHoldsAreStoredWithoutOne() async throws {
        let entries = (1...1001).map { number in
            change(number, at: Position(seq: 2000, change: number))
        }
        let (log, store) = (Log([ClaimedRoom(id: room, entries: entries)]), Store())
        _ = await run(log, store)
        #expect(store.transactions.withLock { $0 } == 0)
        #expect(store.advanced.withLock { $0.first?.changes.count } == 1001)
        _ = await run(Log([ClaimedRoom(id: room, entries: Array(entries.prefix(1000)))]), store)
        #expect(store.transactions.withLock { $0 } == 1)
    }

    @Test func whatWasGivenUpIsToldThoughRedisDidNotAnswerTheEnd() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1))])], isCutOff: true)
        log.tries.withLock { $0[EntryID(room, Position(seq: 1))] = failures(2) }
        let report = await run(log, Store(rejected: [message(1).id]))
        #expect(report.deadLetters == [EntryID(room, Position(seq: 1))])
        #expect(report.logError == .outcomeUnknown)
    }

    @Test func aRoomWithoutTheEntryThatItIsDueForIsPutOff() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [])])
        let report = await run(log, Store())
        #expect(report.failedRooms == 1)
        #expect(log.finished.withLock { $0.map(\.retryAfterMilliseconds) } == [5000])
    }

    @Test func onlyWhatIsStoredAsItIsShowsAsTheLastMessage() async throws {
        let log = Log([ClaimedRoom(id: room, entries: (1...3).map { entry(message($0)) })])
        log.tries.withLock { $0[EntryID(room, Position(seq: 2))] = failures(2) }
        let store = Store(rejected: [message(2).id], repeated: [message(3).id])
        let report = await run(log, store)
        #expect(report.duplicates == 1)
        let progress = try #require(store.advanced.withLock { $0.first })
        #expect(progress.lastMessage?.seq == 1)
        #expect(progress.position == Position(seq: 3))
        #expect(progress.readBySenders == [UserID(rawValue: 5): 3])
    }

    @Test(arguments: 0..<5) func putsOffOnlyTheRoomAtFault(_ fault: Int) async throws {
        let ids = (0..<5).map { ObjectID(seconds: 4, process: 1, counter: UInt32($0)) }
        let log = Log(
            ids.enumerated().map { index, id in
                ClaimedRoom(id: id, entries: [entry(message(UInt64(index + 1), in: id))])
            })
        let store = Store(faulty: ids[fault])
        let report = await run(log, store)
        #expect(report.failedRooms == 1)
        #expect(report.stored == 4)
        #expect(report.storeError == .failed("faulty"))
        let finished = log.finished.withLock { $0 }
        #expect(finished.map(\.id) == ids)
        #expect(log.finishes.withLock { $0 } > 1, "the first outlast their lease where there are many")
        #expect(finished.filter { $0.saved == nil }.map(\.id) == [ids[fault]])
        #expect(finished[fault].retryAfterMilliseconds == 5000)
        #expect(Set(store.advanced.withLock { $0.map(\.roomID) }) == Set(ids).subtracting([ids[fault]]))
    }

    @Test func putsOffARoomThatCannotBeRead() async throws {
        let other = ObjectID(seconds: 4, process: 1, counter: 1)
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1))])], unreadable: [other])
        let report = await run(log, Store())
        #expect(report.rooms == 2)
        #expect(report.failedRooms == 1)
        #expect(report.stored == 1)
        let finished = log.finished.withLock { $0 }
        #expect(finished.map(\.saved) == [Position(seq: 1), nil])
        #expect(finished.last?.retryAfterMilliseconds == 5000)
    }

    @Test func anUnreadableEntryBecomesADeadLetterToo() async throws {
        let (place, change) = (Position(seq: 1), Position(seq: 2, change: 1))
        let log = Log([
            ClaimedRoom(
                id: room,
                entries: [
                    ClaimedEntry(position: place, event: .unreadable("odd"), raw: [1, 2]), entry(message(2)),
                    ClaimedEntry(position: change, event: .unreadable("odder")),
                ])
        ])
        log.tries.withLock { tries in
            tries = [EntryID(room, place): failures(2), EntryID(room, change): failures(2)]
        }
        let store = Store()
        let report = await run(log, store)
        #expect(report.unreadable == 2)
        // A change has no number that would have to be kept.
        #expect(store.inserted.withLock { $0.map(\.seq) } == [2, 1])
        #expect(store.inserted.withLock { $0.last?.isDeleted } == true)
        #expect(store.kept.withLock { $0.map(\.id.position) } == [place, change])
        #expect(store.kept.withLock { $0.first?.raw } == [1, 2])
        #expect(log.finished.withLock { $0.first?.saved } == change)
    }

    private func change(_ seq: UInt64, at position: Position) -> ClaimedEntry {
        let old = message(seq)
        return ClaimedEntry(
            position: position,
            event: .changed(
                Message(
                    id: old.id, roomID: room, seq: seq, senderID: old.senderID, tempID: old.tempID,
                    content: MessageContent(text: "changed", kind: .text), createdAt: old.createdAt,
                    changed: position)))
    }

    @Test(arguments: [0, 2]) func aRefusedChangeHoldsTheRoomUpAndBecomesADeadLetter(_ tries: Int) async throws {
        let (good, bad) = (Position(seq: 9, change: 1), Position(seq: 9, change: 2))
        let log = Log([
            ClaimedRoom(id: room, entries: [change(1, at: good), change(2, at: bad), entry(message(10))])
        ])
        log.tries.withLock { $0[EntryID(room, bad)] = failures(tries) }
        let store = Store(rejected: [message(2).id])
        let report = await run(log, store)
        #expect(report.rejected == 1 && report.unreadable == 0 && report.storeError == nil)
        let isLast = tries == 2
        #expect(report.deadLetters == (isLast ? [EntryID(room, bad)] : []))
        let progress = try #require(store.advanced.withLock { $0.first })
        #expect(progress.changes.map(\.changed) == [good])
        #expect(progress.position == (isLast ? Position(seq: 10) : good))
        #expect(log.finished.withLock { $0.first?.saved } == progress.position)
        // It has no number to be kept, and nobody is told.
        #expect(store.inserted.withLock { $0.map(\.seq) } == [10])
        let letter = log.buried.withLock { $0.first }
        #expect((letter?.origin?.messageID == message(2).id && letter?.origin?.tempID == nil) == isLast)
    }

    @Test func recordsTheStagesOfTracedMessagesOnly() async throws {
        let (fixture, trace) = (TracingFixture(), TracingFixture.context(3))
        let traced = ClaimedEntry(position: Position(seq: 2), event: .message(message(2)), trace: trace)
        let unsampled = ClaimedEntry(
            position: Position(seq: 3), event: .message(message(3)), trace: TracingFixture.context(4, isSampled: false))
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1)), traced, unsampled])])
        _ = await run(log, Store(), tracer: fixture.tracer())
        #expect(fixture.spans.map(\.stage) == [.claim, .store, .finish])
        let subject = TraceSubject(roomID: room, messageID: message(2).id, seq: 2)
        for span in fixture.spans {
            #expect(span.context.traceID == trace.traceID)
            #expect(span.parent == trace.spanID)
            #expect(span.subject == subject)
            #expect(span.fault == nil)
        }
        #expect(Set(fixture.spans.map(\.context.spanID)).count == 3)
    }

    @Test func recordsWhyAStageFailed() async throws {
        let trace = TracingFixture.context(3)
        let log = Log(
            [
                ClaimedRoom(
                    id: room,
                    entries: [ClaimedEntry(position: Position(seq: 1), event: .message(message(1)), trace: trace)]
                )
            ], lost: [room])
        let (away, poison) = (TracingFixture(), TracingFixture())
        _ = await run(log, Store(isAway: true), tracer: away.tracer())
        #expect(away.spans.map(\.fault) == [nil, "away", "the claim was lost"])
        _ = await run(log, Store(rejected: [message(1).id]), tracer: poison.tracer())
        #expect(poison.spans.map(\.fault) == [nil, "REJECTED", "the claim was lost"])
    }

    @Test func countsClaimsThatWereLost() async throws {
        let log = Log([ClaimedRoom(id: room, entries: [entry(message(1))])], lost: [room])
        #expect(await run(log, Store()).claimsLost == 1)
    }
}
