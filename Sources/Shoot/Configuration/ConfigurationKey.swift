/// One entry of the catalogue of settings.
struct ConfigurationKey {
    /// Its place in the file: `http.port`.
    let path: String
    /// Its name in the environment: `SHOOT_HTTP_PORT`.
    let environmentName: String
    let rule: ValueRule
    /// Of what a number counts: "bytes", "ms".
    let unit: String?
    /// What it does, as an operator needs to know it.
    let purpose: String
    private let localDefault: ConfigurationValue
    private let prodDefault: ConfigurationValue?

    /// - Parameters:
    ///   - environment: its name in the environment where that does not follow from the path.
    ///   - prod: the default of that profile; the same as in `local` when it is not given.
    ///   - requiredInProd: there is no default in that profile.
    init(
        _ path: String, _ rule: ValueRule, unit: String? = nil, environment: String? = nil, local: ConfigurationValue,
        prod: ConfigurationValue? = nil, requiredInProd: Bool = false, _ purpose: String
    ) {
        self.path = path
        self.environmentName = environment ?? Self.environmentName(of: path)
        self.rule = rule
        self.unit = unit
        self.purpose = purpose
        self.localDefault = local
        self.prodDefault = requiredInProd ? nil : prod ?? local
    }

    /// nil: it has to be set.
    func defaultValue(in profile: Profile) -> ConfigurationValue? {
        switch profile {
        case .local: localDefault
        case .prod: prodDefault
        }
    }

    /// How an error names it.
    var title: String { "\(path) (\(environmentName))" }

    /// `stomp.maxSubscriptions` becomes `SHOOT_STOMP_MAX_SUBSCRIPTIONS`.
    private static func environmentName(of path: String) -> String {
        path.reduce(into: "SHOOT_") { name, character in
            if character == "." {
                name += "_"
            } else {
                if character.isUppercase { name += "_" }
                name += character.uppercased()
            }
        }
    }
}
