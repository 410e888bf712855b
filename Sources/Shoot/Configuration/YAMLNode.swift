/// A YAML document as a tree of the three things that a configuration is made of.
indirect enum YAMLNode: Equatable {
    /// In the order of the text, each key once.
    case mapping([Entry])
    case list([YAMLNode])
    case scalar(String)
    /// A key without a value.
    case null

    /// One key of a mapping.
    struct Entry: Equatable {
        let key: String
        /// Where it stands, counted from 1.
        let line: Int
        let value: YAMLNode
    }

    /// Reads a text of at most one document; an empty text is null.
    /// - Throws: what is wrong and where: no YAML, too deep, a key twice, a second document.
    static func parse(_ text: [UInt8]) throws(YAMLError) -> YAMLNode {
        var parser = YAMLParser(text)
        guard try parser.next() == .documentStart else { return .null }
        let node = try node(parser.next(), &parser, depth: 0)
        guard try parser.next() == .documentEnd, try parser.next() == .streamEnd else {
            throw YAMLError(line: parser.line, problem: "there is a second document")
        }
        return node
    }

    private static func node(
        _ event: YAMLParser.Event, _ parser: inout YAMLParser, depth: Int
    ) throws(YAMLError) -> YAMLNode {
        guard depth < ConfigurationLimits.depth else {
            throw YAMLError(line: parser.line, problem: "it is nested too deeply")
        }
        switch event {
        case .scalar(let text, let isPlain):
            return isPlain && ["", "~", "null"].contains(text) ? .null : .scalar(text)
        case .listStart: return try .list(items(&parser, depth: depth))
        case .mappingStart: return try .mapping(entries(&parser, depth: depth))
        default: preconditionFailure("cannot meet \(event) where libyaml promises a node")
        }
    }

    private static func items(_ parser: inout YAMLParser, depth: Int) throws(YAMLError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try parser.next()
            if event == .listEnd { return items }
            items.append(try node(event, &parser, depth: depth + 1))
        }
    }

    private static func entries(_ parser: inout YAMLParser, depth: Int) throws(YAMLError) -> [Entry] {
        var entries: [Entry] = []
        while true {
            let event = try parser.next()
            let line = parser.line
            if event == .mappingEnd { return entries }
            guard case .scalar(let key, _) = event else {
                throw YAMLError(line: line, problem: "a key is not a word")
            }
            guard !entries.contains(where: { $0.key == key }) else {
                throw YAMLError(line: line, problem: "\(key) is there twice")
            }
            entries.append(Entry(key: key, line: line, value: try node(parser.next(), &parser, depth: depth + 1)))
        }
    }
}
