import Support
import Testing

/// Every refusal over HTTP has the status that fits and the one shape of errors.
@Suite(.timeLimit(.minutes(3))) struct HTTPRefusalTests {
    /// A request as bytes, and what it is answered.
    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let status: Int
        let code: String
        let request: String

        var testDescription: String { name }
    }

    static let bad: [Bad] = [
        Bad(
            name: "no HTTP", status: 400, code: "MALFORMED_REQUEST", request: "GET me a room\r\n\r\n"),
        Bad(
            name: "two lengths", status: 400, code: "MALFORMED_REQUEST",
            request: "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        Bad(
            name: "no Host", status: 400, code: "MALFORMED_REQUEST", request: "GET /health/live HTTP/1.1\r\n\r\n"),
        Bad(
            name: "body that is no JSON", status: 400, code: "MALFORMED_REQUEST",
            request: "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n{a}"),
        Bad(
            name: "unknown path", status: 404, code: "NOT_FOUND",
            request: "GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n"),
        Bad(
            name: "wrong method", status: 405, code: "METHOD_NOT_ALLOWED",
            request: "DELETE /api/v1/auth/login HTTP/1.1\r\nHost: a\r\n\r\n"),
        Bad(
            name: "body over the limit", status: 413, code: "TOO_LARGE",
            request: "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"),
        Bad(
            name: "target over the limit", status: 414, code: "TOO_LARGE",
            request: "GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n"),
        Bad(
            name: "head over the limit", status: 431, code: "TOO_LARGE",
            request: "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n"),
        Bad(
            name: "no token", status: 401, code: "UNAUTHENTICATED",
            request: "GET /api/v1/chatrooms HTTP/1.1\r\nHost: a\r\n\r\n"),
        Bad(
            name: "room without a token", status: 401, code: "UNAUTHENTICATED",
            request: "GET /api/v1/chatrooms/x/messages HTTP/1.1\r\nHost: a\r\n\r\n"),
        Bad(
            name: "method that nothing knows", status: 501, code: "METHOD_NOT_ALLOWED",
            request: "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    @Test(arguments: bad) func badRequestGetsItsStatusAndShape(_ bad: Bad) async throws {
        let client = try await Cluster.shared.http()
        let answer = try await blocking { try client.exchange(Array(bad.request.utf8)) }
        #expect(answer.status == bad.status)
        #expect(answer.header("content-type")?.hasPrefix("application/json") == true)
        let json = answer.json
        #expect(json["success"].bool == false)
        #expect(json["error"]["code"].string == bad.code)
        #expect(json["error"]["message"].string?.isEmpty == false)
        #expect(json["traceId"].string?.count == 32)
    }

    @Test func fieldsAtFaultAreNamed() async throws {
        let cluster = try await Cluster.shared
        let answer = try await cluster.request(
            "POST", "/api/v1/auth/signup", json: ["username": "x", "password": "long enough", "nickname": "X"])
        #expect(answer.status == 400)
        #expect(answer.json["error"]["code"].string == "VALIDATION_FAILED")
        #expect(answer.json["error"]["fields"][0]["field"].string == "username")
        #expect(answer.json["error"]["fields"][0]["rule"].string?.isEmpty == false)
    }

    @Test func takenNameAndWrongPassword() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let taken = try await cluster.request(
            "POST", "/api/v1/auth/signup",
            json: ["username": user.username.uppercased(), "password": "long enough", "nickname": "X"])
        #expect(taken.status == 409)
        #expect(taken.json["error"]["code"].string == "USERNAME_TAKEN")
        for name in [user.username, "nobody-of-this-name"] {
            let wrong = try await cluster.request(
                "POST", "/api/v1/auth/login", json: ["username": name, "password": "not the password"])
            #expect(wrong.status == 401)
            #expect(wrong.json["error"]["code"].string == "INVALID_CREDENTIALS")
        }
    }

    @Test(arguments: ["", "/messages", "/participants"]) func roomOneIsNotInIsNotFound(_ path: String) async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(2)
        let room = try await cluster.makeRoom([users[0]])
        for id in [room, "000000000000000000000000", "nonsense"] {
            let answer = try await cluster.request("GET", "/api/v1/chatrooms/\(id)\(path)", as: users[1])
            #expect(answer.status == 404)
            #expect(answer.json["error"]["code"].string == "ROOM_NOT_FOUND")
        }
    }

    @Test(arguments: ["limit=0", "limit=101", "limit=x", "before=x", "after=-1", "before=1&after=1"])
    func badPageIsRefused(_ query: String) async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let answer = try await cluster.request("GET", "/api/v1/chatrooms/\(room)/messages?\(query)", as: users[0])
        #expect(answer.status == 400)
        #expect(answer.json["error"]["code"].string == "VALIDATION_FAILED")
    }

    @Test func roomsThatCannotBe() async throws {
        let cluster = try await Cluster.shared
        let user = try await cluster.signUp(1)[0]
        let bad: [(body: [String: Any], status: Int)] = [
            (["type": "GROUP", "title": " ", "participantIds": [Int]()], 400),
            (["type": "PARTY", "title": "a", "participantIds": [Int]()], 400),
            (["type": "GROUP", "title": "a", "participantIds": "all"], 400),
            (["type": "GROUP", "title": "a", "participantIds": [Int.max]], 404),
            (["type": "INDIVIDUAL", "participantIds": [user.id]], 400),
            (["type": "INDIVIDUAL", "participantIds": [Int]()], 400),
        ]
        for (body, status) in bad {
            let answer = try await cluster.request("POST", "/api/v1/chatrooms", as: user, json: body)
            #expect(answer.status == status, "\(body): \(answer.text)")
            #expect(answer.json["error"]["code"].string?.isEmpty == false)
        }
    }
}
