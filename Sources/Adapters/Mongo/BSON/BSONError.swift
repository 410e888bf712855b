/// Why bytes are not the document that was expected.
enum BSONError: Error, Equatable, CustomStringConvertible {
    /// The bytes break the rules of BSON at this offset.
    case malformed(offset: Int)
    /// The document has no such field.
    case missing(String)
    /// The field holds another type, or a value out of range.
    case unexpected(String)

    var description: String {
        switch self {
        case .malformed(let offset): "malformed BSON at byte \(offset)"
        case .missing(let key): "field \(key) is missing"
        case .unexpected(let key): "field \(key) holds something else than expected"
        }
    }
}
