import CCurl
import Synchronization

/// A question to another HTTP server.
public struct OutboundRequest: Sendable {
    public var url: String
    /// Lines such as `Content-Type: application/json`.
    public var headers: [String]
    /// What is posted; nil asks by GET.
    public var body: [UInt8]?
    public var timeoutMilliseconds: Int

    public init(url: String, headers: [String] = [], body: [UInt8]? = nil, timeoutMilliseconds: Int) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// What it answered, whatever the status.
public struct OutboundAnswer: Sendable, Equatable {
    public let status: Int
    public let body: [UInt8]
}

/// Asks other HTTP servers, over a connection that is kept where the next question goes to the same. One question at a
/// time; callers on other threads wait.
public final class OutboundClient: Sendable {
    private let handle: Mutex<CurlHandle>

    /// - Throws: `OutboundError` (`resources`) where libcurl cannot be set up.
    public init() throws(OutboundError) {
        let handle = try CurlHandle()
        self.handle = Mutex(handle)
    }

    /// Asks and waits for the whole answer: may block for as long as the request's time-out.
    public func exchange(_ request: OutboundRequest) throws(OutboundError) -> OutboundAnswer {
        try handle.withLock { (handle) throws(OutboundError) in
            try handle.begin(url: request.url, timeoutMilliseconds: request.timeoutMilliseconds)
            // Without this libcurl asks before it sends a large body, and waits a second where nobody answers that.
            let headers = HeaderList(request.headers + ["Expect:"])
            try CurlHandle.check(shim_curl_set_list(handle.curl, CURLOPT_HTTPHEADER, headers.first))
            let sink = AnswerSink()
            try CurlHandle.check(
                shim_curl_set_write(handle.curl, AnswerSink.write, Unmanaged.passUnretained(sink).toOpaque()))
            let code = try perform(handle, body: request.body)
            withExtendedLifetime((headers, sink)) {}
            try CurlHandle.check(code)
            var status = 0
            try CurlHandle.check(shim_curl_status(handle.curl, &status))
            return OutboundAnswer(status: status, body: sink.bytes)
        }
    }

    private func perform(_ handle: borrowing CurlHandle, body: [UInt8]?) throws(OutboundError) -> CURLcode {
        guard let body else { return curl_easy_perform(handle.curl) }
        try handle.set(CURLOPT_POST, 1)
        try handle.set(CURLOPT_POSTFIELDSIZE, body.count)
        // The bytes are lent for the length of the transfer; there has to be a pointer even to none.
        let lent = body.isEmpty ? [0] : body
        return lent.withUnsafeBytes { bytes in
            let text = bytes.bindMemory(to: CChar.self).baseAddress
            let code = shim_curl_set_text(handle.curl, CURLOPT_POSTFIELDS, text)
            return code == CURLE_OK ? curl_easy_perform(handle.curl) : code
        }
    }
}

/// Header lines as libcurl keeps them.
private final class HeaderList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    init(_ lines: [String]) {
        for line in lines {
            first = curl_slist_append(first, line) ?? first
        }
    }

    deinit { curl_slist_free_all(first) }
}

/// Gathers an answer as it comes; libcurl ends the transfer where it is told that not all was taken.
private final class AnswerSink {
    private(set) var bytes: [UInt8] = []

    static let write: shim_curl_write = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return Unmanaged<AnswerSink>.fromOpaque(context).takeUnretainedValue().take(part)
    }

    private func take(_ part: UnsafeRawBufferPointer) -> Int {
        guard bytes.count + part.count <= OutgoingLimits.maxAnswerBytes else { return 0 }
        bytes.append(contentsOf: part)
        return part.count
    }
}
