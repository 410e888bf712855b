import Bytes

/// The header fields of a request, kept as the bytes that came: only what is asked for becomes a string.
public struct HTTPFields: Sendable {
    /// Where a field's name and value are in the head.
    struct Field: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    private let head: [UInt8]
    private let fields: [Field]

    init(head: [UInt8], fields: [Field]) {
        self.head = head
        self.fields = fields
    }

    /// How many field lines there are.
    public var count: Int { fields.count }

    /// The value of the field `name`, in any case of letters; several are joined by a comma, as RFC 9110 §5.3 has it.
    /// Nil where there is none.
    public subscript(name: StaticString) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The values of all field lines `name`, in any case of letters.
    public func values(of name: StaticString) -> [String] {
        fields.compactMap { field in
            isNamed(field, name) ? String(decoding: head[field.value], as: UTF8.self) : nil
        }
    }

    /// The elements of the list that the field lines `name` make up together, without the white space about them
    /// (RFC 9110 §5.6.1). No element may hold a comma.
    public func list(of name: StaticString) -> [String] {
        values(of: name).flatMap { value in
            value.utf8.split(separator: ASCII.comma).compactMap { element in
                let trimmed = element.drop(while: Self.isBlank).reversed().drop(while: Self.isBlank).reversed()
                return trimmed.isEmpty ? nil : String(decoding: Array(trimmed), as: UTF8.self)
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }

    private func isNamed(_ field: Field, _ name: StaticString) -> Bool {
        guard field.name.count == name.utf8CodeUnitCount else { return false }
        return zip(field.name, 0..<name.utf8CodeUnitCount).allSatisfy { place, index in
            ASCII.lowercased(head[place]) == ASCII.lowercased(name.utf8Start[index])
        }
    }
}
