import Foundation
import Launcher
import Synchronization

/// The one folder of this test process, for all that it writes; removed when the process ends, however it ends.
public enum TestFolder {
    private static let made = Mutex<String?>(nil)

    /// Its path; made when it is asked for first.
    public static func path() throws -> String {
        try made.withLock { made in
            if let made { return made }
            let path = try TemporaryFolder.make(prefix: "shoot-test-")
            made = path
            return path
        }
    }

    /// A new, empty folder in it.
    public static func makeFolder(_ name: String) throws -> String {
        let path = try path() + "/\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
