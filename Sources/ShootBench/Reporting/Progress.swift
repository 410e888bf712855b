import Glibc

/// Says on standard error how far a run is: on one line of a terminal, else not at all.
struct Progress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private let label: String

    init(_ label: String = "") { self.label = label.isEmpty ? "" : label + ": " }

    func show(_ text: String) {
        guard isShown else { return }
        Console.note("\r\u{1b}[K\(label)\(text)")
    }

    /// Takes the line away.
    func end() {
        guard isShown else { return }
        Console.note("\r\u{1b}[K")
    }
}
