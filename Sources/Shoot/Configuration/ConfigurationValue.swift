/// The profiles: which defaults hold, and which values are refused.
enum Profile: String, CaseIterable {
    /// Trying, developing, testing: everything has a default, nothing is in the way.
    case local
    /// Serving people: no default secrets, no wildcard origins, no stores without passwords.
    case prod
}

/// What a key is set to.
enum ConfigurationValue: Equatable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case list([String])
}

/// What a key can be set to.
enum ValueRule: Equatable {
    case text
    case integer(ClosedRange<Int>)
    /// A number that may have a fraction.
    case number(ClosedRange<Double>)
    case flag
    case oneOf([String])
    /// A URL that begins with one of these schemes.
    case url([String], mayBeEmpty: Bool = false)
    /// In YAML a list; in the environment separated by commas.
    case list

    /// Reads a scalar of the file, or an environment variable.
    /// - Returns: nil when it breaks the rule.
    func value(_ text: String) -> ConfigurationValue? {
        switch self {
        case .text: .text(text)
        case .integer(let range): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
        case .number(let range): Double(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .flag: ["true": true, "false": false][text].map { .flag($0) }
        case .oneOf(let choices): choices.contains(text) ? .text(text) : nil
        case .url(let schemes, let mayBeEmpty):
            mayBeEmpty && text.isEmpty || schemes.contains { text.hasPrefix($0 + "://") } ? .text(text) : nil
        case .list: .list(Self.items(text))
        }
    }

    private static func items(_ text: String) -> [String] {
        text.split(separator: ",").map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// The rule in words, completing "http.port ...".
    var description: String {
        switch self {
        case .text: "must be text"
        case .integer(let range) where range.upperBound == .max: "must be a whole number, \(range.lowerBound) or more"
        case .integer(let range): "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "must be a number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "must be true or false"
        case .oneOf(let choices): "must be one of: " + choices.joined(separator: ", ")
        case .url(let schemes, _):
            "must be a URL that begins with " + schemes.map { $0 + "://" }.joined(separator: " or ")
        case .list: "must be a list"
        }
    }
}
