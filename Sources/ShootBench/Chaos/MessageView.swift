/// A message as somebody shows it: what of it can change.
struct MessageView: Equatable, Sendable {
    var text: String
    var isDeleted = false
    /// By their signs, the users in the order in which they reacted.
    var reactions: [String: [Int64]] = [:]

    /// Adds a reaction, or takes it back.
    mutating func react(_ user: Int64, _ sign: String, takesBack: Bool) {
        var users = reactions[sign, default: []].filter { $0 != user }
        if !takesBack {
            users.append(user)
        }
        reactions[sign] = users.isEmpty ? nil : users
    }

    /// What is left of it when it is deleted.
    static let deleted = MessageView(text: "", isDeleted: true)
}

extension MessageView: CustomStringConvertible {
    var description: String {
        let signs = reactions.sorted { $0.key < $1.key }.map { " \($0.key)\($0.value)" }.joined()
        return (isDeleted ? "deleted" : "\"\(text)\"") + signs
    }
}

extension MessageView {
    /// What a frame says of its message; nil where it tells none.
    init?(_ frame: ReceivedFrame) {
        guard let text = frame.member("\"text\":\"") else { return nil }
        self.init(text: text, isDeleted: frame.says("\"isDeleted\":true"))
        guard let list = frame.text(behind: "\"reactions\":{", upTo: "}") else { return }
        for entry in list.split(separator: "]") {
            let parts = entry.split(separator: "[")
            guard parts.count == 2, let sign = parts[0].split(separator: "\"").first(where: { $0 != "," }) else {
                continue
            }
            reactions[String(sign)] = parts[1].split(separator: ",").compactMap { Int64($0) }
        }
    }
}
