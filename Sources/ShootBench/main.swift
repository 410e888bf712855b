import Glibc

do {
    exit(try await BenchCommand.run(Array(CommandLine.arguments.dropFirst())))
} catch {
    Console.complain("\(error)")
    exit((error as? BenchError)?.exitCode ?? 1)
}
