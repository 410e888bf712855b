/// Reads `--name value` pairs and `--flag`s; every mistake is a usage error of one line.
struct OptionReader {
    private var values: [String: [String]] = [:]
    private var flags: Set<String> = []
    private let command: String

    /// - Parameters:
    ///   - valued: options that take a value; each may come several times.
    ///   - flags: options that take none.
    init(_ command: String, _ arguments: ArraySlice<String>, valued: Set<String>, flags: Set<String>) throws(BenchError)
    {
        self.command = command
        var rest = arguments
        while let name = rest.popFirst() {
            if flags.contains(name) {
                self.flags.insert(name)
            } else if valued.contains(name) {
                guard let value = rest.popFirst() else { throw .usage("\(command): \(name) needs a value") }
                values[name, default: []].append(value)
            } else {
                throw .usage("\(command): there is no option \(name) (--help shows all)")
            }
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    func text(_ name: String) -> String? { values[name]?.last }

    func required(_ name: String) throws(BenchError) -> String {
        guard let value = text(name) else { throw .usage("\(command): \(name) is needed") }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int>, default value: Int) throws(BenchError) -> Int {
        guard let text = text(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw .usage("\(command): \(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func number(_ name: String, _ range: ClosedRange<Double>, default value: Double) throws(BenchError) -> Double {
        guard let text = text(name) else { return value }
        guard let number = Double(text), range.contains(number) else {
            throw .usage("\(command): \(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The lines of a file that an option names, empty ones left out; nil where it is not given.
    func lines(_ name: String) throws(BenchError) -> [String]? {
        guard let path = text(name) else { return nil }
        guard let text = TextFile.read(path) else { throw .usage("\(command): \(name): cannot read \(path)") }
        return text.split(separator: "\n").map(String.init)
    }
}
