/// How many items a page has: of rooms, participants, messages, dead letters.
public enum PageLimits {
    /// Where nobody says how many.
    public static let usual = 50
    public static let max = 100
}

/// Part of a list, and where the next part begins.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// What to ask for the next page with; nil at the end.
    public let nextCursor: String?

    public init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}
