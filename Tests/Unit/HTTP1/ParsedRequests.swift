import WireProtocols

/// What a parser makes of a connection's bytes that come in pieces.
struct ParsedRequests {
    private(set) var heads: [HTTPRequestHead] = []
    private(set) var bodies: [String] = []
    private(set) var error: HTTPRequestError?
    private var parser: HTTPRequestParser

    init(limits: HTTPLimits = HTTPLimits()) { parser = HTTPRequestParser(limits: limits) }

    init(_ text: String, limits: HTTPLimits = HTTPLimits()) {
        self.init(limits: limits)
        feed(Array(text.utf8))
    }

    /// Everything that can be told apart, as text, so that two ways of feeding can be compared.
    var summary: [String] {
        heads.map { head in
            "\(head.method) \(head.target.segments) \(head.target.query) \(head.bodyLength) \(head.keepsAlive)"
                + " \(head.expectsContinue) \(head.wantsUpgrade) \(head.fields.count) \(head.fields["x-test"] ?? "-")"
        } + bodies + [error.map { "\($0)" } ?? "no error", "\(parser.isInsideRequest)"]
    }

    mutating func feed(_ bytes: [UInt8]) {
        var offset = 0
        do throws(HTTPRequestError) {
            guard error == nil else { return }
            while let event = try parser.next(in: bytes.span, at: &offset) {
                switch event {
                case .head(let head): heads.append(head)
                case .complete(let body): bodies.append(String(decoding: body, as: UTF8.self))
                }
            }
        } catch {
            self.error = error
        }
    }
}
