/// What every key of the catalogue is set to: by the environment, else by the file, else by the profile's default.
struct ConfigurationValues {
    let profile: Profile
    private let given: [String: ConfigurationValue]

    /// - Parameters:
    ///   - environment: an empty variable is as none. Variables that are no key's are left alone: orchestrators put their
    ///     own there, under our prefix too.
    ///   - file: the parsed file; null when there is none.
    ///   - fileName: as errors name it.
    /// - Throws: a value that breaks its key's rule, a key that does not exist.
    init(environment: [String: String], file: YAMLNode, fileName: String) throws(ConfigurationError) {
        var given = try Self.values(in: file, below: "", fileName)
        for key in ConfigurationKey.catalogue {
            guard let text = environment[key.environmentName], !text.isEmpty else { continue }
            guard let value = key.rule.value(text) else {
                throw ConfigurationError(subject: key.title, rule: key.rule.description)
            }
            given[key.path] = value
        }
        self.given = given
        if case .text(let name) = given[ConfigurationKey.profile.path], let named = Profile(rawValue: name) {
            profile = named
        } else {
            profile = .local
        }
    }

    /// Whether the file or the environment sets it.
    func isGiven(_ key: ConfigurationKey) -> Bool { given[key.path] != nil }

    /// - Throws: when the profile has no default for it and nothing sets it.
    func text(_ key: ConfigurationKey) throws(ConfigurationError) -> String {
        guard case .text(let text) = try value(key) else { preconditionFailure("cannot read \(key.path) as text") }
        return text
    }

    func integer(_ key: ConfigurationKey) throws(ConfigurationError) -> Int {
        guard case .integer(let number) = try value(key) else {
            preconditionFailure("cannot read \(key.path) as a number")
        }
        return number
    }

    func number(_ key: ConfigurationKey) throws(ConfigurationError) -> Double {
        guard case .number(let number) = try value(key) else {
            preconditionFailure("cannot read \(key.path) as a number with a fraction")
        }
        return number
    }

    func flag(_ key: ConfigurationKey) throws(ConfigurationError) -> Bool {
        guard case .flag(let flag) = try value(key) else { preconditionFailure("cannot read \(key.path) as a flag") }
        return flag
    }

    func list(_ key: ConfigurationKey) throws(ConfigurationError) -> [String] {
        guard case .list(let list) = try value(key) else { preconditionFailure("cannot read \(key.path) as a list") }
        return list
    }

    private func value(_ key: ConfigurationKey) throws(ConfigurationError) -> ConfigurationValue {
        if let value = given[key.path] ?? key.defaultValue(in: profile) { return value }
        throw ConfigurationError(subject: key.title, rule: "must be set in the profile \(profile.rawValue)")
    }

    private static func values(
        in node: YAMLNode, below section: String, _ fileName: String
    ) throws(ConfigurationError) -> [String: ConfigurationValue] {
        // A section whose keys are all commented out.
        if node == .null { return [:] }
        guard case .mapping(let entries) = node else {
            let subject = section.isEmpty ? fileName : section
            throw ConfigurationError(subject: subject, rule: "must be a section of keys")
        }
        var values: [String: ConfigurationValue] = [:]
        for entry in entries {
            let path = section.isEmpty ? entry.key : section + "." + entry.key
            if let key = ConfigurationKey.catalogue.first(where: { $0.path == path }) {
                values[path] = try value(of: key, entry.value)
            } else if ConfigurationKey.catalogue.contains(where: { $0.path.hasPrefix(path + ".") }) {
                values.merge(try Self.values(in: entry.value, below: path, fileName)) { _, new in new }
            } else {
                throw ConfigurationError(subject: path, rule: "is not a key (\(fileName), line \(entry.line))")
            }
        }
        return values
    }

    /// A key that is there without a value has its default.
    private static func value(of key: ConfigurationKey, _ node: YAMLNode) throws(ConfigurationError)
        -> ConfigurationValue?
    {
        switch (node, key.rule) {
        case (.null, _): return nil
        case (.list(let items), .list):
            let texts = items.compactMap { item in if case .scalar(let text) = item { text } else { nil } }
            if texts.count == items.count { return .list(texts) }
        case (.scalar(let text), let rule) where rule != .list:
            if let value = rule.value(text) { return value }
        default: break
        }
        throw ConfigurationError(subject: key.title, rule: key.rule.description)
    }
}
