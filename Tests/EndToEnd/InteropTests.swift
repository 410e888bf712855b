import Foundation
import Support
import Testing

/// Clients that we did not write: their reading of the protocols is not ours.
@Suite(.timeLimit(.minutes(4))) struct InteropTests {
    /// Each script in `Interop` ends with 0, or with one line that says what was wrong. The last runs the client that
    /// `docs/clients.md` shows.
    @Test(arguments: ["stomp_py.py", "websocket_client.py", "reconnecting_client.py"])
    func pythonClient(_ script: String) async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let outcome = try await Command.python(
            [Self.folder + script, "--ports"] + cluster.gateways.map { "\($0.httpPort)" }
                + ["--token", users[0].token, "--username", users[0].username, "--password", users[0].password]
                + ["--room", room],
            environment: ["PYTHONDONTWRITEBYTECODE": "1"], within: .seconds(120))
        #expect(outcome.succeeded, "\(outcome.output)")
    }

    @Test func curlSignsUpAndLogsIn() async throws {
        let name = "curl-\(UUID().uuidString.prefix(8).lowercased())"
        let account = "{\"username\":\"\(name)\",\"password\":\"correct horse\",\"nickname\":\"Curl\"}"
        let signup = try await Self.curl("/api/v1/auth/signup", "--json", account)
        #expect(signup.status == 201)
        #expect(signup.json["data"]["user"]["username"].string == name)
        let again = try await Self.curl("/api/v1/auth/signup", "--json", account)
        #expect(again.status == 409)
        let login = try await Self.curl("/api/v1/auth/login", "--json", account, "-H", "Transfer-Encoding: chunked")
        #expect(login.status == 200)
        let cookie = try #require(login.header("set-cookie"))
        #expect(cookie.hasPrefix("access_token=") && cookie.contains("HttpOnly") && cookie.contains("SameSite"))

        let token = try #require(login.json["data"]["accessToken"].string)
        for credentials in [["--oauth2-bearer", token], ["-b", "access_token=\(token)"]] {
            let me = try await Self.curl("/api/v1/users/me", credentials)
            #expect(me.status == 200)
            #expect(me.json["data"]["nickname"].string == "Curl")
        }
        let nobody = try await Self.curl("/api/v1/users/me")
        #expect(nobody.status == 401)
    }

    @Test func curlAsksForHeadAndOptions() async throws {
        let get = try await Self.curl("/health/live")
        let head = try await Self.curl("/health/live", "--head")
        #expect(head.status == 200)
        #expect(head.header("content-length") == get.header("content-length"))
        #expect(head.body.isEmpty)

        let options = try await Self.curl("/api/v1/chatrooms", "-X", "OPTIONS")
        #expect(options.status == 204)
        let allowed = options.header("allow") ?? ""
        for method in ["GET", "HEAD", "POST", "OPTIONS"] {
            #expect(allowed.contains(method), "\(allowed)")
        }
        let preflight = try await Self.curl(
            "/api/v1/chatrooms", "-X", "OPTIONS", "-H", "Origin: https://chat.example.com", "-H",
            "Access-Control-Request-Method: POST", "-H", "Access-Control-Request-Headers: authorization")
        #expect(preflight.status == 204)
        #expect(preflight.header("access-control-allow-origin") == "*")
        #expect(preflight.header("access-control-allow-methods")?.contains("POST") == true)
        #expect(preflight.header("access-control-allow-headers")?.lowercased().contains("authorization") == true)
    }

    @Test func curlReusesItsConnection() async throws {
        let url = try await Self.url("/health/live")
        let outcome = try await Command.run("/usr/bin/env", ["curl", "-sv", url, url, url])
        #expect(outcome.succeeded)
        #expect(outcome.output.ranges(of: "Connected to").count == 1)
        #expect(outcome.output.ranges(of: "< HTTP/1.1 200 OK").count == 3, "\(outcome.output)")
    }

    @Test func curlSeesRefusals() async throws {
        let long = String(repeating: "x", count: 20_000)
        let file = try TestFolder.makeFolder("curl") + "/large"
        try Data(repeating: 0x61, count: 2 << 20).write(to: URL(fileURLWithPath: file))
        let cases: [(arguments: [String], status: Int, code: String)] = [
            (["/nothing"], 404, "NOT_FOUND"),
            (["/api/v1/auth/login", "-X", "DELETE"], 405, "METHOD_NOT_ALLOWED"),
            (["/api/v1/auth/login", "--json", "{\"username\":"], 400, "MALFORMED_REQUEST"),
            (["/api/v1/auth/login", "--json", "@\(file)"], 413, "TOO_LARGE"),
            (["/api/v1/auth/login", "--json", "@\(file)", "-H", "Transfer-Encoding: chunked"], 413, "TOO_LARGE"),
            (["/health/live", "-H", "X-Long: \(long)"], 431, "TOO_LARGE"),
            (["/" + long], 414, "TOO_LARGE"),
        ]
        for (arguments, status, code) in cases {
            let answer = try await Self.curl(arguments[0], Array(arguments.dropFirst()))
            #expect(answer.status == status, "\(arguments.map { $0.prefix(80) })")
            #expect(answer.json["success"].bool == false)
            #expect(answer.json["error"]["code"].string == code)
        }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Interop/"

    private static func url(_ path: String) async throws -> String {
        "http://127.0.0.1:\(try await Cluster.shared.gateways[0].httpPort)\(path)"
    }

    private static func curl(_ path: String, _ arguments: String...) async throws -> CurlAnswer {
        try await curl(path, arguments)
    }

    private static func curl(_ path: String, _ arguments: [String]) async throws -> CurlAnswer {
        let file = try TestFolder.makeFolder("curl") + "/headers"
        let common = ["curl", "--silent", "--show-error", "--max-time", "30", "--dump-header", file]
        // A HEAD's header fields are all that there is, and would be written twice.
        let output = arguments.contains("--head") ? ["--output", "/dev/null"] : []
        let outcome = try await Command.run(
            "/usr/bin/env", common + output + arguments + [try await url(path)])
        #expect(outcome.succeeded, "\(outcome.output)")
        return CurlAnswer(head: try String(contentsOfFile: file, encoding: .utf8), body: outcome.output)
    }
}

/// What curl was answered.
private struct CurlAnswer {
    let status: Int
    let body: String
    private let fields: [String]

    /// - Parameter head: the heads of all answers; the last counts, behind interim ones.
    init(head: String, body: String) {
        let heads = head.components(separatedBy: "\r\n\r\n").filter { !$0.isEmpty }
        fields = heads.last?.components(separatedBy: "\r\n") ?? []
        status = fields.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        self.body = body
    }

    var json: JSONNode { JSONNode(Array(body.utf8)) }

    func header(_ name: String) -> String? {
        fields.first { $0.lowercased().hasPrefix("\(name):") }.map {
            $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
    }
}
