import Bytes

/// Status and fields of a response, to be written with its body (RFC 9112 §4).
public struct HTTPResponseHead: Sendable {
    /// One header field. Bytes in its value that could end the line are written as spaces.
    public struct Field: Sendable {
        public let name: StaticString
        public let value: String

        /// The field `name: value`.
        public init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var status: Int
    /// The fields beside `Date`, `Content-Length` and `Connection`, which writing adds.
    public var fields: [Field]

    /// A head with `status`.
    public init(status: Int, fields: [Field] = []) {
        self.status = status
        self.fields = fields
    }

    /// The interim answer that lets a client send the body that it holds back (RFC 9110 §15.2.1).
    public static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends the whole response. `date` is formatted already, since it is the same for a second's worth of answers;
    /// `omitsBody` is for HEAD, which is told the length and not the body.
    public func write(
        to out: inout ByteWriter, body: [UInt8], date: [UInt8], keepsAlive: Bool, omitsBody: Bool
    ) {
        out.reserve(256 + body.count)
        out.append("HTTP/1.1 ")
        out.append(decimal: Int64(status))
        out.append(ASCII.space)
        out.append(utf8: HTTPStatus.reason(status))
        out.append("\r\nDate: ")
        out.append(date)
        for field in fields {
            out.append("\r\n")
            out.append(field.name)
            out.append(": ")
            for byte in field.value.utf8 {
                out.append(byte < ASCII.space || byte == 0x7F ? ASCII.space : byte)
            }
        }
        if !HTTPStatus.hasNoBody(status) {
            out.append("\r\nContent-Length: ")
            out.append(decimal: Int64(body.count))
        }
        out.append(keepsAlive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n")
        if !omitsBody, !HTTPStatus.hasNoBody(status) {
            out.append(body)
        }
    }
}
