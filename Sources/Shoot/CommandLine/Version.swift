/// The release, as `shoot --version` and the `server` header say it.
enum Version {
    static let number = "0.1.0"
    static let server = "Shoot/\(number)"
}
