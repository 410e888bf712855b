import Foundation

/// A look into a JSON document: `answer.json["data"]["user"]["id"].int`. What is not there is `.isMissing`.
public struct JSONNode {
    private let value: Any?

    /// Reads a document; missing where it is none.
    public init(_ bytes: [UInt8]) {
        value = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    private init(value: Any?) { self.value = value }

    /// The member of that name.
    public subscript(_ name: String) -> JSONNode { JSONNode(value: (value as? [String: Any])?[name]) }

    /// The element at that place.
    public subscript(_ index: Int) -> JSONNode {
        guard let elements = value as? [Any], elements.indices.contains(index) else { return JSONNode(value: nil) }
        return JSONNode(value: elements[index])
    }

    /// The text.
    public var string: String? { value as? String }
    /// The whole number.
    public var int: Int? { value as? Int }
    /// Whether it is true.
    public var bool: Bool? { value as? Bool }
    /// The elements; none where it is no array.
    public var array: [JSONNode] { (value as? [Any] ?? []).map { JSONNode(value: $0) } }
    /// The names of the members.
    public var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
    /// Whether it is there and null.
    public var isNull: Bool { value is NSNull }
    /// Whether it is not there at all.
    public var isMissing: Bool { value == nil }
}
