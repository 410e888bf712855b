import Support
import Testing

/// What operators and balancers ask.
@Suite(.timeLimit(.minutes(2))) struct HealthTests {
    @Test func readinessNamesEachDependency() async throws {
        let cluster = try await Cluster.shared
        let gateway = try await cluster.request("GET", "/health/ready").json["data"]
        #expect(gateway["status"].string == "UP")
        for name in ["redis", "mongodb", "postgres"] {
            #expect(gateway[name]["status"].string == "UP", "\(name)")
        }
        let client = HTTPClient(port: cluster.persister.httpPort)
        let persister = try await blocking { try client.request("GET", "/health/ready") }.json["data"]
        for name in ["redis", "mongodb"] {
            #expect(persister[name]["status"].string == "UP", "\(name)")
        }
    }

    @Test func metricsCountWhatHappened() async throws {
        let cluster = try await Cluster.shared
        let users = try await cluster.signUp(1)
        let room = try await cluster.makeRoom(users)
        let client = try await cluster.connect(users[0])
        try await client.watchMessages(of: room)
        try await client.send("counted", to: room)
        _ = try await client.messages(1)
        for process in cluster.gateways + [cluster.persister] {
            let http = HTTPClient(port: process.httpPort)
            let answer = try await blocking { try http.request("GET", "/metrics") }
            #expect(answer.status == 200)
            #expect(answer.header("content-type")?.hasPrefix("text/plain") == true)
            let line = /[a-z_]+(\{[^}]*\})? \S+/
            for text in answer.text.split(separator: "\n") where !text.hasPrefix("#") {
                #expect(text.wholeMatch(of: line) != nil, "\(text)")
            }
        }
        let metrics = try await cluster.request("GET", "/metrics").text
        #expect(metrics.contains("shoot_"))
    }
}
