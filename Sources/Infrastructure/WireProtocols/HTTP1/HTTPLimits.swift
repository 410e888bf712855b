/// How large a request may be. What is beyond is refused as soon as it is seen, before it is kept.
public struct HTTPLimits: Sendable {
    /// Bytes of request line and header fields together (431 beyond): cookies and a token fit four times over.
    public var headBytes = 16 * 1024
    /// Bytes of the request target (414 beyond): what proxies commonly let pass.
    public var targetBytes = 8 * 1024
    /// Header fields (431 beyond): browsers send about 20.
    public var fields = 100
    /// Bytes of a body (413 beyond): our largest request is a list of room ids, far below.
    public var bodyBytes = 1024 * 1024

    /// Empty lines that may come before a request line (RFC 9112 §2.2 asks to ignore at least one).
    static let leadingEmptyLines = 2
    /// Bytes of a request line beside its target: the longest method, two spaces, the version and the line end.
    static let requestLineOverhead = 64
    /// Bytes of a chunk's size line: 16 digits and room for an extension, which nobody sends.
    static let chunkLineBytes = 256
    /// Bytes of the fields after the last chunk, which are thrown away.
    static let trailerBytes = 4 * 1024

    /// The defaults.
    public init() {}
}
