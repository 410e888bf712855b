import Bytes

extension ByteWriter {
    /// Appends `"key":`. The key is written as it stands: it must hold nothing that needs an escape.
    public mutating func append(jsonKey key: StaticString) {
        append(ASCII.quote)
        append(key)
        append(ASCII.quote)
        append(ASCII.colon)
    }

    /// Appends `true` or `false`.
    public mutating func append(jsonBool value: Bool) { append(value ? "true" : "false") }

    /// Appends a number so that it reads back as the same `Double`; `null` where JSON has no such number.
    public mutating func append(jsonNumber value: Double) {
        guard value.isFinite else {
            append("null")
            return
        }
        append(utf8: value.description)
    }

    /// Appends a tree without white space.
    public mutating func append(json value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(jsonBool: value)
        case .integer(let value): append(decimal: value)
        case .number(let value): append(jsonNumber: value)
        case .string(let value): append(jsonString: value)
        case .array(let elements):
            appendList(elements, from: "[", to: "]") { $0.append(json: $1) }
        case .object(let object):
            appendList(object.members, from: "{", to: "}") { out, member in
                out.append(jsonString: member.key)
                out.append(ASCII.colon)
                out.append(json: member.value)
            }
        }
    }

    private mutating func appendList<Item>(
        _ items: [Item], from open: StaticString, to close: StaticString, _ item: (inout ByteWriter, Item) -> Void
    ) {
        append(open)
        for index in items.indices {
            if index > 0 {
                append(ASCII.comma)
            }
            item(&self, items[index])
        }
        append(close)
    }
}
