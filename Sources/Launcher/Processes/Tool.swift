import Foundation

/// Finds the programs that are started.
public enum Tool {
    /// The full path of a program: on `PATH`, then in `folders`.
    /// - Throws: `.missingTool`, naming what installs it.
    public static func find(_ name: String, alsoIn folders: [String] = []) throws(LauncherError) -> String {
        let searched = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        // Daemons live in sbin, which is not on everybody's path.
        for folder in searched + ["/usr/local/sbin", "/usr/sbin", "/sbin"] + folders {
            let path = folder + "/" + name
            if access(path, X_OK) == 0 { return path }
        }
        throw LauncherError(.missingTool, "\(name) is not installed: run scripts/install.sh, then try again.")
    }
}

/// Finds files of the project that a program built in it needs at run time.
public enum ProjectFiles {
    /// The path of `relative`, looked for in the folder of the running executable and all above it, then in the
    /// current folder and all above it.
    public static func find(_ relative: String) -> String? {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for start in [executable, FileManager.default.currentDirectoryPath + "/-"] {
            var folder = (start as NSString).deletingLastPathComponent
            while !folder.isEmpty {
                let path = (folder as NSString).appendingPathComponent(relative)
                if FileManager.default.fileExists(atPath: path) { return path }
                if folder == "/" { break }
                folder = (folder as NSString).deletingLastPathComponent
            }
        }
        return nil
    }

    /// As `find`, for files without which nothing can go on.
    static func require(_ relative: String) throws(LauncherError) -> String {
        guard let path = find(relative) else {
            throw LauncherError(.missingTool, "\(relative) is missing: run this from a complete clone of the project.")
        }
        return path
    }
}
