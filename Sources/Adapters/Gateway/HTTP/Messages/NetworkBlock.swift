import EventLoop
import Glibc

/// An IPv4 or IPv6 address as a number that can be compared by its leading bits.
public struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16 bytes in network order. An IPv4 address within IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    let bytes: [UInt8]

    /// Reads a numeric address, with a port behind it or without; nil where it is none.
    public init?(_ text: String) {
        let host = SocketAddress(text)?.hostDescription ?? text
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, host, &v4) == 1 {
            bytes = withUnsafeBytes(of: v4) { Array($0) }
        } else if inet_pton(AF_INET6, host, &v6) == 1 {
            let all = withUnsafeBytes(of: v6) { Array($0) }
            let isMapped = all.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            bytes = isMapped ? Array(all.suffix(4)) : all
        } else {
            return nil
        }
    }

    /// What of it belongs to one owner, for counting: of IPv6 the first 64 bits, in which one host may have any address.
    var owner: String {
        guard bytes.count == 16 else { return text }
        return (0..<4).map { String(UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]), radix: 16) }
            .joined(separator: ":") + "::/64"
    }

    /// As it is usually written.
    public var text: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard let end = inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) else { return "?" }
        return String(cString: end)
    }
}

/// A block of addresses in CIDR notation (RFC 4632), such as `10.0.0.0/8` or `::1`.
public struct NetworkBlock: Hashable, Sendable {
    private let address: NetworkAddress
    private let prefix: Int

    /// Reads a block, or an address that is a block by itself; nil where it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = NetworkAddress(String(first)) else { return nil }
        let width = address.bytes.count * 8
        guard let prefix = parts.count == 2 ? Int(parts[1]) : width, 0...width ~= prefix else { return nil }
        self.address = address
        self.prefix = prefix
    }

    /// Whether `other` is one of the block's addresses.
    public func contains(_ other: NetworkAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let (whole, rest) = prefix.quotientAndRemainder(dividingBy: 8)
        guard other.bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        return rest == 0 || (other.bytes[whole] ^ address.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}

extension [NetworkBlock] {
    /// Who a request comes from: the peer, or where that is a proxy in one of these blocks the nearest address in
    /// `X-Forwarded-For` that is not. What stands further left may be made up by the client.
    func client(peer: String, forwardedFor: [String]) -> String {
        guard !isEmpty, var nearest = NetworkAddress(peer) else { return peer }
        for text in forwardedFor.suffix(HTTPServerLimits.forwardedAddresses).reversed() {
            guard contains(where: { $0.contains(nearest) }), let next = NetworkAddress(text) else { break }
            nearest = next
        }
        return nearest.text
    }
}
