import Support
import Testing

/// `https` and `wss` by configuration, asked by clients that check the certificate.
@Suite(.timeLimit(.minutes(2))) struct TLSTests {
    @Test func gatewayServesTLS() async throws {
        let folder = try TestFolder.makeFolder("tls")
        let (certificate, key) = ("\(folder)/certificate.pem", "\(folder)/key.pem")
        let made = try await Command.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ])
        #expect(made.succeeded, "\(made.output)")
        let settings = ["SHOOT_HTTP_TLS_CERTIFICATE_FILE": certificate, "SHOOT_HTTP_TLS_KEY_FILE": key]
        let gateway = try await ShootProcess.start(
            ["gateway"], environment: try await Cluster.freshEnvironment().merging(settings) { $1 }, readyPath: nil)
        do {
            try await Self.check(gateway, certificate: certificate)
        } catch {
            try await gateway.kill()
            throw error
        }
        let exitCode = try await gateway.terminate()
        #expect(exitCode == 0)
    }

    private static func check(_ gateway: ShootProcess, certificate: String) async throws {
        let url = "https://127.0.0.1:\(gateway.httpPort)/health/ready"
        try await eventually("the gateway answers over TLS") {
            let arguments = ["curl", "--silent", "--fail", "--cacert", certificate, url]
            return try await Command.run("/usr/bin/env", arguments).succeeded ? () : nil
        }
        let script = """
            import sys, websocket
            socket = websocket.create_connection(
                "wss://127.0.0.1:" + sys.argv[1] + "/ws/chat", timeout=20, sslopt={"ca_certs": sys.argv[2]})
            socket.send("CONNECT\\naccept-version:1.2\\n\\n\\0")
            assert socket.recv().startswith("ERROR\\n")
            """
        let outcome = try await Command.python(["-c", script, "\(gateway.httpPort)", certificate])
        #expect(outcome.succeeded, "\(outcome.output)")
        let plain = HTTPClient(port: gateway.httpPort)
        let answer = try? await blocking { try plain.request("GET", "/health/live") }
        #expect(answer == nil, "it answers without TLS")
    }
}
