import EventLoop
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test(
        "Numeric addresses are read and written",
        arguments: ["127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "[2001:db8::2:1]:65535", "[::]:1"])
    func numeric(text: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == text)
        #expect(SocketAddress(address.description) == address)
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "", ":", "127.0.0.1", "127.0.0.1:", ":80", "::1:80", "[::1]", "[::1]80", "127.0.0.1:65536", "127.0.0.1:-1",
            "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:1x", "256.0.0.1:1", "localhost:1", "[127.0.0.1:1", "[]:1",
        ])
    func malformed(text: String) { #expect(SocketAddress(text) == nil) }

    @Test(
        "Hosts by name or number are read and written",
        arguments: ["localhost:1", "redis.internal:6379", "10.0.0.1:5", "[::1]:6379"])
    func hosts(text: String) throws { #expect(try #require(HostPort(text)).description == text) }

    @Test("What is no host and port is refused", arguments: ["", "redis", "redis:", ":1", "redis:x", "::1:5", "[]:1"])
    func malformedHost(text: String) { #expect(HostPort(text) == nil) }

    @Test("The parts of an address")
    func parts() throws {
        let address = try #require(SocketAddress("[::1]:81"))
        #expect(address.port == 81)
        #expect(address.hostDescription == "::1")
        #expect(SocketAddress.loopback(port: 5).description == "127.0.0.1:5")
    }
}
