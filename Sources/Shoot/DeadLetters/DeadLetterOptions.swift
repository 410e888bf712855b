import Application

/// What `shoot dlq` is asked for.
struct DeadLetterOptions: Equatable {
    /// What is to be done.
    enum Action: Equatable {
        case list(all: Bool, limit: Int, after: EntryID?)
        case show(EntryID)
        case replay(EntryID)
        case drop(EntryID)
    }

    let action: Action
    /// One JSON document instead of text.
    let asJSON: Bool

    /// Reads the arguments behind `dlq`.
    static func parse(_ arguments: [String]) throws(Command.UsageError) -> DeadLetterOptions {
        guard let name = arguments.first else { throw wrong("needs list, show, replay or drop") }
        var rest = arguments.dropFirst().filter { $0 != "--json" }[...]
        let asJSON = rest.count < arguments.count - 1
        let action: Action
        switch name {
        case "list": action = try list(&rest)
        case "show": action = .show(try id(rest.popFirst()))
        case "replay": action = .replay(try id(rest.popFirst()))
        case "drop": action = .drop(try id(rest.popFirst()))
        default: throw wrong("does not take \(name)")
        }
        if let extra = rest.first { throw wrong("\(name) does not take \(extra)") }
        return DeadLetterOptions(action: action, asJSON: asJSON)
    }

    private static func list(_ rest: inout ArraySlice<String>) throws(Command.UsageError) -> Action {
        var (all, limit, after) = (false, PageLimits.usual, EntryID?.none)
        while let name = rest.first {
            switch name {
            case "--all": all = true
            case "--limit":
                guard let number = rest.dropFirst().first.flatMap({ Int($0) }), (1...PageLimits.max).contains(number)
                else {
                    throw wrong("needs a number from 1 to \(PageLimits.max) after --limit")
                }
                limit = number
                rest.removeFirst()
            case "--after":
                after = try id(rest.dropFirst().first)
                rest.removeFirst()
            default: return .list(all: all, limit: limit, after: after)
            }
            rest.removeFirst()
        }
        return .list(all: all, limit: limit, after: after)
    }

    private static func id(_ text: String?) throws(Command.UsageError) -> EntryID {
        guard let text else { throw wrong("needs an id") }
        guard let id = EntryID(text) else { throw wrong("needs an id of the form ROOM-SEQ-CHANGE, as list shows it") }
        return id
    }

    private static func wrong(_ what: String) -> Command.UsageError {
        Command.UsageError(line: "dlq \(what); see shoot dlq --help")
    }
}
