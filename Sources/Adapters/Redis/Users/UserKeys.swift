import Bytes
import Domain

/// The names of what Redis holds of users. All keys of a user carry the tag `{u:<id>}`.
enum UserKeys {
    /// Hash: live sessions.
    static func sessions(of user: UserID) -> [UInt8] { name("sessions:", user) }

    /// Hash: what was taken of this minute's messages.
    static func allowance(of user: UserID) -> [UInt8] { name("allowance:", user) }

    /// Channel of a gateway's loop.
    static func channel(of loop: String) -> RedisChannel { RedisChannel(Array("users:\(loop)".utf8), kind: .plain) }

    private static func name(_ prefix: StaticString, _ user: UserID) -> [UInt8] {
        var out = ByteWriter(capacity: 40)
        out.append(prefix)
        out.append("{u:")
        out.append(decimal: user.rawValue)
        out.append("}")
        return out.bytes
    }
}

/// The scripts that touch what is kept of users, each a file of its own under `Scripts/Users`.
enum UserScripts {
    static let session = RedisScript(name: "session", source: PackageResources.session_lua)
    static let lot = RedisScript(name: "lot", source: PackageResources.lot_lua)
    static let giveBack = RedisScript(name: "giveback", source: PackageResources.giveback_lua)
    static let attempt = RedisScript(name: "attempt", source: PackageResources.attempt_lua)
}
