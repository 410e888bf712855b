/// What `shoot` is asked to do.
enum Command: Equatable {
    case gateway
    case persister
    case migrate
    /// Gateway and persister in one process; `isCluster`: two gateways, a persister and a balancer as processes.
    case local(isCluster: Bool)
    /// Sends one message and shows its way.
    case trace(TraceOptions)
    /// Shows or settles what could not be stored.
    case deadLetters(DeadLetterOptions)
    /// Measures: the load tool takes these arguments.
    case bench([String])
    case version
    /// The help of one command, or the list of all.
    case help(String?)

    /// Wrong use: one line that says what is wrong.
    struct UsageError: Error, Equatable {
        let line: String
    }

    /// Reads the arguments behind the program's name.
    static func parse(_ arguments: [String]) throws(UsageError) -> Command {
        guard let name = arguments.first else { throw UsageError(line: "say what to run; see shoot --help") }
        let rest = Array(arguments.dropFirst())
        switch name {
        case "--version": return try alone(.version, name, rest)
        case "--help", "-h", "help": return try alone(.help(nil), name, rest)
        case "bench": return .bench(rest)
        case "gateway", "persister", "migrate", "local", "trace", "dlq": break
        default: throw UsageError(line: "there is no command \(name); see shoot --help")
        }
        if rest.contains("--help") || rest.contains("-h") { return .help(name) }
        switch name {
        case "gateway": return try alone(.gateway, name, rest)
        case "persister": return try alone(.persister, name, rest)
        case "migrate": return try alone(.migrate, name, rest)
        case "trace": return .trace(try TraceOptions.parse(rest))
        case "dlq": return .deadLetters(try DeadLetterOptions.parse(rest))
        default:
            let isCluster = rest == ["--cluster"]
            return isCluster ? .local(isCluster: true) : try alone(.local(isCluster: false), name, rest)
        }
    }

    private static func alone(_ command: Command, _ name: String, _ rest: [String]) throws(UsageError) -> Command {
        guard let extra = rest.first else { return command }
        throw UsageError(
            line: "\(name) does not take \(extra); see shoot \(name.hasPrefix("-") ? "" : name + " ")--help")
    }
}
