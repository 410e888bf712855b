import Application
import Bytes
import Domain

/// Writes lists that page: `{"items":[…],"nextCursor":…}`.
enum PageJSON {
    /// The page's items, each by `item`; a cursor that is a number is written as one.
    static func write<Item>(
        _ page: Page<Item>, numericCursor: Bool = false, into out: inout ByteWriter,
        item: (Item, inout ByteWriter) -> Void
    ) {
        out.append("{\"items\":[")
        for (index, element) in page.items.enumerated() {
            if index > 0 {
                out.append(ASCII.comma)
            }
            item(element, &out)
        }
        out.append("],\"nextCursor\":")
        switch page.nextCursor {
        case nil: out.append("null")
        case let cursor? where numericCursor: out.append(utf8: cursor)
        case let cursor?: out.append(jsonString: cursor)
        }
        out.append("}")
    }
}
