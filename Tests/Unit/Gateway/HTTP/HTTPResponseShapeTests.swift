import Bytes
import Domain
import Support
import Testing
import WireProtocols

@testable import Gateway

/// The JSON shapes that every client relies on.
@Suite struct HTTPResponseShapeTests {
    private static func traceID() -> TraceID {
        var random = SeededGenerator(seed: 1)
        return TraceID(using: &random)
    }

    private static func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test func successes() {
        let response = HTTPResponse.success(status: 201, message: "a \"b\"") { $0.append("{\"id\":1}") }
        #expect(response.head.status == 201)
        #expect(Self.text(response) == #"{"success":true,"data":{"id":1},"message":"a \"b\""}"#)
        #expect(Self.text(.success()) == #"{"success":true,"data":null,"message":null}"#)
    }

    @Test func failures() {
        let traceID = Self.traceID()
        let refusal = Refusal(
            .validationFailed, "two \"fields\"",
            fields: [FieldViolation(field: "title", rule: "1 to 5"), FieldViolation(field: "x", rule: "y")])
        let response = HTTPResponse.failure(refusal, traceID: traceID)
        #expect(response.head.status == 400)
        #expect(response.errorCode == .validationFailed)
        #expect(
            Self.text(response)
                == #"{"success":false,"error":{"code":"VALIDATION_FAILED","message":"two \"fields\"","#
                + #""fields":[{"field":"title","rule":"1 to 5"},{"field":"x","rule":"y"}]},"traceId":"\#(traceID)"}"#)
    }

    @Test(arguments: [
        (HTTPRequestError.headTooLarge, 431, ErrorCode.tooLarge), (.targetTooLong, 414, .tooLarge),
        (.bodyTooLarge, 413, .tooLarge), (.unknownMethod, 501, .methodNotAllowed),
        (.ambiguousLength, 400, .malformedRequest),
    ])
    func unreadableRequests(error: HTTPRequestError, status: Int, code: ErrorCode) throws {
        let response = HTTPResponse.failure(error, traceID: Self.traceID())
        #expect(response.head.status == status)
        #expect(response.errorCode == code)
        #expect(try JSONValue(parsing: response.body.span)["error"]?["code"]?.string == code.rawValue)
    }
}
