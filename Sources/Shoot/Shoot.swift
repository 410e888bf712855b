import Glibc
import Launcher

/// The program: reads the command line and the configuration, and runs what is asked for.
@main
enum Shoot {
    static func main() {
        let command: Command
        do throws(Command.UsageError) {
            command = try Command.parse(Array(CommandLine.arguments.dropFirst()))
        } catch {
            complain(error.line)
            exit(ExitStatus.usage)
        }
        if command == .local(isCluster: true) {
            // It has to catch signals before there is any other thread: no task may have run yet.
            exit(LocalCluster.run(binary: executablePath(), stateFolder: ".state/run", demo: true))
        }
        // Detached: the main thread waits, and could not run what belongs to the main actor.
        Task.detached { exit(await run(command)) }
        while true {
            pause()
        }
    }

    private static func run(_ command: Command) async -> Int32 {
        switch command {
        case .bench(let arguments): return BenchTool.run(arguments)
        case .version: say("shoot \(Version.number)")
        case .help(let name): say(Help.text(for: name))
        case .trace(let options): return await TraceCommand.run(options)
        case .deadLetters(let options): return await configured { try await DeadLetterCommand.run(options, $0) }
        case .gateway: return await configured { try await GatewayCommand.run($0) }
        case .persister: return await configured { try await PersisterCommand.run($0) }
        case .migrate: return await configured { try await MigrateCommand.run($0) }
        case .local: return await configured { try await LocalCommand.run($0) }
        }
        return ExitStatus.success
    }

    /// Runs `body` with the configuration; says in one line what is wrong with it, or why it could not start.
    private static func configured(_ body: (Configuration) async throws -> Void) async -> Int32 {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(environment: environment(), hostName: hostName())
        } catch {
            complain("\(error)")
            return ExitStatus.usage
        }
        do {
            try await body(configuration)
            return ExitStatus.success
        } catch let error as Command.UsageError {
            complain(error.line)
            return ExitStatus.usage
        } catch let error as ConfigurationError {
            complain("\(error)")
            return ExitStatus.usage
        } catch {
            complain("\(error)")
            return ExitStatus.failure
        }
    }
}
