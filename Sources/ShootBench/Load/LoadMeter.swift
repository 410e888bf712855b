/// Reads the clocks of client, servers and machine at the two ends of the measured part.
final class LoadMeter {
    private let servers: [Int32]
    private var client: UInt64 = 0
    private var used: [UInt64] = []
    private var steal: (stolen: UInt64, all: UInt64) = (0, 0)

    init(_ servers: [Int32]) { self.servers = servers }

    func begin() {
        client = ProcessUsage.ownThreadNanoseconds()
        used = servers.map { ProcessUsage.cpuNanoseconds(of: $0) }
        steal = ProcessUsage.steal()
    }

    func end(into result: inout LoadResult) {
        result.clientNanoseconds = ProcessUsage.ownThreadNanoseconds() - client
        result.serverNanoseconds = zip(servers, used).map { ProcessUsage.cpuNanoseconds(of: $0) - $1 }
        let now = ProcessUsage.steal()
        result.steal = Double(now.stolen - steal.stolen) / Double(max(now.all - steal.all, 1))
    }
}
