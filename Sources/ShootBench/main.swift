import Glibc

do throws(UsageError) {
    let command = try BenchCommand(arguments: Array(CommandLine.arguments.dropFirst()))
    exit(await command.run())
} catch {
    Console.complain(error.message)
    exit(2)
}
