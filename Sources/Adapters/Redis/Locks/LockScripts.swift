/// The scripts of distributed locks, each a file of its own under `Scripts/Locks`.
enum LockScripts {
    static let acquire = RedisScript(name: "acquire", source: PackageResources.acquire_lua)
    static let renew = RedisScript(name: "renew", source: PackageResources.renew_lua)
    static let release = RedisScript(name: "release", source: PackageResources.release_lua)
}
