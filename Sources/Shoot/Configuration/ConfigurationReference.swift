/// Writes the catalogue as the file `config/shoot.yaml`: every key with its default, commented out, and what it is for.
enum ConfigurationReference {
    static let header = """
        # The configuration of Shoot: every key, with its default.
        #
        # A key that is commented out has the default of the profile; where the profiles differ, that of local is shown
        # and that of prod named. The environment variable in brackets goes before this file.
        #
        # Read by every Shoot process: from the path in SHOOT_CONFIG, else from config/shoot.yaml in the current folder.
        # A key that does not exist, or a value that breaks its rule, ends the process with exit status 2.

        """

    static var text: String {
        var text = header
        var open: [Substring] = []
        for key in ConfigurationKey.catalogue {
            let names = key.path.split(separator: ".")
            let sections = names.dropLast()
            if sections.isEmpty { text += "\n" }
            for (depth, section) in sections.enumerated() where depth >= open.count || open[depth] != section {
                if depth == 0 { text += "\n" }
                text += indent(depth) + section + ":\n"
                open = Array(open.prefix(depth)) + [section]
            }
            open = Array(open.prefix(sections.count))
            text += entry(key, name: String(names[names.count - 1]), depth: sections.count)
        }
        return text
    }

    private static func entry(_ key: ConfigurationKey, name: String, depth: Int) -> String {
        var lines = "\(indent(depth))# \(key.purpose)\n"
        lines += "\(indent(depth))#\(name): \(key.defaultValue(in: .local).map(yaml) ?? "")"
        var notes: [String] = []
        if let unit = key.unit { notes.append(unit) }
        if key.path != ConfigurationKey.profile.path, key.defaultValue(in: .local) != key.defaultValue(in: .prod) {
            notes.append("prod: " + (key.defaultValue(in: .prod).map(yaml) ?? "must be set"))
        }
        notes.append("[\(key.environmentName)]")
        return lines + "  # " + notes.joined(separator: "; ") + "\n"
    }

    private static func yaml(_ value: ConfigurationValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .text(let text): text.isEmpty ? "\"\"" : text
        case .list(let items): "[" + items.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
    }

    private static func indent(_ depth: Int) -> String { String(repeating: " ", count: depth * 2) }
}
