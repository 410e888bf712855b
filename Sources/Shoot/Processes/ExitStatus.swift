import Glibc

/// How the program ends.
enum ExitStatus {
    /// All went well.
    static let success: Int32 = 0
    /// Something failed; it has been told on standard error.
    static let failure: Int32 = 1
    /// It was used or configured wrongly; one line on standard error says how.
    static let usage: Int32 = 2
}

/// Ends the process without waiting for anything: whoever asks twice means it.
func exitAtOnce() { _exit(ExitStatus.failure) }

/// Writes a line for a person on standard error.
func complain(_ line: String) {
    let bytes = Array("shoot: \(line)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Writes lines on standard output.
func say(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
