/// A short code that names a user to people they give it to.
public struct UserCode: Hashable, Sendable, CustomStringConvertible {
    /// The code itself.
    public let text: String

    /// Length in characters: 32^10 codes, so that one is neither guessed nor often taken.
    public static let length = 10

    /// Digits and letters without those that are taken for one another (I, L, O, U).
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// The code made of as many random bytes as `length`; nil for any other number of them.
    public init?(randomBytes: [UInt8]) {
        guard randomBytes.count == UserCode.length else { return nil }
        text = String(randomBytes.map { UserCode.alphabet[Int($0 & 31)] })
    }

    /// The code written as `text`, in upper-case; nil where it is not one.
    public init?(_ text: String) {
        guard text.utf8.count == UserCode.length, text.allSatisfy(UserCode.alphabet.contains) else { return nil }
        self.text = text
    }

    /// The code itself.
    public var description: String { text }
}
