import Foundation

/// The end of a log file, for messages about the process that wrote it.
enum LogTail {
    static func lines(of path: String) -> [String] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: size - min(size, UInt64(LauncherLimits.logTailBytes)))
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(LauncherLimits.logTailLines).map(String.init)
    }
}
