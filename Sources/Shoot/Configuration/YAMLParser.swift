import CYAML

/// libyaml's parser over a text, as a sequence of events. Owns the C parser and each event while it is looked at.
///
/// Only what a configuration needs is passed on: mappings, lists, scalars. Anchors, aliases and tags end the parse.
struct YAMLParser: ~Copyable {
    /// One step through the document.
    enum Event: Equatable {
        case mappingStart
        case mappingEnd
        case listStart
        case listEnd
        /// `isPlain`: without quotes, so that `~` and nothing at all mean null.
        case scalar(String, isPlain: Bool)
        case documentStart
        case documentEnd
        case streamEnd
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ text: [UInt8]) {
        input = .allocate(capacity: text.count)
        _ = input.initialize(from: text)
        parser = .allocate(capacity: 1)
        // It fails for want of memory only, and then every later call fails as well.
        yaml_parser_initialize(parser)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The line, counted from 1, that the parser has come to.
    var line: Int { Int(parser.pointee.mark.line) + 1 }

    /// - Throws: what is wrong and where, when the text is not YAML or uses what is not supported.
    mutating func next() throws(YAMLError) -> Event {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
            defer { yaml_event_delete(&event) }
            if event.type != YAML_STREAM_START_EVENT { return try convert(event) }
        }
    }

    private func convert(_ event: yaml_event_t) throws(YAMLError) -> Event {
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_MAPPING_START_EVENT:
            try refuse(event.data.mapping_start.anchor, event.data.mapping_start.tag, line)
            return .mappingStart
        case YAML_SEQUENCE_START_EVENT:
            try refuse(event.data.sequence_start.anchor, event.data.sequence_start.tag, line)
            return .listStart
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(scalar.anchor, scalar.tag, line)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_SEQUENCE_END_EVENT: return .listEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .streamEnd
        default: throw YAMLError(line: line, problem: "aliases are not supported")
        }
    }

    private func refuse(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?, _ line: Int
    ) throws(YAMLError) {
        if anchor != nil || tag != nil { throw YAMLError(line: line, problem: "anchors and tags are not supported") }
    }

    private func problem() -> YAMLError {
        let text = parser.pointee.problem.map { String(cString: $0) } ?? "is not YAML"
        return YAMLError(line: Int(parser.pointee.problem_mark.line) + 1, problem: text)
    }
}

/// What is wrong with a YAML text, and on which line, counted from 1.
struct YAMLError: Error, Equatable {
    let line: Int
    let problem: String
}
