import Foundation

/// A whole Shoot on one machine, as `make run` shows it: the stores, two gateways, a persister, a balancer.
public enum LocalCluster {
    /// Starts all of it, plays the demonstration, stays up until SIGINT, SIGTERM or SIGHUP, then stops all of it.
    /// Call it on the main thread before there are others: see `StopRequest.onSignals`.
    /// - Parameters:
    ///   - binary: the `shoot` to start the gateways and the persister from.
    ///   - stateFolder: for data and logs; made when it is missing, used again by the next run.
    ///   - demo: whether to play the demonstration.
    /// - Returns: the exit status: 0 after a requested stop, 1 when something failed (told on standard error).
    public static func run(binary: String, stateFolder: String, demo: Bool) -> Int32 {
        // A pipe that nobody reads any more must not end the launcher before its children.
        signal(SIGPIPE, SIG_IGN)
        let stop = StopRequest.onSignals()
        let cluster: RunningCluster
        do {
            let folder = try StateFolder(absolute(stateFolder)) { say("  " + $0) }
            cluster = RunningCluster(binary: binary, folder: folder, stop: stop)
        } catch {
            complain(error)
            return 1
        }
        return keepUp(cluster, stop: stop, demo: demo)
    }

    private static func keepUp(_ cluster: RunningCluster, stop: StopRequest, demo: Bool) -> Int32 {
        var status: Int32 = 0
        do {
            say("Starting Shoot")
            try cluster.start()
            if demo { try cluster.demonstrate() }
            say(cluster.addresses)
            try cluster.watch()
        } catch {
            if error.code != .interrupted {
                complain(error)
                status = 1
            }
        }
        say("Stopping Shoot")
        cluster.stopAll()
        say("Stopped")
        return status
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private static func complain(_ error: LauncherError) {
        FileHandle.standardError.write(Data("shoot: \(error)\n".utf8))
    }
}
