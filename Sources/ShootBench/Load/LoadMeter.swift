/// Reads the clocks of client, servers and machine at the two ends of the measured part.
final class LoadMeter {
    private let servers: [Int32]
    private let stages: [LoadPlan.Stage]
    private var client: UInt64 = 0
    private var used: [UInt64] = []
    private var times: [ProcessTimes] = []
    private var steal: (stolen: UInt64, all: UInt64) = (0, 0)

    init(_ plan: LoadPlan) { (servers, stages) = (plan.servers, plan.stages) }

    func begin() {
        client = ProcessUsage.ownThreadNanoseconds()
        used = servers.map { ProcessUsage.cpuNanoseconds(of: $0) }
        steal = ProcessUsage.steal()
        times = readStages()
    }

    func end(into result: inout LoadResult) {
        result.clientNanoseconds = ProcessUsage.ownThreadNanoseconds() - client
        result.serverNanoseconds = zip(servers, used).map { ProcessUsage.cpuNanoseconds(of: $0) - $1 }
        result.stages = zip(stages, zip(readStages(), times)).map { ($0, $1.0.since($1.1)) }
        let now = ProcessUsage.steal()
        result.steal = Double(now.stolen - steal.stolen) / Double(max(now.all - steal.all, 1))
    }

    private func readStages() -> [ProcessTimes] {
        stages.map { ProcessTimes(of: $0.pid, withChildren: $0.hasChildren, withThreads: $0.tellsThreads) }
    }
}
