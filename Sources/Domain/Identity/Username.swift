/// The name that a user logs in with, in its one form: lower-case, so that `Alice` and `alice` are one account.
public struct Username: Hashable, Sendable, CustomStringConvertible {
    /// The name itself, lower-case.
    public let text: String

    /// Length in characters, all of them ASCII: short enough to show everywhere.
    public static let length = 3...32

    /// What a name has to be like, in words for a person.
    public static let rule =
        "3 to 32 characters of a-z, 0-9, '_', '.' and '-', beginning and ending with a letter or digit"

    /// The user name written as `text`, in either case; nil where it breaks the rule.
    public init?(_ text: String) {
        // ASCII before lower-casing: the Kelvin sign, for one, has an ASCII letter as its lower case.
        guard Username.length.contains(text.utf8.count), text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let lowered = text.lowercased()
        let bytes = lowered.utf8
        guard bytes.allSatisfy({ Username.isAlphanumeric($0) || Username.separators.contains($0) }),
            let first = bytes.first, Username.isAlphanumeric(first),
            let last = bytes.last, Username.isAlphanumeric(last)
        else { return nil }
        self.text = lowered
    }

    /// The name itself.
    public var description: String { text }

    private static let separators: [UInt8] = [0x2D, 0x2E, 0x5F]

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte >= 0x61 && byte <= 0x7A || byte >= 0x30 && byte <= 0x39
    }
}
