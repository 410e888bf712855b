import Testing

@testable import Gateway

@Suite struct NetworkBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ("192.168.4.0/22", "192.168.7.255", true), ("192.168.4.0/22", "192.168.8.0", false),
        ("10.1.2.4/31", "10.1.2.5", true), ("::1", "::1", true), ("fd00::/8", "fdff::2", true),
        ("fd00::/8", "fe00::2", false), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true),
    ])
    func blocksContainAddresses(block: String, address: String, isInside: Bool) throws {
        let block = try #require(NetworkBlock(block))
        #expect(block.contains(try #require(NetworkAddress(address))) == isInside)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:0:1::2", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::2", "2001:db8:0:1::/64"), ("2001:db8:0:2::2", "2001:db8:0:2::/64"),
    ])
    func ofIPv6AWholeNetIsOneOwners(address: String, owner: String) throws {
        #expect(try #require(NetworkAddress(address)).owner == owner)
    }

    @Test(arguments: ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "host", "/8"])
    func whatIsNoBlockIsRefused(text: String) {
        #expect(NetworkBlock(text) == nil)
    }

    @Test(
        arguments: [
            // Nobody is trusted unless named.
            ([], "127.0.0.1", ["203.0.113.9"], "127.0.0.1"),
            // A client that is no proxy is not believed.
            (["127.0.0.1"], "203.0.113.1", ["203.0.113.9"], "203.0.113.1"),
            (["127.0.0.1"], "127.0.0.1", ["203.0.113.9"], "203.0.113.9"), (["127.0.0.1"], "127.0.0.1", [], "127.0.0.1"),
            // What the client wrote itself stands to the left.
            (["127.0.0.1"], "127.0.0.1", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            (["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", ["1.1.1.1", "203.0.113.9", "10.0.0.7"], "203.0.113.9"),
            (["10.0.0.0/8"], "10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
            (["127.0.0.1"], "127.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
            (["127.0.0.1"], "127.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
            (["127.0.0.1"], "127.0.0.1", ["1.1.1.1", "unknown"], "127.0.0.1"),
        ] as [([String], String, [String], String)])
    func proxiesAreBelievedWhereTrusted(trusted: [String], peer: String, forwarded: [String], client: String) {
        let blocks = trusted.compactMap(NetworkBlock.init)
        #expect(blocks.count == trusted.count)
        #expect(blocks.client(peer: peer, forwardedFor: forwarded) == client)
    }
}
