import CCrypt
import Glibc

/// bcrypt as libxcrypt has it (`$2b$`). Both calls take as long as the cost says: they may block for a second.
enum Bcrypt {
    /// How many random bytes a salt is made of.
    static let saltBytes = 16

    /// The settings of a new hash, `$2b$<cost>$<salt>`; nil where the library does not take them.
    static func settings(cost: Int, randomBytes: [UInt8]) -> String? {
        let random = randomBytes.map { CChar(bitPattern: $0) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CRYPT_GENSALT_OUTPUT_SIZE)) { output in
            guard
                let made = crypt_gensalt_rn(
                    "$2b$", UInt(cost), random, Int32(random.count), output.baseAddress, Int32(output.count))
            else { return nil }
            return String(cString: made)
        }
    }

    /// The hash of `password` with the settings that `settings`, or a hash made before, begins with; nil where these
    /// are not bcrypt's.
    static func hash(_ password: String, settings: String) -> String? {
        guard settings.utf8.starts(with: "$2".utf8) else { return nil }
        let workspace = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        // The library asks for zeros before the first call; afterwards nothing of the password may stay in memory.
        memset(workspace, 0, MemoryLayout<crypt_data>.size)
        defer {
            explicit_bzero(workspace, MemoryLayout<crypt_data>.size)
            workspace.deallocate()
        }
        guard let made = crypt_r(password, settings, workspace), made[0] != CChar(bitPattern: UInt8(ascii: "*")) else {
            return nil
        }
        return String(cString: made)
    }
}
