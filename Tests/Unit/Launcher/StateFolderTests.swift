import Foundation
import Support
import Testing

@testable import Launcher

@Suite struct StateFolderTests {
    private func sleeper() throws -> ChildProcess {
        try ChildProcess.start("A sleeper", executable: "/bin/sleep", arguments: ["600"], logFile: "/dev/null")
    }

    @Test func belongsToOneLauncherAtATime() throws {
        let path = try TestFolder.makeFolder("lock")
        do {
            let first = try StateFolder(path)
            let error = #expect(throws: LauncherError.self) { try StateFolder(path) }
            #expect(error?.code == .alreadyRunning)
            #expect(error?.message.contains("process \(getpid())") == true)
            withExtendedLifetime(first) {}
        }
        _ = try StateFolder(path)
    }

    @Test func endsWhatAnEarlierLauncherLeft() throws {
        let path = try TestFolder.makeFolder("leftover")
        let child = try sleeper()
        defer { child.terminate() }
        try StateFolder(path).record(child)
        var reports: [String] = []
        _ = try StateFolder(path) { reports.append($0) }
        #expect(child.waitForExit(within: .seconds(10)) == .signalled(SIGTERM))
        #expect(reports.count == 1)
        #expect(reports.first?.contains("\(child.pid)") == true)
    }

    @Test func sparesAProcessThatHasOnlyTheSameId() throws {
        let path = try TestFolder.makeFolder("reused")
        let child = try sleeper()
        defer { child.terminate() }
        try StateFolder(path).record(child)
        let file = path + "/pids/\(child.pid)"
        try "\(child.pid) 1 \(UUID())\n".write(toFile: file, atomically: true, encoding: .utf8)
        _ = try StateFolder(path)
        #expect(child.isRunning)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test(arguments: ["", "12", "0 1 x", "-5 1 x", "a b c", "1 2 3 4"])
    func spoiledPidFilesNameNobody(text: String) {
        #expect(ProcessIdentity(text) == nil)
    }

    @Test func identitiesSurviveTheirText() throws {
        let own = try #require(ProcessIdentity(of: getpid()))
        #expect(ProcessIdentity(own.text) == own)
        #expect(own.isRunning)
    }
}
