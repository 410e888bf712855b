import Bytes

/// What a request is about: the target taken apart, its escapes undone (RFC 9112 §3.2, RFC 3986).
public struct HTTPTarget: Sendable {
    /// One `name=value` of a query.
    public struct QueryItem: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    /// The path as it was sent, escapes and all; `*` for a request to the server as a whole.
    public let path: String
    /// The pieces of the path between its slashes, unescaped: an escaped slash does not part them. An empty last one
    /// says that the path ended in a slash.
    public let segments: [String]
    /// The items of the query in order, unescaped, `+` standing for a space.
    public let query: [QueryItem]

    /// Takes a target apart: `/path?query`, the same after `http://host`, or `*`.
    public init(_ bytes: Span<UInt8>) throws(HTTPRequestError) {
        let bytes = Array(copying: bytes)
        guard bytes.allSatisfy({ $0 > ASCII.space && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw .malformedTarget
        }
        guard bytes != [UInt8(ascii: "*")] else {
            path = "*"
            segments = []
            query = []
            return
        }
        let origin = try Self.originForm(bytes)
        let mark = origin.firstIndex(of: UInt8(ascii: "?")) ?? origin.endIndex
        path = String(decoding: origin[..<mark], as: UTF8.self)
        var segments: [String] = []
        for piece in origin[..<mark].dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false) {
            segments.append(try Self.unescape(piece, plusIsSpace: false))
        }
        self.segments = segments
        var query: [QueryItem] = []
        for item in origin[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let equals = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            query.append(
                QueryItem(
                    name: try Self.unescape(item[..<equals], plusIsSpace: true),
                    value: try Self.unescape(item[equals...].dropFirst(), plusIsSpace: true)))
        }
        self.query = query
    }

    /// The value of the first query item `name`; nil where there is none.
    public subscript(name: String) -> String? { query.first { $0.name == name }?.value }

    /// The path and the query of the origin form, or of the absolute form that a proxy is sent and a server has to
    /// accept.
    private static func originForm(_ bytes: [UInt8]) throws(HTTPRequestError) -> ArraySlice<UInt8> {
        if bytes.first == ASCII.slash { return bytes[...] }
        let start = bytes.prefix(8).map(ASCII.lowercased)
        let scheme = ["http://", "https://"].first { start.starts(with: $0.utf8) }
        guard let scheme else { throw .malformedTarget }
        let rest = bytes.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == ASCII.slash || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard end > rest.startIndex else { throw .malformedTarget }
        return rest[end...].first == ASCII.slash ? rest[end...] : [ASCII.slash] + rest[end...]
    }

    private static func unescape(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool
    ) throws(HTTPRequestError) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard bytes.endIndex - index >= 3, let high = ASCII.hexValue(bytes[index + 1]),
                    let low = ASCII.hexValue(bytes[index + 2]), high << 4 | low != ASCII.nul
                else { throw .malformedTarget }
                byte = high << 4 | low
                index += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = ASCII.space
            }
            out.append(byte)
            index += 1
        }
        guard let text = String(utf8: out.span) else { throw .malformedTarget }
        return text
    }
}
