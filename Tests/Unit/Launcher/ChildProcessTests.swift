import Foundation
import Support
import Testing

@testable import Launcher

@Suite struct ChildProcessTests {
    private func shell(
        _ script: String, environment: [String: String] = [:], logFile: String? = "/dev/null"
    ) throws -> ChildProcess {
        try ChildProcess.start(
            "The script", executable: "/bin/sh", arguments: ["-c", script], environment: environment, logFile: logFile)
    }

    @Test func givesExitStatusAndOutput() async throws {
        let outcome = try await Command.run(
            "/bin/sh", ["-c", "echo \"$WORD\"; echo error >&2; exit 3"], environment: ["WORD": "said"])
        #expect(outcome.status == .exited(3))
        #expect(outcome.output == "said\nerror\n")
    }

    @Test func runsInASessionOfItsOwnAndWithoutOurDescriptors() async throws {
        let pipe = Pipe()
        let outcome = try await Command.run(
            "/bin/sh", ["-c", "cut -d' ' -f6 /proc/$$/stat; echo $$; ls /proc/self/fd | wc -l"])
        let numbers = outcome.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbers.count == 3)
        #expect(numbers[0] == numbers[1])
        // Three of its own, and the folder that `ls` reads.
        #expect(numbers[2] == 4)
        try pipe.fileHandleForReading.close()
    }

    @Test func aSignalSentByUsEndsIt() throws {
        let child = try shell("while :; do sleep 1; done")
        #expect(child.isRunning)
        #expect(child.terminate() == .signalled(SIGTERM))
        #expect(!child.isRunning)
        #expect(ProcessIdentity(of: child.pid) == nil)
    }

    @Test func whatIgnoresTheSignalIsKilled() throws {
        let folder = try TestFolder.makeFolder("stubborn")
        let child = try shell("trap '' TERM; touch \(folder)/ready; while :; do sleep 1; done")
        try child.waitUntilReady { () throws(LauncherError) in
            FileManager.default.fileExists(atPath: folder + "/ready")
        }
        #expect(child.terminate(grace: .milliseconds(50)) == .signalled(SIGKILL))
    }

    @Test func aStoppedProcessCanBeEnded() throws {
        let child = try shell("while :; do sleep 1; done")
        child.kill(SIGSTOP)
        #expect(child.terminate() == .signalled(SIGTERM))
    }

    @Test func endingBeforeReadinessShowsTheLog() throws {
        let log = try TestFolder.makeFolder("ended") + "/log"
        let child = try shell("echo first; echo the reason; exit 9", logFile: log)
        let error = #expect(throws: LauncherError.self) {
            try child.waitUntilReady { () throws(LauncherError) in false }
        }
        #expect(error?.code == .ended)
        #expect(error?.logTail == ["first", "the reason"])
        #expect(error?.description.contains("exit status 9") == true)
    }

    @Test func askingToStopEndsAWait() throws {
        let child = try shell("while :; do sleep 1; done")
        defer { child.terminate() }
        let stop = StopRequest()
        stop.request()
        let error = #expect(throws: LauncherError.self) {
            try child.waitUntilReady(stop: stop) { () throws(LauncherError) in false }
        }
        #expect(error?.code == .interrupted)
    }

    @Test func aMissingProgramIsAnError() {
        let error = #expect(throws: LauncherError.self) { try ChildProcess.start("x", executable: "/nowhere/x") }
        #expect(error?.code == .system)
        let missing = #expect(throws: LauncherError.self) { try Tool.find("no-such-program") }
        #expect(missing?.code == .missingTool)
        #expect(missing?.message.contains("no-such-program") == true)
    }
}
