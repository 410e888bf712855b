import Bytes
import Domain
import WireProtocols

/// What a handler answers.
public struct HTTPResponse: Sendable {
    public var head: HTTPResponseHead
    public var body: [UInt8]
    /// The error that the body tells, for those who count errors.
    public let errorCode: ErrorCode?

    /// An answer with any body.
    public init(status: Int, contentType: String? = nil, body: [UInt8] = []) {
        head = HTTPResponseHead(status: status)
        if let contentType {
            head.fields = [.init("Content-Type", contentType), .init("X-Content-Type-Options", "nosniff")]
        }
        self.body = body
        errorCode = nil
    }

    private init(status: Int, json: ByteWriter, errorCode: ErrorCode?) {
        head = HTTPResponseHead(
            status: status,
            fields: [
                .init("Content-Type", "application/json; charset=utf-8"), .init("X-Content-Type-Options", "nosniff"),
                .init("Cache-Control", "no-store"),
            ])
        body = json.bytes
        self.errorCode = errorCode
    }

    /// `{"success":true,"data":…,"message":null}`, the data being the one JSON value that `data` writes.
    public static func success(
        status: Int = 200, message: String? = nil, data: (inout ByteWriter) -> Void
    ) -> HTTPResponse {
        var out = ByteWriter(capacity: 512)
        out.append("{\"success\":true,\"data\":")
        data(&out)
        out.append(",\"message\":")
        if let message {
            out.append(jsonString: message)
        } else {
            out.append("null")
        }
        out.append("}")
        return HTTPResponse(status: status, json: out, errorCode: nil)
    }

    /// `{"success":true,"data":null,"message":null}`.
    public static func success(status: Int = 200, message: String? = nil) -> HTTPResponse {
        success(status: status, message: message) { $0.append("null") }
    }

    /// `{"success":false,"error":{…},"traceId":"…"}` with the status of the refusal's code, or with `status` where HTTP
    /// has a more telling one.
    public static func failure(_ refusal: Refusal, traceID: TraceID, status: Int? = nil) -> HTTPResponse {
        var out = ByteWriter(capacity: 256)
        out.append("{\"success\":false,\"error\":{\"code\":")
        out.append(jsonString: refusal.code.rawValue)
        out.append(",\"message\":")
        out.append(jsonString: refusal.message)
        out.append(",\"fields\":[")
        for (index, violation) in refusal.fields.enumerated() {
            out.append(index == 0 ? "{\"field\":" : ",{\"field\":")
            out.append(jsonString: violation.field)
            out.append(",\"rule\":")
            out.append(jsonString: violation.rule)
            out.append("}")
        }
        out.append("]},\"traceId\":\"")
        out.append(utf8: traceID.description)
        out.append("\"}")
        var response = HTTPResponse(
            status: status ?? refusal.code.httpStatus, json: out, errorCode: refusal.code)
        if let milliseconds = refusal.retryAfterMilliseconds {
            response.add("Retry-After", String((milliseconds + 999) / 1000))
        }
        return response
    }

    /// The answer to a request that could not even be read.
    static func failure(_ error: HTTPRequestError, traceID: TraceID) -> HTTPResponse {
        let code: ErrorCode =
            switch error {
            case .bodyTooLarge, .targetTooLong, .headTooLarge: .tooLarge
            case .unknownMethod: .methodNotAllowed
            default: .malformedRequest
            }
        return failure(Refusal(code, error.message), traceID: traceID, status: error.status)
    }

    /// Adds a field.
    public mutating func add(_ name: StaticString, _ value: String) { head.fields.append(.init(name, value)) }
}
