/// What a message says.
public struct MessageContent: Sendable, Equatable {
    /// What kind of thing it is.
    public enum Kind: String, Sendable, CaseIterable {
        case text = "TEXT"
        case image = "IMAGE"
        case file = "FILE"
        case url = "URL"
        /// Said by the room itself (someone joined, …); no client may send one.
        case system = "SYSTEM"
    }

    public let text: String
    public let kind: Kind

    public init(text: String, kind: Kind) {
        self.text = text
        self.kind = kind
    }
}

/// The rules that a message is accepted by.
public enum MessageRules {
    /// Text length in characters, after trimming.
    public static let textLength = 1...10_000
    /// How many users one message may mention.
    public static let maxMentions = 50

    /// The text trimmed.
    /// - Throws: `Refusal` naming `field` where its length is outside `textLength`.
    public static func text(_ text: String, field: String = "content.text") throws(Refusal) -> String {
        let trimmed = text.trimmed()
        // A character is at least one byte: short texts, nearly all, need no count of grapheme clusters.
        let bytes = trimmed.utf8.count
        guard bytes > 0, bytes <= textLength.upperBound || trimmed.count <= textLength.upperBound else {
            throw .invalid(field, "1 to 10,000 characters after trimming")
        }
        return trimmed
    }
}

extension String {
    /// Without white space and line breaks at its ends.
    func trimmed() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return first == startIndex && last == index(before: endIndex) ? self : String(self[first...last])
    }
}
