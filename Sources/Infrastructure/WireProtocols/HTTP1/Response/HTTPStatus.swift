import CHTTPParser

/// The names of status codes.
public enum HTTPStatus {
    /// The reason phrase that goes with `code`; empty for one that nobody has named (RFC 9112 §4 allows that).
    public static func reason(_ code: Int) -> String {
        guard let name = http_status_str(http_status(UInt32(clamping: code))) else { return "" }
        let reason = String(cString: name)
        return reason == "<unknown>" ? "" : reason
    }

    /// Whether a response with `code` is without body and length by its nature (RFC 9110 §6.4.1).
    static func hasNoBody(_ code: Int) -> Bool { code < 200 || code == 204 || code == 304 }
}
