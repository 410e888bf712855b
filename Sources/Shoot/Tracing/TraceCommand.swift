import Application
import Bytes
import Domain
import Glibc
import Outbound
import Threads
import WireProtocols

/// `shoot trace`: sends one message, and shows what each process did with it and how long it took.
enum TraceCommand {
    /// Runs it and says what came of it; the exit status.
    static func run(_ options: TraceOptions) async -> Int32 {
        let environment = environment()
        let thread = BlockingPool(name: "trace", threads: 1, maxQueued: 1)
        do {
            let isWhole = try await thread.run { try follow(options, environment) }
            return isWhole ? ExitStatus.success : ExitStatus.failure
        } catch {
            complain("trace: \(error)")
            return ExitStatus.failure
        }
    }

    /// May block. Whether every stage was found.
    private static func follow(_ options: TraceOptions, _ environment: [String: String]) throws -> Bool {
        let client = try OutboundClient()
        let token = try token(options, environment, client)
        var random = RandomBits.ofTheSystem
        let trace = TraceContext(traceID: TraceID(using: &random), spanID: SpanID(using: &random), isSampled: true)
        let session = try TraceClient(url: options.url, token: token)
        try session.subscribe(to: options.room)
        let start = wallTime()
        try session.send(to: options.room, tempID: TempID(using: &random), trace: trace)
        let end = wallTime()
        session.end()

        let own = TracedStage(
            name: "client.send", process: "shoot trace", spanID: "\(trace.spanID)", parentID: nil,
            start: Int64(start.nanoseconds / 1000), duration: Int64((end.nanoseconds - start.nanoseconds) / 1000))
        let (stages, faults) = collect(trace.traceID, options.sources, client)
        let message = stages.lazy.compactMap(\.messageID).first ?? "unknown"
        let seq = stages.lazy.compactMap(\.seq).first.map { "\($0)" } ?? "unknown"
        say("trace \(trace.traceID)  room \(options.room)  message \(message)  seq \(seq)\n")
        TraceReport.lines([own] + stages).forEach(say)
        faults.forEach(complain)
        let missing = TraceSpan.Stage.allCases.map(\.rawValue).filter { name in !stages.contains { $0.name == name } }
        if !missing.isEmpty {
            complain("trace: no span of \(missing.joined(separator: ", ")); name every gateway and persister by --from")
        }
        return missing.isEmpty && faults.isEmpty
    }

    /// Asks all sources until the last stage is there, or it is too late; and what was wrong with them.
    private static func collect(
        _ trace: TraceID, _ sources: [String], _ client: OutboundClient
    ) -> (stages: [TracedStage], faults: [String]) {
        let deadline = ContinuousClock.now + .milliseconds(TraceLimits.collectMilliseconds)
        while true {
            var stages: [TracedStage] = []
            var faults: [String] = []
            for source in sources {
                do throws(TraceFailure) {
                    stages += try ask(source, trace, client)
                } catch {
                    faults.append("trace: \(source): \(error)")
                }
            }
            let isDone = stages.contains { $0.name == TraceSpan.Stage.finish.rawValue }
            // Where nobody can be asked, waiting brings nothing.
            if isDone || faults.count == sources.count || ContinuousClock.now >= deadline {
                // Two addresses may lead to one process.
                var seen: Set<String> = []
                return (stages.filter { seen.insert($0.spanID).inserted }, faults)
            }
            usleep(UInt32(TraceLimits.pollMilliseconds) * 1000)
        }
    }

    private static func ask(
        _ source: String, _ trace: TraceID, _ client: OutboundClient
    ) throws(TraceFailure) -> [TracedStage] {
        let answer = try exchange(OutboundRequest(url: "\(source)/debug/traces/\(trace)"), client)
        guard answer.status != 404 else { throw TraceFailure("it keeps no spans; set telemetry.recentSpans there") }
        guard answer.status == 200, let stages = TracedStage.stages(inAnswer: answer.body) else {
            throw TraceFailure("it answered \(answer.status)")
        }
        return stages
    }

    private static func token(
        _ options: TraceOptions, _ environment: [String: String], _ client: OutboundClient
    ) throws(TraceFailure) -> String {
        if let file = options.tokenFile {
            guard let text = contents(of: file) else { throw TraceFailure("\(file) cannot be read") }
            let token = text.filter { !$0.isWhitespace }
            guard !token.isEmpty else { throw TraceFailure("\(file) holds no token") }
            return token
        }
        guard let name = environment["SHOOT_TRACE_USERNAME"], let password = environment["SHOOT_TRACE_PASSWORD"] else {
            throw TraceFailure("name a --token-file, or set SHOOT_TRACE_USERNAME and SHOOT_TRACE_PASSWORD")
        }
        var body = ByteWriter(capacity: 128)
        body.append("{\"username\":")
        body.append(jsonString: name)
        body.append(",\"password\":")
        body.append(jsonString: password)
        body.append("}")
        let answer = try exchange(
            OutboundRequest(
                url: "\(options.url)/api/v1/auth/login", headers: ["Content-Type: application/json"], body: body.bytes),
            client)
        let json = try? JSONValue(parsing: answer.body.span)
        guard answer.status == 200, let token = json?["data"]?["accessToken"]?.string else {
            throw TraceFailure("the login was answered \(answer.status) \(json?["error"]?["code"]?.string ?? "")")
        }
        return token
    }

    private static func exchange(
        _ request: OutboundRequest, _ client: OutboundClient
    ) throws(TraceFailure) -> OutboundAnswer {
        do throws(OutboundError) {
            return try client.exchange(request)
        } catch {
            throw TraceFailure("\(error)")
        }
    }

    private static func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: TraceLimits.maxTokenBytes)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(validating: bytes.prefix(count), as: UTF8.self)
    }
}

extension OutboundRequest {
    /// A request of `shoot trace`, with its time-out.
    fileprivate init(url: String, headers: [String] = [], body: [UInt8]? = nil) {
        self.init(url: url, headers: headers, body: body, timeoutMilliseconds: TraceLimits.stepMilliseconds)
    }
}
