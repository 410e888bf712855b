/// The part of a document that a program writes, between two marks; the rest is written by hand.
struct MeasuredBlock {
    private let path: String
    private let before: Substring
    private let after: Substring
    /// What the block holds now.
    let text: String

    private static let begin = "<!-- measured: begin -->\n"
    private static let end = "<!-- measured: end -->\n"

    init(of path: String) throws(BenchError) {
        guard let whole = TextFile.read(path), let from = whole.firstRange(of: Self.begin),
            let to = whole.firstRange(of: Self.end), from.upperBound <= to.lowerBound
        else { throw .failed("\(path) has no place for the measurements (\(Self.begin.dropLast()))") }
        self.path = path
        before = whole[..<from.upperBound]
        after = whole[to.lowerBound...]
        text = String(whole[from.upperBound..<to.lowerBound])
    }

    /// Puts `text` into the place of what is there.
    func replace(with text: String) throws(BenchError) {
        try TextFile.write("\(before)\n\(text)\n\(after)", to: path)
    }
}
