/// Why a measurement could not be made, in one line.
struct BenchError: Error, CustomStringConvertible {
    /// 2: what was asked for cannot be done as it is; 1: it was begun and failed.
    let exitCode: Int32
    let description: String

    /// Something is wrong with what was asked for.
    static func usage(_ message: String) -> BenchError { BenchError(exitCode: 2, description: message) }

    /// Something failed on the way.
    static func failed(_ message: String) -> BenchError { BenchError(exitCode: 1, description: message) }
}
