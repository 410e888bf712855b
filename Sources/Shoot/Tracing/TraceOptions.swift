import Domain

/// What `shoot trace` is asked for.
struct TraceOptions: Equatable {
    /// The gateway that the message is sent to.
    let url: String
    let room: RoomID
    /// Where the access token is; nil: it is asked for with a name and a password of the environment.
    let tokenFile: String?
    /// Whom to ask for spans; the gateway itself unless others are named.
    let sources: [String]

    /// Reads the arguments behind `trace`.
    static func parse(_ arguments: [String]) throws(Command.UsageError) -> TraceOptions {
        var values: [String: [String]] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard ["--url", "--room", "--token-file", "--from"].contains(name) else {
                throw Command.UsageError(line: "trace does not take \(name); see shoot trace --help")
            }
            guard let value = rest.popFirst(), !value.hasPrefix("--") else {
                throw Command.UsageError(line: "trace needs a value after \(name); see shoot trace --help")
            }
            guard values[name] == nil || name == "--from" else {
                throw Command.UsageError(line: "trace takes \(name) once; see shoot trace --help")
            }
            values[name, default: []].append(value)
        }
        let url = try address(values["--url"]?.first, of: "--url")
        guard let room = values["--room"]?.first.flatMap({ RoomID(hex: $0) }) else {
            throw Command.UsageError(line: "trace needs --room with 24 hexadecimal digits; see shoot trace --help")
        }
        var sources: [String] = []
        for source in values["--from"] ?? [] {
            sources.append(try address(source, of: "--from"))
        }
        return TraceOptions(
            url: url, room: room, tokenFile: values["--token-file"]?.first, sources: sources.isEmpty ? [url] : sources)
    }

    /// A URL without a slash at its end, so that a path can follow.
    private static func address(_ text: String?, of name: String) throws(Command.UsageError) -> String {
        guard let text, text.hasPrefix("http://") || text.hasPrefix("https://") else {
            throw Command.UsageError(line: "trace needs \(name) with http:// or https://; see shoot trace --help")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
