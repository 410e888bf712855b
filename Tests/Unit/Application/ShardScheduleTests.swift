import Application
import Testing

@Suite(.timeLimit(.minutes(1))) struct ShardScheduleTests {
    @Test func givesAFewShardsAtATimeInOrderOfMarking() async {
        let schedule = ShardSchedule(count: 150)
        schedule.mark(149)
        schedule.mark(nil)
        #expect(await schedule.take() == [149] + Array(0..<63))
        schedule.mark(0)
        #expect(await schedule.take() == Array(63..<127))
        #expect(await schedule.take() == Array(127..<149) + [0])
    }

    @Test func wakesAsManyWorkersAsThereIsWorkFor() async {
        let schedule = ShardSchedule(count: 150)
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask { await schedule.take() }
            }
            schedule.mark(nil)
            var taken: [Int] = []
            for await shards in group {
                #expect(shards.count <= 64)
                taken += shards
            }
            #expect(taken.sorted() == Array(0..<150))
        }
    }

    @Test func closingEndsTheWaiting() async {
        let schedule = ShardSchedule(count: 1)
        async let waiting = schedule.take()
        schedule.close()
        #expect(await waiting.isEmpty)
        schedule.mark(0)
        #expect(await schedule.take().isEmpty)
    }
}
