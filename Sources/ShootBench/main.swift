import Dispatch
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())

/// Ends the process as an error asks for it.
func end(_ error: any Error) -> Never {
    Console.complain("\(error)")
    exit((error as? BenchError)?.exitCode ?? 1)
}

// Before the main thread goes to Dispatch, which ends it: valgrind does not survive that.
if arguments.first == "codecs", !arguments.contains("--help") {
    do {
        exit(try CodecsCommand.run(arguments.dropFirst()))
    } catch {
        end(error)
    }
}
Task {
    do {
        exit(try await BenchCommand.run(arguments))
    } catch {
        end(error)
    }
}
dispatchMain()
