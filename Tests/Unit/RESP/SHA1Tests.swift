import Bytes
import Testing
import WireProtocols

@Suite struct SHA1Tests {
    /// The examples of FIPS 180 and the empty message.
    @Test(arguments: [
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ])
    func digests(_ message: String, _ expected: String) {
        var writer = ByteWriter()
        writer.append(hex: SHA1.digest(of: Array(message.utf8)))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }
}
