/// A password as somebody typed it. It describes itself without saying it, so that no log ever does.
public struct Password: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The password itself.
    public let text: String

    /// Length in bytes of UTF-8. bcrypt reads 72 bytes and silently ignores the rest: longer ones are refused instead.
    public static let byteLength = 8...72

    /// What a password has to be like, in words for a person.
    public static let rule = "8 to 72 bytes of UTF-8, without NUL"

    /// The password `text`; nil where it breaks the rule. A NUL would end it early in bcrypt's C interface.
    public init?(_ text: String) {
        guard Password.byteLength.contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    /// Not the password.
    public var description: String { "(password)" }

    /// Not the password.
    public var debugDescription: String { description }
}
