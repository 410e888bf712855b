import CUV
import Glibc

/// An IPv4 or IPv6 address with a port, small enough (24 bytes) to be kept by every connection.
public struct SocketAddress: Hashable, Sendable, LosslessStringConvertible {
    private enum Host: Hashable, Sendable {
        /// In network order, as `in_addr` holds it.
        case v4(UInt32)
        /// As `in6_addr` holds it, in two halves.
        case v6(UInt64, UInt64)
    }

    private let host: Host
    /// The port, in the host's order.
    public let port: UInt16

    /// Reads `127.0.0.1:8080` or `[::1]:8080`; nil where it is neither. Names are ``HostPort``'s.
    public init?(_ description: String) {
        guard let endpoint = HostPort(description) else { return nil }
        self.init(host: endpoint.host, port: endpoint.port)
    }

    /// Reads a numeric address without brackets; nil where it is none.
    public init?(host: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, host, &v4) == 1 {
            self.host = .v4(v4.s_addr)
        } else if inet_pton(AF_INET6, host, &v6) == 1 {
            self.host = Self.halves(of: v6)
        } else {
            return nil
        }
        self.port = port
    }

    /// 127.0.0.1 with `port` (0: any free one).
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(host: .v4(UInt32(0x7F00_0001).bigEndian), port: port)
    }

    private init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Copies a system address; nil where it is neither IPv4 nor IPv6.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let v4 = raw.loadUnaligned(as: sockaddr_in.self)
            self.init(host: .v4(v4.sin_addr.s_addr), port: UInt16(bigEndian: v4.sin_port))
        case AF_INET6:
            let v6 = raw.loadUnaligned(as: sockaddr_in6.self)
            self.init(host: Self.halves(of: v6.sin6_addr), port: UInt16(bigEndian: v6.sin6_port))
        default:
            return nil
        }
    }

    /// The address family, `AF_INET` or `AF_INET6`.
    var family: Int32 {
        switch host {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Lends the address in the system's form.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch host {
        case .v4(let address):
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            v4.sin_addr.s_addr = address
            return Self.lend(v4, to: body)
        case .v6(let high, let low):
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &v6.sin6_addr) { bytes in
                bytes.storeBytes(of: high, as: UInt64.self)
                bytes.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
            }
            return Self.lend(v6, to: body)
        }
    }

    /// The host alone: `127.0.0.1` or `::1`.
    public var hostDescription: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return withSystemAddress { address, _ in
            let raw = UnsafeRawPointer(address)
            let offset =
                family == AF_INET
                ? MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) : MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)
            guard let offset, let end = inet_ntop(family, raw + offset, &text, socklen_t(text.count)) else {
                return "?"
            }
            return String(cString: end)
        }
    }

    /// `127.0.0.1:8080` or `[::1]:8080`.
    public var description: String {
        family == AF_INET ? "\(hostDescription):\(port)" : "[\(hostDescription)]:\(port)"
    }

    private static func halves(of address: in6_addr) -> Host {
        withUnsafeBytes(of: address) { bytes in
            .v6(bytes.load(as: UInt64.self), bytes.load(fromByteOffset: 8, as: UInt64.self))
        }
    }

    private static func lend<Address, Result>(
        _ address: Address, to body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
