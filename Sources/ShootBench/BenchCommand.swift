/// Why a command line was refused, in one line.
struct UsageError: Error {
    let message: String
}

/// What the command line asks for.
enum BenchCommand {
    case help
    case echo(EchoOptions)

    static let usage = """
        usage: shoot-bench <command> [options]

          echo --port N    run a WebSocket echo server on 127.0.0.1, for conformance tests (port 0: any free one)
          --help           show this

        """

    /// Reads the command line without the program's name.
    init(arguments: [String]) throws(UsageError) {
        guard let name = arguments.first else {
            throw UsageError(message: "name a command: echo (--help shows how)")
        }
        if name == "--help" || name == "-h" || arguments.contains("--help") {
            self = .help
            return
        }
        switch name {
        case "echo": self = .echo(try EchoOptions(arguments: arguments.dropFirst()))
        default: throw UsageError(message: "unknown command \(name): the one there is is echo (--help shows how)")
        }
    }

    /// Does what was asked for and returns the exit code.
    func run() async -> Int32 {
        switch self {
        case .help:
            Console.say(Self.usage)
            return 0
        case .echo(let options): return await EchoServer.run(options)
        }
    }
}

/// The options of `echo`.
struct EchoOptions {
    let port: UInt16

    /// Reads what follows the command.
    init(arguments: ArraySlice<String>) throws(UsageError) {
        guard arguments.first == "--port" else { throw UsageError(message: "echo needs --port N (0: any free one)") }
        let values = arguments.dropFirst()
        guard let text = values.first, let port = UInt16(text) else {
            throw UsageError(message: "--port needs a number from 0 to 65535")
        }
        guard values.count == 1 else { throw UsageError(message: "echo takes nothing besides --port N") }
        self.port = port
    }
}
