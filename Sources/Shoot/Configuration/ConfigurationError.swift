/// One setting that can not be used: which, and the rule that it breaks. Never what it was set to, which may be a secret.
///
/// The process ends with exit status 2 and this line.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// A key's path such as `http.port`, or the file's.
    let subject: String
    /// What it has to be, completing "http.port ...".
    let rule: String

    var description: String { "configuration: \(subject) \(rule)" }
}
