import Application
import Testing

@Suite(.timeLimit(.minutes(1))) struct ShardScheduleTests {
    @Test func givesAFewShardsAtATimeInOrderOfMarking() async {
        let schedule = ShardSchedule(count: 20)
        schedule.mark(19)
        schedule.mark(nil)
        #expect(await schedule.take() == [19] + Array(0..<7))
        schedule.mark(0)
        #expect(await schedule.take() == Array(7..<15))
        #expect(await schedule.take() == Array(15..<19) + [0])
    }

    @Test func wakesAsManyWorkersAsThereIsWorkFor() async {
        let schedule = ShardSchedule(count: 20)
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask { await schedule.take() }
            }
            schedule.mark(nil)
            var taken: [Int] = []
            for await shards in group {
                #expect(shards.count <= 8)
                taken += shards
            }
            #expect(taken.sorted() == Array(0..<20))
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
