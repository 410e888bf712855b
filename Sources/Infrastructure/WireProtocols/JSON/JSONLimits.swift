/// What a JSON text may cost the one who reads it.
public enum JSONLimits {
    /// Open arrays and objects at once. Our own bodies need four; deeper ones only serve to exhaust the stack of
    /// whoever builds a tree.
    public static let depth = 32
    /// The deepest that a reader can be asked for: it keeps one bit for each open container.
    public static let deepest = 64
}
