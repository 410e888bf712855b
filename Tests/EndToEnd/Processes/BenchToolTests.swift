import Foundation
import Launcher
import Support
import Testing

/// The load tool: it finds what it should find, and says in one line what it cannot do.
@Suite(.timeLimit(.minutes(2))) struct BenchToolTests {
    @Test func everyDeliveryIsCheckedAndCounted() async throws {
        let server = try await Self.plainServer()
        let rooms = try Self.file("one\ntwo\n")
        let outcome = try await Command.run(
            try Self.binary(),
            [
                "load", "--url", "ws://127.0.0.1:\(server.port)/", "--rooms", rooms, "--subscribers", "3",
                "--publishers", "2", "--rate", "200", "--warm-up", "0", "--seconds", "1", "--json",
            ])
        server.process.terminate(grace: .zero)
        #expect(outcome.exitCode == 0, "\(outcome.output)")
        let json = JSONNode(Array(outcome.output.utf8))
        let sent = try #require(json["sent"].int)
        #expect(sent >= 100)
        #expect(json["delivered"].int == sent * 3)
        for fault in ["lost", "duplicates", "outOfOrder", "disagreeingRooms", "failed", "ended"] {
            #expect(json[fault].int == 0)
        }
    }

    @Test func aServerThatIsNotThereIsTold() async throws {
        let port = try LoopbackPort.free()
        let outcome = try await Command.run(
            try Self.binary(), ["load", "--url", "ws://127.0.0.1:\(port)/", "--rooms", try Self.file("one\n")])
        #expect(outcome.exitCode == 1)
        #expect(Self.isOneLine(outcome.output), "\(outcome.output)")
        #expect(outcome.output.contains("127.0.0.1:\(port)"))
    }

    @Test func aServerThatRefusesIsTold() async throws {
        let cluster = try await Cluster.shared
        let outcome = try await Command.run(
            try Self.binary(),
            [
                "load", "--url", "ws://127.0.0.1:\(cluster.gateways[0].httpPort)/ws/chat", "--rooms",
                try Self.file("one\n"),
            ])
        #expect(outcome.exitCode == 1)
        #expect(Self.isOneLine(outcome.output), "\(outcome.output)")
        #expect(outcome.output.contains("not authenticated"))
    }

    @Test(arguments: [
        [], ["run"], ["load"], ["load", "--url", "ws://127.0.0.1:1/"], ["load", "--rooms"], ["load", "--rate", "fast"],
        ["load", "--url", "http://127.0.0.1/", "--rooms", "/dev/null"],
        ["load", "--url", "ws://127.0.0.1:1/", "--rooms", "/nowhere"], ["suite", "--only", "everything"],
        ["plain"], ["plain", "--port", "70000"], ["echo"], ["micro", "--thresholds", "/nowhere"],
        ["codecs", "--operation", "everything"],
    ])
    func wrongUseExitsWithTwoAndOneLine(_ arguments: [String]) async throws {
        let outcome = try await Command.run(try Self.binary(), arguments)
        #expect(outcome.exitCode == 2)
        #expect(Self.isOneLine(outcome.output), "\(outcome.output)")
    }

    @Test func shootBenchIsTheLoadTool() async throws {
        let outcome = try await ShootProcess.run(["bench", "load", "--help"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.contains("--rate"))
    }

    private static func binary() throws -> String { try ShootProcess.binary() + "-bench" }

    private static func plainServer() async throws -> (process: ChildProcess, port: UInt16) {
        try await blocking {
            let port = try LoopbackPort.free()
            let process = try ChildProcess.start(
                "plain", executable: binary(), arguments: ["plain", "--port", "\(port)", "--frame-bytes", "300"],
                logFile: TestFolder.path() + "/plain.log")
            try process.waitUntilReady { () throws(LauncherError) in !LoopbackPort.isFree(port) }
            return (process, port)
        }
    }

    private static func file(_ text: String) throws -> String {
        let path = try TestFolder.makeFolder("bench") + "/lines"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func isOneLine(_ output: String) -> Bool {
        output.hasPrefix("shoot-bench: ") && output.hasSuffix("\n") && output.filter { $0 == "\n" }.count == 1
    }
}
