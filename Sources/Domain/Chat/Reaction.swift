/// What some participants said to a message by one sign.
public struct Reaction: Sendable, Equatable {
    /// An emoji, or a name such as `:+1:`.
    public let sign: String
    /// Who reacted so, in the order that they did.
    public let userIDs: [UserID]

    public init(sign: String, userIDs: [UserID]) {
        self.sign = sign
        self.userIDs = userIDs
    }
}

/// The rules that a reaction is accepted by.
public enum ReactionRules {
    /// Bytes of UTF-8 that a sign may have: the longest emoji sequences in use have 35.
    public static let maxSignBytes = 64
    /// Different signs on one message.
    public static let maxSigns = 20
    /// Reactions on one message, all signs together: each change of it is told with all of them.
    public static let maxReactions = 1000

    /// What a sign may be, in words.
    public static let rule = "an emoji, or a name of letters, digits and _ + - : # *, at most 64 bytes of UTF-8"

    /// The sign as it is. None needs an escape in JSON, or holds what the room log separates by.
    /// - Throws: `Refusal` naming `reaction`.
    public static func sign(_ text: String) throws(Refusal) -> String {
        guard (1...maxSignBytes).contains(text.utf8.count), text.unicodeScalars.allSatisfy(isAllowed) else {
            throw .invalid("reaction", rule)
        }
        return text
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "_+-:#*".unicodeScalars.contains(scalar)
        }
        let properties = scalar.properties
        return !properties.isWhitespace && !properties.isBidiControl && properties.generalCategory != .control
    }
}
