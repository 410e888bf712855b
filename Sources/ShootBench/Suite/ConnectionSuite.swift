import Glibc
import Launcher

/// Measures what connections cost.
struct ConnectionSuite {
    let stack: BenchStack
    let repeats: Int
    let seconds: Double

    /// What idle connections come to.
    struct Idle {
        let connections: Int
        /// Of the gateway, before and with them.
        let before, with: UInt64

        var bytesEach: Double { Double(with - min(with, before)) / Double(connections) }
    }

    /// M1: connections that are subscribed to a room and say nothing.
    func idle(_ count: Int) async throws -> Idle {
        let perRoom = 100
        let crowd = try await Crowd.make(stack, rooms: count / perRoom, subscribers: perRoom)
        try stack.start(persister: false)
        defer { stack.stopProcesses() }
        let gateway = stack.gateways[0]
        // One goes before, so that what is made once is not counted as theirs.
        let warmUp = try LoadRun(plan(gateway, crowd, rooms: 1, perRoom), progress: Progress())
        try warmUp.open()
        let before = ProcessUsage.residentBytes(of: gateway.process.pid)
        let run = try LoadRun(
            plan(gateway, crowd, rooms: crowd.rooms.count - 1, perRoom), progress: Progress("M1"))
        try run.open()
        usleep(1_500_000)
        let with = ProcessUsage.residentBytes(of: gateway.process.pid)
        return Idle(connections: run.connections.count, before: before, with: with)
    }

    /// C1: whole cycles a second.
    struct Cycles {
        var gateway: [Double] = []
        /// Over TLS, with a full handshake in each.
        var secured: [Double] = []
        var plain: [Double] = []
    }

    /// C1: connect, subscribe, disconnect.
    func cycles() async throws -> Cycles {
        let crowd = try await Crowd.make(stack, rooms: 1, subscribers: 64)
        let certificate = try makeCertificate()
        var cycles = Cycles()
        for _ in 1...repeats {
            cycles.gateway.append(try onGateway(crowd))
            cycles.secured.append(try onGateway(crowd, settings: certificate))
            let server = try PlainProcess(frameBytes: 0)
            defer { server.stop() }
            cycles.plain.append(try run(crowd, server.url))
        }
        return cycles
    }

    private func onGateway(_ crowd: Crowd, settings: [String: String] = [:]) throws -> Double {
        try stack.start(persister: false, settings: settings)
        defer { stack.stopProcesses() }
        return try run(crowd, stack.gateways[0].url)
    }

    private func run(_ crowd: Crowd, _ url: String) throws -> Double {
        try CycleRun(endpoint: try Endpoint(url), room: crowd.rooms[0], tokens: crowd.tokens).run(seconds: seconds)
    }

    /// Makes a certificate on the curve P-256, and says how a gateway is told of it.
    private func makeCertificate() throws -> [String: String] {
        let (certificate, key) = (stack.file("certificate.pem"), stack.file("key.pem"))
        let command = try ChildProcess.start(
            "openssl", executable: try Tool.find("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-keyout", key, "-out", certificate,
            ], logFile: stack.file("openssl.log"))
        guard case .exited(0)? = command.waitForExit(within: .seconds(10)) else {
            command.terminate(grace: .zero)
            throw BenchError.failed("no certificate: \(command.logTail.joined(separator: " "))")
        }
        return ["SHOOT_HTTP_TLS_CERTIFICATE_FILE": certificate, "SHOOT_HTTP_TLS_KEY_FILE": key]
    }

    private func plan(_ gateway: BenchStack.Gateway, _ crowd: Crowd, rooms: Int, _ perRoom: Int) throws -> LoadPlan {
        var plan = LoadPlan(endpoints: [try Endpoint(gateway.url)], rooms: Array(crowd.rooms.suffix(rooms)))
        plan.tokens = Array(crowd.tokens.suffix(rooms * perRoom))
        plan.subscribersPerRoom = perRoom
        return plan
    }
}
