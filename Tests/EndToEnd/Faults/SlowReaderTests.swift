import Foundation
import Launcher
import Support
import Testing

/// Clients that read nothing: they cost the gateway a bounded amount of memory, and the others nothing.
extension LoadTests {
    /// How many there are: a few dozen, unless `SHOOT_TEST_STUCK_READERS` says otherwise.
    private static let stuckReaders =
        ProcessInfo.processInfo.environment["SHOOT_TEST_STUCK_READERS"].flatMap { Int($0) } ?? 30

    @Test(.timeLimit(.minutes(10))) func stuckReadersAreCutOffAndHoldUpNobody() async throws {
        try await Cluster.run(gateways: 1) { cluster in
            let users = try await cluster.signUp(3)
            let room = try await cluster.makeRoom(users)
            let watcher = try await cluster.connect(users[0])
            try await watcher.watchMessages(of: room)
            let sender = try await cluster.connect(users[1])
            var stuck: [StuckReader] = []
            let port = cluster.gateways[0].httpPort
            for _ in 0..<Self.stuckReaders {
                stuck.append(
                    try await blocking {
                        try StuckReader(
                            port: port, token: users[2].token, destinations: ["/topic/messages/\(room)"])
                    })
            }
            let before = try residentBytes(of: cluster.gateways[0])

            // 10 MB for each: well over what the kernel holds for a socket, and what may wait for it.
            let text = String(repeating: "x", count: 10_000)
            let count = 1000
            var peak = before
            for number in 1...count {
                try await sender.send(text, to: room)
                if number % 20 == 0 {
                    peak = max(peak, try residentBytes(of: cluster.gateways[0]))
                }
            }
            let messages = try await watcher.messages(count)
            #expect(messages.map(\.seq) == Array(1...count))
            // They cannot see it themselves: the end stands behind what they do not read.
            try await eventually("only those that read are left") {
                let metrics = try await cluster.request("GET", "/metrics").text
                return metrics.contains("\nshoot_connections 2\n") ? () : nil
            }
            try await sender.send("still here", to: room)
            _ = try await watcher.messages(count + 1)

            withExtendedLifetime(stuck) {}
            let grown = peak - before
            print("stuck readers: \(stuck.count), the gateway grew by \(grown >> 20) MiB from \(before >> 20) MiB")
            #expect(grown < 64 << 20 + stuck.count * (512 << 10), "more than what may wait for each of them")
        }
    }

    @Test(.timeLimit(.minutes(5))) func whoReadsTooSlowlyMissesTypingBeforeAnythingElse() async throws {
        try await Cluster.run(gateways: 1) { cluster in
            let users = try await cluster.signUp(32)
            let room = try await cluster.makeRoom(users)
            let sender = try await cluster.connect(users[1])
            var typists: [ChatClient] = []
            for user in users.dropFirst(2) {
                typists.append(try await cluster.connect(user))
            }
            let port = cluster.gateways[0].httpPort
            let topics = ["/topic/messages/\(room)", "/topic/typing/\(room)"]
            let slow = try await blocking {
                try StuckReader(port: port, token: users[0].token, destinations: topics)
            }

            let text = String(repeating: "x", count: 4_000)
            var sent: [String] = []
            try await eventually("typing is not told") {
                let typist = typists[sent.count % typists.count]
                sent.append(try await sender.send(text, to: room))
                try await typist.type((sent.count / typists.count).isMultiple(of: 2), in: room)
                let metrics = try await cluster.request("GET", "/metrics").text
                return metrics.contains("\nshoot_ephemeral_dropped_total 0\n") ? nil : ()
            }
            sent.append(try await sender.send("the end", to: room))
            let told = try await blocking { try slow.read(until: "the end") }
            #expect(told.components(separatedBy: "event:MESSAGE_CREATED").count - 1 == sent.count)
        }
    }

    /// What the process has in memory (VmRSS).
    private func residentBytes(of process: ShootProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.process.pid)/status", encoding: .utf8)
        let kilobytes = status.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Int($0.1) }
        return try #require(kilobytes) << 10
    }
}
