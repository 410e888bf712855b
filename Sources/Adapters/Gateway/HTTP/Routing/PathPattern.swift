/// A path with named places, such as `/api/v1/chatrooms/{roomId}/messages`.
struct PathPattern: Sendable, CustomStringConvertible {
    private enum Piece: Sendable, Equatable {
        case literal(String)
        case parameter(String)

        var isParameter: Bool {
            if case .parameter = self { true } else { false }
        }
    }

    let description: String
    private let pieces: [Piece]

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "cannot route a path that does not begin with a slash: \(text)")
        description = text
        pieces = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { piece in
            piece.hasPrefix("{") && piece.hasSuffix("}")
                ? .parameter(String(piece.dropFirst().dropLast())) : .literal(String(piece))
        }
    }

    /// Which places are parameters: of two patterns that match a path, the one that is literal where they first differ
    /// is meant, so that `/users/me` goes before `/users/{userId}`.
    var shape: [Bool] { pieces.map(\.isParameter) }

    /// Whether it is meant before `other` where both match.
    func precedes(_ other: PathPattern) -> Bool {
        shape.lexicographicallyPrecedes(other.shape) { !$0 && $1 }
    }

    /// The parameters by name where the pattern matches the path; nil where it does not. A parameter is never empty.
    func match(_ segments: [String]) -> [String: String]? {
        guard segments.count == pieces.count else { return nil }
        var parameters: [String: String] = [:]
        for (piece, segment) in zip(pieces, segments) {
            switch piece {
            case .literal(let text):
                guard text == segment else { return nil }
            case .parameter(let name):
                guard !segment.isEmpty else { return nil }
                parameters[name] = segment
            }
        }
        return parameters
    }
}
