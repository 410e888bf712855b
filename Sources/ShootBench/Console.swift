import Glibc

/// Writes whole lines to the terminal at once, past stdio's buffers, which Swift takes for shared mutable state.
enum Console {
    /// Writes to standard output.
    static func say(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes to standard error.
    static func note(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes one line, named for the program, to standard error.
    static func complain(_ message: String) { write("shoot-bench: \(message)\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
