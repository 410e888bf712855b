import Bytes

/// Why a list of signing keys was not taken. It never quotes a secret.
public enum SigningKeysError: Error, Equatable, CustomStringConvertible {
    /// There is no key in it.
    case empty
    /// The entry at this place, counted from 1, is not `<key id>:<secret>`.
    case malformed(entry: Int)
    /// The key's secret has fewer bytes than `SecurityLimits.minSecretBytes`.
    case secretTooShort(keyID: String)
    /// Two keys have this id.
    case duplicate(keyID: String)

    public var description: String {
        switch self {
        case .empty:
            "there is none"
        case .malformed(let entry):
            "number \(entry) is not id:secret, with an id of up to \(SecurityLimits.maxKeyIDBytes) letters, digits, "
                + "'_', '.' and '-'"
        case .secretTooShort(let keyID):
            "the secret of \(keyID) has fewer than \(SecurityLimits.minSecretBytes) bytes"
        case .duplicate(let keyID):
            "two have the id \(keyID)"
        }
    }
}

/// The keys of access tokens: the first signs, all are accepted, so that a key can be replaced without logging anybody
/// out. Put the new key behind the old one everywhere, then before it, then drop the old one an access token's life
/// later.
public struct SigningKeys: Sendable, Equatable {
    struct Key: Sendable, Equatable {
        let id: String
        let secret: [UInt8]
        /// The header that tokens signed by it have, encoded: nearly every token's key is found by comparing bytes.
        let encodedHeader: [UInt8]
    }

    let all: [Key]
    /// The key that signs.
    let signing: Key

    /// Reads keys, each `<key id>:<secret>`, as `auth.jwtKeys` lists them. A secret is taken as it is written.
    public init(_ entries: [String]) throws(SigningKeysError) {
        var keys: [Key] = []
        for (index, entry) in entries.enumerated() {
            guard let key = Key(entry: entry.utf8) else { throw .malformed(entry: index + 1) }
            guard key.secret.count >= SecurityLimits.minSecretBytes else { throw .secretTooShort(keyID: key.id) }
            guard !keys.contains(where: { $0.id == key.id }) else { throw .duplicate(keyID: key.id) }
            keys.append(key)
        }
        guard let first = keys.first else { throw .empty }
        all = keys
        signing = first
    }

    /// The ids, that of the key that signs first.
    public var ids: [String] { all.map(\.id) }

    /// Whether one of the secrets is also one of `others`.
    public func sharesSecret(with others: SigningKeys) -> Bool {
        all.contains { key in others.all.contains { $0.secret == key.secret } }
    }

    /// The key with that id, nil where there is none.
    func key(id: String) -> Key? { all.first { $0.id == id } }
}

extension SigningKeys.Key {
    /// Reads `<key id>:<secret>`; nil for anything else. The id needs no escape in JSON.
    fileprivate init?(entry: String.UTF8View) {
        let parts = entry.split(separator: ASCII.colon, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...SecurityLimits.maxKeyIDBytes).contains(parts[0].count),
            parts[0].allSatisfy(Self.isAllowedInID)
        else { return nil }
        id = String(decoding: parts[0], as: UTF8.self)
        secret = Array(parts[1])
        var header = ByteWriter()
        header.append("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":")
        header.append(jsonString: id)
        header.append("}")
        encodedHeader = Base64.encodeURL(header.bytes)
    }

    private static func isAllowedInID(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || (0x61...0x7A).contains(ASCII.lowercased(byte)) || byte == UInt8(ascii: "_")
            || byte == ASCII.dot || byte == ASCII.minus
    }
}
