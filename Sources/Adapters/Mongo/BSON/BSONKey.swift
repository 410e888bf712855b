/// The name of an element.
enum BSONKey: ExpressibleByStringLiteral {
    /// Known when this is compiled.
    case name(StaticString)
    /// A place in an array, from 0.
    case index(Int)

    init(stringLiteral value: StaticString) { self = .name(value) }
}
