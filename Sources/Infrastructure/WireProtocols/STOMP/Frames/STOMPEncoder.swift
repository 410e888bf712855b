import Bytes

/// Writes frames of either side, with header escapes as its version has them.
///
/// MESSAGE frames that go to many are not written by this but by `MessageFrame`.
public struct STOMPEncoder: Sendable {
    /// The version whose escapes are used.
    public let version: STOMPVersion

    /// An encoder for `version`.
    public init(version: STOMPVersion) { self.version = version }

    /// Appends a frame with its NUL; `content-length` is added where there is a body.
    public func append(
        _ command: STOMPCommand, headers: [(name: String, value: String)], body: [UInt8] = [],
        to writer: inout ByteWriter
    ) {
        begin(command, in: &writer)
        let escapes = !command.neverEscapesHeaders
        for header in headers {
            append(Array(header.name.utf8), escaped: escapes, to: &writer)
            writer.append(ASCII.colon)
            append(Array(header.value.utf8), escaped: escapes, to: &writer)
            writer.append(ASCII.lineFeed)
        }
        finish(body: body, to: &writer)
    }

    /// `text` as it stands in a header of this version; the same array where nothing needs escaping.
    public func escaped(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(where: { version.escape(for: $0) != nil }) else { return text }
        var writer = ByteWriter(capacity: text.count + 8)
        append(text, escaped: true, to: &writer)
        return writer.bytes
    }

    /// Appends RECEIPT for the client's `receipt` header.
    public func appendReceipt(_ receipt: [UInt8], to writer: inout ByteWriter) {
        begin(.receipt, in: &writer)
        append("receipt-id", receipt, escaped: true, to: &writer)
        finish(body: [], to: &writer)
    }

    /// Appends ERROR with a text that says what to do. `message` holds nothing that needs an escape.
    public func appendError(
        message: String, explanation: String, receipt: [UInt8]?, listsVersions: Bool = false,
        to writer: inout ByteWriter
    ) {
        begin(.error, in: &writer)
        append("message", Array(message.utf8), escaped: true, to: &writer)
        if let receipt {
            append("receipt-id", receipt, escaped: true, to: &writer)
        }
        if listsVersions {
            writer.append("version:1.0,1.1,1.2\n")
        }
        writer.append("content-type:text/plain\n")
        finish(body: Array(explanation.utf8), to: &writer)
    }

    /// Appends CONNECTED (STOMP 1.2 §CONNECTED Frame). Its headers are never escaped, so a value that would break the
    /// frame is left out.
    public func appendConnected(
        identity: STOMPIdentity, heartBeat: STOMPHeartBeat, to writer: inout ByteWriter
    ) {
        begin(.connected, in: &writer)
        writer.append("version:")
        writer.append(version.name)
        writer.append("\nheart-beat:")
        writer.append(decimal: UInt64(heartBeat.sendMilliseconds))
        writer.append(ASCII.comma)
        writer.append(decimal: UInt64(heartBeat.receiveMilliseconds))
        writer.append(ASCII.lineFeed)
        let texts: [(StaticString, String)] = [
            ("session", identity.session), ("server", identity.server), ("user-name", identity.userName),
        ]
        for (name, text) in texts {
            let value = Array(text.utf8)
            guard value.allSatisfy({ $0 >= ASCII.space }) else { continue }
            append(name, value, escaped: false, to: &writer)
        }
        finish(body: [], to: &writer)
    }

    private func begin(_ command: STOMPCommand, in writer: inout ByteWriter) {
        writer.append(command.name)
        writer.append(ASCII.lineFeed)
    }

    private func append(
        _ name: StaticString, _ value: [UInt8], escaped: Bool, to writer: inout ByteWriter
    ) {
        writer.append(name)
        writer.append(ASCII.colon)
        append(value, escaped: escaped, to: &writer)
        writer.append(ASCII.lineFeed)
    }

    private func append(_ text: [UInt8], escaped: Bool, to writer: inout ByteWriter) {
        for byte in text {
            if escaped, let letter = version.escape(for: byte) {
                writer.append(ASCII.backslash)
                writer.append(letter)
            } else {
                writer.append(byte)
            }
        }
    }

    private func finish(body: [UInt8], to writer: inout ByteWriter) {
        if !body.isEmpty {
            writer.append("content-length:")
            writer.append(decimal: UInt64(body.count))
            writer.append(ASCII.lineFeed)
        }
        writer.append(ASCII.lineFeed)
        writer.append(body)
        writer.append(ASCII.nul)
    }
}

/// Who we are and whom we took the client for, as CONNECTED says it.
public struct STOMPIdentity: Sendable, Equatable {
    /// The session's id.
    public let session: String
    /// Name and version of the server, such as `Shoot/1.0`.
    public let server: String
    /// The authenticated user's name.
    public let userName: String

    /// Names for CONNECTED.
    public init(session: String, server: String, userName: String) {
        self.session = session
        self.server = server
        self.userName = userName
    }
}
