import Foundation
import Synchronization

/// An HTTP server on loopback that keeps what is posted to it and answers all alike: a collector of traces, for tests.
public final class CollectorStub: Sendable {
    /// One request.
    public struct Request: Sendable {
        /// Method, path and version.
        public let line: String
        /// The header lines, names as they came.
        public let headers: [String]
        public let body: [UInt8]
    }

    public var port: UInt16 { listener.port }
    private let listener: LoopbackListener
    private let status: Int
    private let received = Mutex<[Request]>([])

    /// Listens on a free port until it is closed.
    /// - Parameter status: what it answers.
    public static func start(status: Int = 200) throws -> CollectorStub {
        let stub = CollectorStub(listener: try LoopbackListener(), status: status)
        stub.listener.serve { stub.serve($0) }
        return stub
    }

    private init(listener: LoopbackListener, status: Int) {
        self.listener = listener
        self.status = status
    }

    /// What to configure.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// All that came so far.
    public var requests: [Request] { received.withLock { $0 } }

    /// All spans that came so far.
    public var spans: [ExportedSpan] { requests.flatMap { ExportedSpan.spans(inExport: $0.body) } }

    /// Accepts nothing more.
    public func close() { listener.close() }

    private func serve(_ connection: TCPSocket) {
        var bytes: [UInt8] = []
        while (try? connection.read(into: &bytes)) == true {
            while let (request, length) = Self.request(in: bytes) {
                bytes.removeFirst(length)
                received.withLock { $0.append(request) }
                try? connection.write(Array("HTTP/1.1 \(status) -\r\nContent-Length: 2\r\n\r\n{}".utf8))
            }
        }
    }

    private static func request(in bytes: [UInt8]) -> (Request, length: Int)? {
        guard let end = bytes.place(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = bytes.text(0..<end).components(separatedBy: "\r\n")
        let lengthField = lines.first { $0.lowercased().hasPrefix("content-length:") }
        let length = lengthField.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        guard bytes.count >= end + 4 + length else { return nil }
        let body = Array(bytes[(end + 4)..<(end + 4 + length)])
        return (Request(line: lines[0], headers: Array(lines.dropFirst()), body: body), end + 4 + length)
    }
}

/// A span as it stands in an export.
public struct ExportedSpan: Sendable, Equatable {
    public let name: String
    public let traceID: String
    public let spanID: String
    public let parentID: String?
    /// `service.name` and `service.instance.id` of its process.
    public let service: String
    public let instance: String
    public let start: UInt64
    public let end: UInt64
    /// Numbers as they stand there: as text.
    public let attributes: [String: String]
    /// Whether its status is an error.
    public let isFailed: Bool

    /// The spans in the body of an export; none where it is not one.
    public static func spans(inExport body: [UInt8]) -> [ExportedSpan] {
        JSONNode(body)["resourceSpans"].array.flatMap { resource in
            let process = attributes(resource["resource"])
            let spans = resource["scopeSpans"].array.flatMap { $0["spans"].array }
            return spans.compactMap { span -> ExportedSpan? in
                guard let name = span["name"].string, let trace = span["traceId"].string,
                    let id = span["spanId"].string, let start = span["startTimeUnixNano"].string.flatMap(UInt64.init),
                    let end = span["endTimeUnixNano"].string.flatMap(UInt64.init)
                else { return nil }
                return ExportedSpan(
                    name: name, traceID: trace, spanID: id, parentID: span["parentSpanId"].string,
                    service: process["service.name"] ?? "", instance: process["service.instance.id"] ?? "",
                    start: start, end: end, attributes: attributes(span), isFailed: span["status"]["code"].int == 2)
            }
        }
    }

    private static func attributes(_ node: JSONNode) -> [String: String] {
        node["attributes"].array.reduce(into: [:]) { attributes, attribute in
            guard let key = attribute["key"].string else { return }
            attributes[key] = attribute["value"]["stringValue"].string ?? attribute["value"]["intValue"].string
        }
    }
}
