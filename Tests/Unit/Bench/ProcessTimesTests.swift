import Foundation
import Launcher
import Testing

@testable import ShootBench

/// What CPU time is told of processes.
@Suite(.timeLimit(.minutes(1))) struct ProcessTimesTests {
    @Test func childrenCountWhereTheyAreAskedFor() throws {
        // The shell waits, its child works.
        let script = "(while :; do :; done); :"
        let shell = try ChildProcess.start("shell", executable: "/bin/sh", arguments: ["-c", script])
        defer {
            // Both: it leads a session.
            kill(-shell.pid, SIGKILL)
            shell.terminate(grace: .zero)
        }
        let before = ProcessTimes(of: shell.pid, withChildren: true, withThreads: true)
        var with = before
        while with.since(before).total < 50_000_000 {
            with = ProcessTimes(of: shell.pid, withChildren: true, withThreads: true)
        }
        #expect(with.threads["sh", default: 0] > 0)
        #expect(with.kernel <= with.total)
        let alone = ProcessTimes(of: shell.pid, withChildren: false, withThreads: false)
        #expect(alone.total < with.total)
        #expect(alone.threads.isEmpty)
    }

    @Test func aProcessThatHasEndedTookNothing() throws {
        let process = try ChildProcess.start("true", executable: "/bin/true")
        #expect(process.waitForExit(within: .seconds(30)) == .exited(0))
        #expect(ProcessTimes(of: process.pid, withChildren: true, withThreads: true).total == 0)
    }
}
