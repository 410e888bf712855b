import Bytes
import Testing
import WireProtocols

@Suite struct HTTPResponseTests {
    private static func write(
        _ head: HTTPResponseHead, body: String = "", keepsAlive: Bool = true, omitsBody: Bool = false
    ) -> String {
        var out = ByteWriter()
        head.write(
            to: &out, body: Array(body.utf8), date: Array("DATE".utf8), keepsAlive: keepsAlive, omitsBody: omitsBody)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test func aResponseIsWritten() {
        let head = HTTPResponseHead(status: 201, fields: [.init("Content-Type", "text/plain"), .init("X", "é")])
        #expect(
            Self.write(head, body: "hi")
                == "HTTP/1.1 201 Created\r\nDate: DATE\r\nContent-Type: text/plain\r\nX: é\r\nContent-Length: 2\r\n"
                + "Connection: keep-alive\r\n\r\nhi")
    }

    @Test func headIsToldTheLengthOnly() {
        #expect(
            Self.write(HTTPResponseHead(status: 200), body: "four", keepsAlive: false, omitsBody: true)
                == "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 4\r\nConnection: close\r\n\r\n")
    }

    @Test func statusesWithoutABodyHaveNoLength() {
        for status in [204, 304] {
            #expect(!Self.write(HTTPResponseHead(status: status), body: "x").contains("Content-Length"))
            #expect(Self.write(HTTPResponseHead(status: status), body: "x").hasSuffix("\r\n\r\n"))
        }
    }

    @Test func aValueCannotEndItsLine() {
        let text = Self.write(HTTPResponseHead(status: 200, fields: [.init("Location", "/a\r\nSet-Cookie: b\u{7F}")]))
        #expect(text.contains("\r\nLocation: /a  Set-Cookie: b \r\n"))
    }

    @Test func reasonsAreTheStandardOnes() {
        #expect(HTTPStatus.reason(431) == "Request Header Fields Too Large")
        #expect(HTTPStatus.reason(799) == "")
        #expect(HTTPStatus.reason(-1) == "")
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-5, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] as [(Int64, String)])
    func dates(seconds: Int64, text: String) {
        #expect(String(decoding: HTTPDate.format(unixSeconds: seconds), as: UTF8.self) == text)
    }
}
