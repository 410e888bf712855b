import Foundation

/// A folder for data that nobody wants after this process: it is removed when the process ends, however it ends.
public enum TemporaryFolder {
    /// Makes one directly below `/tmp`, where every system user may pass, as PostgreSQL's must: `TMPDIR` may be closed
    /// to others. One a process: asked again, the earlier ones stay behind.
    /// - Throws: `.system`.
    public static func make(prefix: String) throws(LauncherError) -> String {
        var template = Array("/tmp/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LauncherError(.system, "Cannot make a folder in /tmp: \(String(cString: strerror(errno))).")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
        try Watchdog.shared().removeAtEnd(path)
        return path
    }
}
