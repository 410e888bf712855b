import EventLoop
import Foundation
import Support

/// A TCP client that says exactly the bytes that it is told to. Its calls block; a server that is silent for ten
/// seconds fails the test.
final class RawClient: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// An answer, taken apart.
    struct Answer: Sendable {
        let status: Int
        /// By lower-case name.
        let fields: [String: String]
        let body: String
    }

    private let descriptor: Int32

    init(_ address: SocketAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = inet_addr(address.hostDescription)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(description: "cannot connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return write(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { throw Failure(description: "cannot send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// Exactly `count` bytes; fewer where the server closes.
    func read(_ count: Int) throws -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let received = bytes.withUnsafeMutableBytes { bytes in
                let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[got...])
                return recv(descriptor, rest.baseAddress, rest.count, 0)
            }
            guard received >= 0 else {
                throw Failure(description: "cannot receive: \(String(cString: strerror(errno)))")
            }
            if received == 0 { break }
            got += received
        }
        return String(decoding: bytes[..<got], as: UTF8.self)
    }

    /// The next answer, which has a body unless it was asked for by HEAD.
    func answer(toHead: Bool = false) throws -> Answer {
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            let byte = try read(1)
            guard !byte.isEmpty else { throw Failure(description: "closed after \"\(head)\"") }
            head += byte
        }
        let lines = head.components(separatedBy: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        guard let status = Int(lines[0].dropFirst(9).prefix(3)) else {
            throw Failure(description: "no status: \(head)")
        }
        let length = toHead ? 0 : Int(fields["content-length"] ?? "0") ?? 0
        return Answer(status: status, fields: fields, body: try read(length))
    }

    /// Ends our side.
    func hangUp() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether the server has closed, nothing more having come.
    func isClosed() throws -> Bool { try read(1).isEmpty }
}
