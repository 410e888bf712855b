import Glibc

/// Reads the file into memory, within its bound.
enum ConfigurationFile {
    /// - Parameter mayBeMissing: a missing file is an empty one.
    static func read(_ path: String, mayBeMissing: Bool) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if mayBeMissing, errno == ENOENT { return [] }
            throw ConfigurationError(subject: path, rule: "can not be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else {
                throw ConfigurationError(subject: path, rule: "can not be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { return text }
            text += part[..<count]
            guard text.count <= ConfigurationLimits.fileBytes else {
                throw ConfigurationError(
                    subject: path, rule: "must not be larger than \(ConfigurationLimits.fileBytes) bytes")
            }
        }
    }
}
