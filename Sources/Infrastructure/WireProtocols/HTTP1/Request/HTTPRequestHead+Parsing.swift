import Bytes

extension HTTPRequestHead {
    /// Makes a request of a whole head, its empty line included, and checks all that http-parser does not.
    init(parsing head: [UInt8], limits: HTTPLimits) throws(HTTPRequestError) {
        let found: HTTPHeadParser.Findings
        do throws(HTTPRequestError) {
            found = try HTTPHeadParser.parse(head)
        } catch {
            throw error == .unknownMethod && !Self.beginsWithMethod(head) ? .malformedRequestLine : error
        }
        guard let method = found.method else { throw .unknownMethod }
        guard Self.isRequestLine(head, method: method, target: found.target) else { throw .malformedRequestLine }
        guard found.version.major == 1, found.version.minor <= 1 else { throw .unknownVersion }
        guard found.target.count <= limits.targetBytes else { throw .targetTooLong }
        guard found.fields.count <= limits.fields else { throw .headTooLarge }
        for field in found.fields {
            guard !field.name.isEmpty, head[field.name].allSatisfy(Self.isTokenByte) else { throw .malformedField }
        }
        let fields = HTTPFields(head: head, fields: found.fields)
        let isVersion11 = found.version.minor == 1
        let hosts = fields.values(of: "Host").count
        guard hosts == 1 || hosts == 0 && !isVersion11 else { throw .badHost }
        let expectations = fields.list(of: "Expect")
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else { throw .unknownExpectation }

        self.method = method
        self.fields = fields
        target = try HTTPTarget(head.span.extracting(found.target))
        guard target.path != "*" || method == .options else { throw .malformedTarget }
        bodyLength = try Self.bodyLength(fields, isVersion11: isVersion11)
        keepsAlive = found.keepsAlive
        // An HTTP/1.0 client knows no interim answers (RFC 9110 §10.1.1).
        expectsContinue = isVersion11 && !expectations.isEmpty
        wantsUpgrade = found.wantsUpgrade && isVersion11
        if case .exactly(let length) = bodyLength, length > limits.bodyBytes { throw .bodyTooLarge }
    }

    /// RFC 9112 §6.3, with every doubtful case refused.
    private static func bodyLength(
        _ fields: HTTPFields, isVersion11: Bool
    ) throws(HTTPRequestError) -> BodyLength {
        let lengths = fields.values(of: "Content-Length")
        let codings = fields.values(of: "Transfer-Encoding")
        guard codings.isEmpty else {
            guard lengths.isEmpty, isVersion11, codings.count == 1 else { throw .ambiguousLength }
            guard codings[0].lowercased() == "chunked" else { throw .unknownTransferCoding }
            return .chunked
        }
        guard let length = lengths.first else { return .exactly(0) }
        let digits = Array(length.utf8)
        guard lengths.count == 1, let count = digits.span.decimal() else { throw .ambiguousLength }
        return .exactly(Int(clamping: count))
    }

    /// Whether the parts of the request line are all there is in it: one space between them, and none after
    /// (RFC 9112 §3).
    private static func isRequestLine(_ head: [UInt8], method: HTTPMethod, target: Range<Int>) -> Bool {
        let version = head[target.upperBound...]
        return target.lowerBound == method.rawValue.utf8.count + 1 && version.starts(with: " HTTP/".utf8)
            && version.dropFirst(9).first == ASCII.carriageReturn
    }

    /// Whether the request line begins as one would whose method is merely not known.
    private static func beginsWithMethod(_ head: [UInt8]) -> Bool {
        let method = head.prefix { isTokenByte($0) }
        return !method.isEmpty && method.count < HTTPLimits.requestLineOverhead && head[method.count] == ASCII.space
    }

    /// The characters of a token (RFC 9110 §5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            ASCII.zero...ASCII.nine:
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
