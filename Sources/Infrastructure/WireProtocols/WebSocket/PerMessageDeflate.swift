import Bytes

/// One extension that a handshake offers, with its parameters in order (RFC 6455 §9.1).
struct WebSocketExtensionOffer {
    let name: String
    var parameters: [(name: String, value: String?)] = []

    /// The offers of one header value; nil where it is not well formed.
    static func parse(_ header: String) -> [WebSocketExtensionOffer]? {
        var scanner = HeaderListScanner(header)
        var offers: [WebSocketExtensionOffer] = []
        while !scanner.isAtEnd() {
            if scanner.take(ASCII.comma) { continue }
            guard let name = scanner.token() else { return nil }
            var offer = WebSocketExtensionOffer(name: name)
            while scanner.take(UInt8(ascii: ";")) {
                guard let parameter = scanner.token() else { return nil }
                var value: String?
                if scanner.take(UInt8(ascii: "=")) {
                    guard let given = scanner.tokenOrQuotedString() else { return nil }
                    value = given
                }
                offer.parameters.append((parameter, value))
            }
            offers.append(offer)
            guard scanner.isAtEnd() || scanner.take(ASCII.comma) else { return nil }
        }
        return offers
    }
}

/// What was agreed on about compression (RFC 7692 §7.1).
///
/// Neither side ever keeps its window from one message to the next: an idle connection then holds no window, and one
/// compressed frame can go to every subscriber.
public struct PerMessageDeflate: Equatable, Sendable {
    /// The largest window, in bits, that the server's messages may need.
    public let serverMaxWindowBits: Int
    /// What the client said about its own window; an answer may only repeat it.
    let clientMaxWindowBits: Int?

    /// The answer for the `Sec-WebSocket-Extensions` header.
    public var headerValue: String {
        var value = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        if serverMaxWindowBits < 15 {
            value += "; server_max_window_bits=\(serverMaxWindowBits)"
        }
        if let clientMaxWindowBits {
            value += "; client_max_window_bits=\(clientMaxWindowBits)"
        }
        return value
    }

    /// Accepts the first offer that is one of permessage-deflate and has no fault (RFC 7692 §7.1).
    static func choose(among offers: [WebSocketExtensionOffer]) -> PerMessageDeflate? {
        for offer in offers where offer.name == "permessage-deflate" {
            if let accepted = accept(offer) {
                return accepted
            }
        }
        return nil
    }

    private static func accept(_ offer: WebSocketExtensionOffer) -> PerMessageDeflate? {
        var seen: Set<String> = []
        var serverBits = 15
        var clientBits: Int?
        for (name, value) in offer.parameters {
            guard seen.insert(name).inserted else { return nil }
            switch name {
            case "server_no_context_takeover", "client_no_context_takeover":
                guard value == nil else { return nil }
            case "server_max_window_bits":
                guard let bits = windowBits(value) else { return nil }
                serverBits = bits
            case "client_max_window_bits":
                guard let value else { continue }
                guard let bits = windowBits(value) else { return nil }
                clientBits = bits
            default: return nil
            }
        }
        return PerMessageDeflate(serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits)
    }

    /// 8 to 15 without a leading zero (RFC 7692 §7.1.2.1).
    private static func windowBits(_ value: String?) -> Int? {
        guard let value, let bits = Int(value), (8...15).contains(bits), String(bits) == value else { return nil }
        return bits
    }
}
