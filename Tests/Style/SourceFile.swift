import Foundation

/// A Swift file of this package, as the style tests look at it: line by line. `swift format` holds the form on which the
/// reading of functions rests: a body ends at a brace as deep as its declaration.
struct SourceFile: CustomStringConvertible {
    /// Relative to the package.
    let path: String
    let lines: [String]

    var description: String { path }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// All Swift files below these folders of the package.
    static func all(below folders: [String]) throws -> [SourceFile] {
        try folders.flatMap { folder in
            let paths = try FileManager.default.subpathsOfDirectory(atPath: package.appending(path: folder).path)
            return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { try read("\(folder)/\($0)") }
        }
    }

    /// A text file of the package, whatever is in it.
    static func read(_ path: String) throws -> SourceFile {
        SourceFile(path: path, text: try String(contentsOf: package.appending(path: path), encoding: .utf8))
    }

    /// The folder of the package.
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The functions and initializers, with the number of lines from declaration to closing brace.
    var functions: [(line: Int, name: String, length: Int)] {
        let declaration = /^\s*(?:[@a-z][\w()@ ]* )?(?<name>func [^\s(<]+|init(?=[?(<])|deinit|subscript(?=[(<]))/
        return lines.indices.compactMap { index in
            guard let match = try? declaration.prefixMatch(in: lines[index]) else { return nil }
            return lastLine(ofDeclarationAt: index).map { (index + 1, String(match.name), $0 - index + 1) }
        }
    }

    /// nil for a requirement of a protocol, which has no body.
    private func lastLine(ofDeclarationAt first: Int) -> Int? {
        let depth = lines[first].prefix { $0 == " " }
        var index = first
        while !lines[index].hasSuffix("{") {
            if lines[index].hasSuffix("}") { return index }
            index += 1
            guard index < lines.count else { return nil }
            let goesOn = lines[index].hasPrefix(depth + "  ") || lines[index].hasPrefix(depth + ")")
            guard goesOn else { return nil }
        }
        return lines[(index + 1)...].firstIndex { $0.hasPrefix(depth + "}") }
    }

    /// The numbers of the lines that hold `text` outside of comments.
    func lines(with text: String) -> [Int] {
        lines.indices.filter { index in
            let code = lines[index].firstRange(of: "//").map { lines[index][..<$0.lowerBound] } ?? lines[index][...]
            return code.contains(text)
        }.map { $0 + 1 }
    }

    /// Whether a documentation comment stands right above the line, attributes between them left aside.
    func isDocumented(line: Int) -> Bool {
        let above = lines[..<(line - 1)].last { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("@") }
        return above?.trimmingCharacters(in: .whitespaces).hasPrefix("///") == true
    }
}
