import Bytes
import WireProtocols

/// What is read of a token's header (RFC 7515 §4) that was not made by us byte for byte.
struct TokenHeader {
    /// The id of the key that signed it.
    let keyID: String

    /// Reads the header; nil unless it says HS256 and names a key. One that has to be understood whole (`crit`) is
    /// refused, and so is one that says something twice.
    init?(_ json: Span<UInt8>) {
        var algorithm: String?
        var keyID: String?
        do throws(JSONError) {
            var reader = JSONReader()
            try reader.beginObject(in: json)
            while let key = try reader.nextKey(in: json) {
                if key.equals("alg", in: json) {
                    guard algorithm == nil else { return nil }
                    algorithm = try reader.string(in: json).string(in: json)
                } else if key.equals("kid", in: json) {
                    guard keyID == nil else { return nil }
                    keyID = try reader.string(in: json).string(in: json)
                } else if key.equals("crit", in: json) {
                    return nil
                }
            }
            try reader.finish(in: json)
        } catch {
            return nil
        }
        guard algorithm == "HS256", let keyID else { return nil }
        self.keyID = keyID
    }
}
