import Foundation

/// The processes of a local cluster, in the order in which they were started.
final class RunningCluster {
    private let binary: String
    private let folder: StateFolder
    private let stop: StopRequest
    private let ports = ClusterPorts()
    private var stack: Stack?
    private var gateways: [ChildProcess] = []
    private var persister: ChildProcess?
    private var balancer: HAProxy?

    init(binary: String, folder: StateFolder, stop: StopRequest) {
        self.binary = binary
        self.folder = folder
        self.stop = stop
    }

    /// - Throws: what kept one of them from becoming ready; the others go on until `stopAll`.
    func start() throws(LauncherError) {
        try ports.requireFree()
        try StateFolder.make(logs)
        let stack = try Stack.start(in: folder, ports: .fixed, stop: stop) { LocalCluster.say("  \($0)") }
        self.stack = stack
        try migrate(stack)
        for (number, port) in [ports.gateways.0, ports.gateways.1].enumerated() {
            let id = "gateway-\(number + 1)"
            gateways.append(try launch(id, ["gateway"], ["SHOOT_GATEWAY_ID": id, "SHOOT_HTTP_PORT": "\(port)"]))
        }
        let persister = try launch("persister", ["persister"], ["SHOOT_PERSISTER_HTTP_PORT": "\(ports.persister)"])
        self.persister = persister
        try waitUntilReady(gateways[0], ports.gateways.0)
        try waitUntilReady(gateways[1], ports.gateways.1)
        try waitUntilReady(persister, ports.persister)
        let balancer = try HAProxy.start(
            port: ports.balancer, gateways: ports.gateways, logFile: logs + "/haproxy.log", stop: stop)
        folder.record(balancer.process)
        self.balancer = balancer
        LocalCluster.say("  HAProxy    127.0.0.1:\(ports.balancer)")
    }

    /// Plays `scripts/demo.py` against the balancer and both gateways; what it shows goes to standard output.
    func demonstrate() throws(LauncherError) {
        let demo = try ChildProcess.start(
            "The demonstration", executable: ProjectFiles.require(".state/venv/bin/python"),
            arguments: [
                "-u", ProjectFiles.require("scripts/demo.py"), "--balancer", "127.0.0.1:\(ports.balancer)",
                "--gateways", "127.0.0.1:\(ports.gateways.0)", "127.0.0.1:\(ports.gateways.1)",
            ])
        defer { demo.terminate() }
        let ended = try waitUntil(within: LauncherLimits.demonstration, stop: stop) { () throws(LauncherError) in
            !demo.isRunning
        }
        guard ended else { throw LauncherError(.timedOut, "The demonstration did not come to its end.") }
        guard demo.exitStatus == .exited(0) else { throw LauncherError(.ended, "The demonstration failed.") }
    }

    /// Stays until a stop is asked for.
    /// - Throws: `.ended` when one of the processes ends by itself.
    func watch() throws(LauncherError) {
        while !stop.isRequested {
            for process in processes {
                guard let status = process.exitStatus, !stop.isRequested else { continue }
                throw LauncherError(.ended, "\(process.name) \(status) by itself.", logTail: process.logTail)
            }
            pause(LauncherLimits.watchInterval)
        }
    }

    /// Gateways first, side by side: they tell their clients to move and finish what is in flight, for which they need
    /// all the others; the stores last.
    func stopAll() {
        for gateway in gateways { gateway.kill(gateway.stopSignal) }
        for gateway in gateways { gateway.terminate() }
        persister?.terminate()
        balancer?.stop()
        stack?.stop()
        folder.forgetChildren()
    }

    var addresses: String {
        """

        Shoot is up: Ctrl-C stops it.
          REST and STOMP   http://127.0.0.1:\(ports.balancer)   ws://127.0.0.1:\(ports.balancer)/ws/chat   (balancer)
          gateways         http://127.0.0.1:\(ports.gateways.0)   http://127.0.0.1:\(ports.gateways.1)
          metrics          /metrics of either gateway, and http://127.0.0.1:\(ports.persister)/metrics (persister)
          health           /health/ready of each of them
          Redis            \(stack?.redisURL ?? "")
          PostgreSQL       \(stack?.postgresURL ?? "")
          MongoDB          \(stack?.mongoURL ?? "")
          logs             \(logs)
        """
    }

    private var logs: String { folder.path + "/logs" }

    private var processes: [ChildProcess] {
        (stack?.servers.map(\.process) ?? []) + gateways + [persister, balancer?.process].compactMap(\.self)
    }

    private func migrate(_ stack: Stack) throws(LauncherError) {
        let migration = try launch("migrate", ["migrate"], [:])
        let ended = try waitUntil(within: LauncherLimits.databaseCreation, stop: stop) { () throws(LauncherError) in
            !migration.isRunning
        }
        guard ended, migration.exitStatus == .exited(0) else {
            let status = migration.terminate()
            throw LauncherError(.ended, "shoot migrate \(status).", logTail: migration.logTail)
        }
    }

    private func launch(
        _ name: String, _ arguments: [String], _ environment: [String: String]
    ) throws(LauncherError) -> ChildProcess {
        let all = (stack?.environment ?? [:]).merging(environment) { _, own in own }
        let process = try ChildProcess.start(
            name, executable: binary, arguments: arguments, environment: all, logFile: logs + "/\(name).log")
        folder.record(process)
        return process
    }

    private func waitUntilReady(_ process: ChildProcess, _ port: UInt16) throws(LauncherError) {
        try process.waitUntilReady(stop: stop) { () throws(LauncherError) in
            HTTPProbe.status(port: port, path: "/health/ready") == 200
        }
        LocalCluster.say("  \(process.name.padding(toLength: 10, withPad: " ", startingAt: 0)) 127.0.0.1:\(port)")
    }
}
