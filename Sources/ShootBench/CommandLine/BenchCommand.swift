/// What the command line asks for.
enum BenchCommand {
    static let usage = """
        usage: shoot-bench COMMAND [options]   (COMMAND --help shows each)

          load     put load on a server of STOMP over WebSocket and check what comes back
          suite    measure everything on a Shoot of its own and write the report (make bench)
          chaos    break one thing after the other under load and check what clients were told (make chaos)
          micro    measure single operations, and count allocations
          codecs   do operations that need no server, one by one
          plain    run a server that only passes on, as a yardstick
          echo     run a WebSocket echo server, for conformance tests

        """

    /// Does what was asked for and returns the exit status.
    static func run(_ arguments: [String]) async throws -> Int32 {
        guard let name = arguments.first else {
            throw BenchError.usage("name a command: load, suite, chaos, micro, codecs, plain or echo (--help)")
        }
        let rest = arguments.dropFirst()
        let wantsHelp = rest.contains("--help") || rest.contains("-h")
        switch name {
        case "--help", "-h": Console.say(usage)
        case "load" where wantsHelp: Console.say(LoadCommand.help)
        case "load": return try LoadCommand.run(rest)
        case "suite" where wantsHelp: Console.say(SuiteCommand.help)
        case "suite": return try await SuiteCommand.run(rest)
        case "chaos" where wantsHelp: Console.say(ChaosCommand.help)
        case "chaos": return try await ChaosCommand.run(rest)
        case "micro" where wantsHelp: Console.say(MicroCommand.help)
        case "micro": return try await MicroCommand.run(rest)
        case "codecs" where wantsHelp: Console.say(CodecsCommand.help)
        case "codecs": return try CodecsCommand.run(rest)
        case "plain" where wantsHelp: Console.say(PlainCommand.help)
        case "plain": try PlainCommand.run(rest)
        case "echo" where wantsHelp: Console.say(EchoCommand.help)
        case "echo": return await EchoServer.run(port: try EchoCommand.port(rest))
        default: throw BenchError.usage("there is no command \(name) (--help shows all)")
        }
        return 0
    }
}

/// `shoot-bench plain`.
enum PlainCommand {
    static let help = """
        usage: shoot-bench plain --port N [--frame-bytes N]

        Passes every SEND on to the subscribers of its room on 127.0.0.1, and does nothing else (port 0: any free one).
          --frame-bytes N   what a MESSAGE frame is padded to (0)

        """

    static func run(_ arguments: ArraySlice<String>) throws(BenchError) {
        let options = try OptionReader("plain", arguments, valued: ["--port", "--frame-bytes"], flags: [])
        _ = try options.required("--port")
        let port = try options.integer("--port", 0...65_535, default: 0)
        let frameBytes = try options.integer("--frame-bytes", 0...60_000, default: 0)
        try PlainServer(port: UInt16(port), frameBytes: frameBytes).run()
    }
}

/// `shoot-bench echo`.
enum EchoCommand {
    static let help = """
        usage: shoot-bench echo --port N

        Sends every WebSocket message back, on 127.0.0.1 (port 0: any free one).

        """

    static func port(_ arguments: ArraySlice<String>) throws(BenchError) -> UInt16 {
        let options = try OptionReader("echo", arguments, valued: ["--port"], flags: [])
        _ = try options.required("--port")
        return UInt16(try options.integer("--port", 0...65_535, default: 0))
    }
}
