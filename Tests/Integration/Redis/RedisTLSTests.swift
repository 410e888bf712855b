import EventLoop
import Launcher
import Redis
import Support
import Testing
import WireProtocols

@Suite(.timeLimit(.minutes(5))) struct RedisTLSTests {
    /// A certificate for 127.0.0.1 that is its own authority, and its key.
    private func makeCertificate(in folder: String) async throws -> (certificate: String, key: String) {
        let (certificate, key) = (folder + "/tls.crt", folder + "/tls.key")
        let outcome = try await Command.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ])
        #expect(outcome.succeeded, "\(outcome.output)")
        return (certificate, key)
    }

    @Test func talksOverTLSToWhomItTrusts() async throws {
        try await withRedis { redis, _, loop in
            let (certificate, key) = try await makeCertificate(in: redis.folder)
            let port = try LoopbackPort.free()
            let open = try await RedisClient.start(redis.configuration, on: loop)
            _ = try await open.command(
                "CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", key, "tls-ca-cert-file", certificate,
                "tls-auth-clients", "no", "tls-port", "\(port)")
            let url = "rediss://127.0.0.1:\(port)"
            let trusting = try RedisConfiguration(url: url, trust: .authorities(file: certificate))
            let client = try await RedisClient.start(trusting, on: loop)
            let value = [UInt8](repeating: 7, count: 3_000_000)
            #expect(try await client.command([Array("SET".utf8), Array("k".utf8), value]) == .status("OK"))
            #expect(try await client.command("GET", "k").bytes == value)

            let wary = try await RedisClient.start(RedisConfiguration(url: url), on: loop)
            let refused = await error { () async throws(RedisError) in
                try await wary.command([Array("PING".utf8)], timeoutMilliseconds: 500)
            }
            #expect(refused?.code == .timedOut(written: false))
            #expect(refused?.cause.hasPrefix("tls") == true)
        }
    }
}
