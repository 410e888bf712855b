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
