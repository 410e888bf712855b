import Testing
import WireProtocols

@testable import Redis

@Suite struct RedisPipelineTests {
    private func append(_ name: String, deadline: UInt64 = 100, to pipeline: inout RedisPipeline) {
        pipeline.append(deadline: deadline, completion: { _ in }) { $0.command([Array(name.utf8)]) }
    }

    @Test func handsOverTogetherAndAnswersInOrder() {
        var pipeline = RedisPipeline()
        append("A", deadline: 1, to: &pipeline)
        append("B", deadline: 2, to: &pipeline)
        #expect(pipeline.hasUnsent)
        let bytes = pipeline.takeUnsent()
        #expect(bytes == Array("*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n".utf8))
        #expect(!pipeline.hasUnsent)
        let answered = (0..<3).map { _ in pipeline.popAnswered()?.deadline }
        #expect(answered == [1, 2, nil])
    }

    @Test func knowsWhatTheServerMayHave() {
        var pipeline = RedisPipeline()
        append("A", to: &pipeline)
        _ = pipeline.takeUnsent()
        append("B", to: &pipeline)
        let lost = pipeline.removeAll()
        #expect(lost.map(\.wasWritten) == [true, false])
        let isEmpty = pipeline.popAnswered() == nil
        #expect(isEmpty && !pipeline.hasUnsent)
    }

    @Test func findsTheEarliestDeadlineBehindOthers() {
        var pipeline = RedisPipeline()
        append("A", deadline: 500, to: &pipeline)
        append("B", deadline: 100, to: &pipeline)
        append("C", deadline: 300, to: &pipeline)
        let early = [99, 100].map { pipeline.isOverdue(now: $0) }
        #expect(early == [false, true])
        _ = pipeline.popAnswered()
        _ = pipeline.popAnswered()
        let late = pipeline.isOverdue(now: 299)
        #expect(!late)
        #expect(pipeline.earliestDeadline == 300)
    }

    @Test func isBoundedInCount() {
        var pipeline = RedisPipeline()
        for _ in 0..<RedisLimits.commandsInFlight {
            append("A", to: &pipeline)
        }
        #expect(!pipeline.hasRoom)
        _ = pipeline.popAnswered()
        #expect(pipeline.hasRoom)
    }

    @Test func isBoundedInBytes() {
        var pipeline = RedisPipeline()
        let argument = [UInt8](repeating: 0, count: RedisLimits.pipelineBytes)
        pipeline.append(deadline: 1, completion: { _ in }) { $0.command([argument]) }
        #expect(!pipeline.hasRoom)
        _ = pipeline.takeUnsent()
        #expect(pipeline.hasRoom)
    }

    @Test func thoseThatWaitForAConnectionAreBoundedAndEndByTheirDeadlines() {
        var waiting = WaitingCommands()
        func add(_ argument: [UInt8], deadline: UInt64) -> Bool {
            waiting.append(deadline: deadline, completion: { _ in }) { writer in writer.command([argument]) }
        }
        let half = [UInt8](repeating: 0, count: RedisLimits.waitingBytes / 2)
        #expect([add(half, deadline: 1), add(half, deadline: 2)] == [true, false])
        #expect([0, 1].map { waiting.removeOverdue(now: $0).count } == [0, 1])
        #expect((0..<RedisLimits.waitingCommands).allSatisfy { _ in add([0x61], deadline: 5) })
        #expect(!add([0x61], deadline: 5))
        #expect([waiting.removeAll().count, waiting.removeAll().count] == [RedisLimits.waitingCommands, 0])
    }
}
