/// The name that others see.
public struct Nickname: Hashable, Sendable, CustomStringConvertible {
    /// The name itself, trimmed.
    public let text: String

    /// Length in characters as a person counts them.
    public static let length = 1...40
    /// Length in bytes of UTF-8: a single character can be composed of any number of bytes.
    public static let maxBytes = 160

    /// What a name has to be like, in words for a person.
    public static let rule =
        "1 to 40 characters after trimming, at most 160 bytes, without line breaks or control characters"

    /// The name written as `text`, trimmed; nil where it breaks the rule.
    public init?(_ text: String) {
        let trimmed = text.trimmed()
        guard trimmed.utf8.count <= Nickname.maxBytes, Nickname.length.contains(trimmed.count),
            !trimmed.unicodeScalars.contains(where: Nickname.isControl)
        else { return nil }
        self.text = trimmed
    }

    /// The name itself.
    public var description: String { text }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
