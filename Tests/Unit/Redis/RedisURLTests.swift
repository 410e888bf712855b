import EventLoop
import Redis
import Testing

@Suite struct RedisURLTests {
    @Test(arguments: [
        ("redis://localhost", "localhost", 6379, 0), ("redis://10.0.0.1:6380/", "10.0.0.1", 6380, 0),
        ("redis://[::1]:7000/15", "::1", 7000, 15), ("redis://[::1]", "::1", 6379, 0),
        ("REDIS://r.internal/2", "r.internal", 6379, 2),
    ])
    func readsAddresses(_ url: String, _ host: String, _ port: Int, _ database: Int) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.endpoint == HostPort(host: host, port: UInt16(port)))
        #expect(Int(configuration.database) == database)
        #expect(configuration.tls == nil && configuration.username == nil && configuration.password == nil)
    }

    @Test func readsCredentials() throws {
        let one = try RedisConfiguration(url: "redis://:s%40cr%C3%A9t@h")
        #expect(one.username == nil && one.password == "s@crét")
        let two = try RedisConfiguration(url: "redis://chat:a:b@h:1/3")
        #expect(two.username == "chat" && two.password == "a:b" && two.database == 3)
    }

    @Test func asksForTLS() throws {
        #expect(try RedisConfiguration(url: "rediss://h").tls != nil)
        let error = #expect(throws: RedisError.self) {
            try RedisConfiguration(url: "rediss://h", trust: .authorities(file: "/nowhere.pem"))
        }
        #expect(error?.code == .tls)
    }

    @Test func describesItselfWithoutThePassword() throws {
        let configuration = try RedisConfiguration(url: "redis://chat:geheim@h:1/3")
        #expect(configuration.description == "redis://chat@h:1/3")
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "redis:/h", "redis://", "redis://:6379", "redis://h:0", "redis://h:65536",
        "redis://h:x", "redis://h/x", "redis://h/-1", "redis://h/1/2", "redis://h/99999999999", "redis://h?db=1",
        "redis://h#1", "redis://user@h", "redis://user:@h", "redis://:%zz@h", "redis://:%4@h", "redis://:%ff@h",
        "redis://::1", "redis://[::1:6379",
    ])
    func refuses(_ url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .badURL)
    }

    @Test func anErrorDoesNotRepeatThePassword() {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: "redis://u:geheim@h:x") }
        #expect(error?.description.contains("geheim") == false)
    }
}
