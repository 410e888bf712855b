import Foundation
import Synchronization

/// A client's connection and the one to the server that stands behind it.
final class ProxiedPair: Sendable {
    private let client: TCPSocket
    private let server: TCPSocket
    private let spring: @Sendable (Set<TCPProxy.Point>, [UInt8]) -> Trap?
    /// The trap that holds answers from a request on, and what ends the answer to that request.
    private let awaited = Mutex<(trap: Trap, mark: [UInt8])?>(nil)

    init(
        client: TCPSocket, server: TCPSocket, spring: @escaping @Sendable (Set<TCPProxy.Point>, [UInt8]) -> Trap?
    ) {
        self.client = client
        self.server = server
        self.spring = spring
    }

    func end() {
        client.shutdown()
        server.shutdown()
    }

    func passRequests() {
        defer { end() }
        var bytes: [UInt8] = []
        while (try? client.read(into: &bytes)) == true {
            if let trap = spring([.request, .reply], bytes) {
                if trap.point == .reply {
                    bytes += markAnswer(for: trap)
                } else if !trap.hold() {
                    return
                }
            }
            guard (try? server.write(bytes)) != nil else { return }
            bytes.removeAll(keepingCapacity: true)
        }
    }

    func passAnswers() {
        defer { end() }
        var bytes: [UInt8] = []
        while (try? server.read(into: &bytes)) == true {
            if let (trap, mark) = awaited.withLock({ $0 }) {
                guard let place = bytes.place(of: mark) else { continue }
                bytes.removeSubrange(place..<(place + mark.count))
                awaited.withLock { $0 = nil }
                guard trap.hold() else { return }
            } else if let trap = spring([.push], bytes), !trap.hold() {
                return
            }
            guard (try? client.write(bytes)) != nil else { return }
            bytes.removeAll(keepingCapacity: true)
        }
    }

    /// Has Redis say something behind its answer to what was asked so far, so that the end of that is seen.
    private func markAnswer(for trap: Trap) -> [UInt8] {
        let text = UUID().uuidString
        awaited.withLock { $0 = (trap, Array("$\(text.utf8.count)\r\n\(text)\r\n".utf8)) }
        return Array("*2\r\n$4\r\nECHO\r\n$\(text.utf8.count)\r\n\(text)\r\n".utf8)
    }
}
