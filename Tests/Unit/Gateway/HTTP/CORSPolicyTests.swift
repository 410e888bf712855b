import Testing
import WireProtocols

@testable import Gateway

@Suite struct CORSPolicyTests {
    /// The CORS fields of an answer to a request from a page.
    private static func fields(
        _ policy: CORSPolicy, origin: String?, preflight: Bool = false
    ) throws -> [String: String] {
        let originField = origin.map { "Origin: \($0)\r\n" } ?? ""
        let preflightField = preflight ? "Access-Control-Request-Method: PUT\r\n" : ""
        let parsed = ParsedRequests("OPTIONS / HTTP/1.1\r\nHost: h\r\n\(originField)\(preflightField)\r\n")
        let head = try #require(parsed.heads.first)
        var response = HTTPResponse(status: 204)
        policy.apply(to: &response, for: head)
        policy.applyPreflight(to: &response, for: head, methods: "GET, PUT")
        return Dictionary(uniqueKeysWithValues: response.head.fields.map { ("\($0.name)", $0.value) })
    }

    @Test func aNamedOriginMayUseCookies() throws {
        let policy = CORSPolicy(allowedOrigins: ["https://chat.example.com"])
        #expect(
            try Self.fields(policy, origin: "https://chat.example.com") == [
                "Vary": "Origin", "Access-Control-Allow-Origin": "https://chat.example.com",
                "Access-Control-Allow-Credentials": "true",
            ])
        #expect(policy.allows(origin: "https://CHAT.example.com"))
        #expect(!policy.allows(origin: "https://chat.example.com.evil.org"))
    }

    @Test(arguments: ["https://evil.org", "http://chat.example.com", "null", nil])
    func othersAreToldNothing(origin: String?) throws {
        let policy = CORSPolicy(allowedOrigins: ["https://chat.example.com"])
        #expect(try Self.fields(policy, origin: origin, preflight: true) == ["Vary": "Origin"])
    }

    @Test func anyOriginMayNotUseCookies() throws {
        let policy = CORSPolicy(allowedOrigins: ["*"])
        #expect(try Self.fields(policy, origin: "https://x.org") == ["Access-Control-Allow-Origin": "*"])
        #expect(try Self.fields(policy, origin: nil).isEmpty)
    }

    @Test func aPreflightIsToldMethodsAndFields() throws {
        let fields = try Self.fields(CORSPolicy(allowedOrigins: ["*"]), origin: "https://x.org", preflight: true)
        #expect(fields["Access-Control-Allow-Methods"] == "GET, PUT")
        #expect(fields["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        #expect(fields["Access-Control-Max-Age"] == "600")
    }
}
