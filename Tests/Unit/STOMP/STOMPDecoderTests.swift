import Bytes
import Testing

@testable import WireProtocols

@Suite struct STOMPDecoderTests {
    /// Several frames of all shapes with what may stand between them.
    static let stream = Array(
        ("\n\r\nSTOMP\naccept-version:1.2\nhost:a\\nb\n\n\0\n"
            + "SEND\r\ndestination:/app/chat\r\ncontent-length:5\r\n\r\na\0b\nc\0\0\n"
            + "SEND\ndestination:/a\\c\\\\b\nx:1\nx:2\n\nhällo\n\n\0"
            + "SUBSCRIBE\nid: 0 \ndestination:/topic/x:y\n\n\0\r\n\r\n"
            + "FOO\n\nbody\0DISCONNECT\nreceipt:\n\n\0").utf8)

    @Test func readsFramesThatComeTogether() throws {
        let decoded = STOMPDecoded([Self.stream])
        #expect(decoded.error == nil)
        #expect(
            decoded.frames.map(\.command) == [.stomp, .send, .send, .subscribe, .unknown, .disconnect])
        #expect(decoded.heartBeats == 4)
        let sends = decoded.frames.filter { $0.command == .send }
        #expect(sends.map(\.bodyBytes) == [Array("a\0b\nc".utf8), Array("hällo\n\n".utf8)])
        #expect(sends[0].text(of: "destination") == "/app/chat")
        #expect(decoded.frames[5].value(of: "receipt") == [])
    }

    @Test func undoesEscapesSplitsAtTheFirstColonAndTrimsNothing() {
        let frames = STOMPDecoded([Self.stream]).frames
        #expect(frames[0].text(of: "host") == "a\\nb", "never in CONNECT and STOMP")
        #expect(frames[2].text(of: "destination") == "/a:\\b")
        #expect(frames[3].text(of: "destination") == "/topic/x:y")
        #expect(frames[3].text(of: "id") == " 0 ")
    }

    @Test func takesTheFirstOfRepeatedHeaders() {
        let frame = STOMPDecoded([Self.stream]).frames[2]
        #expect(frame.text(of: "x") == "1")
        #expect(frame.headerList.count == 3)
        #expect(frame.value(of: "absent") == nil)
    }

    @Test func readsTheSameByteByByte() {
        let whole = STOMPDecoded([Self.stream])
        let pieces = STOMPDecoded(Self.stream.map { [$0] })
        #expect(pieces.frames == whole.frames)
        #expect(pieces.error == nil)
    }

    @Test func readsTheSameAtEverySplit() {
        let whole = STOMPDecoded([Self.stream]).frames
        for split in 0...Self.stream.count {
            let decoded = STOMPDecoded([Array(Self.stream[..<split]), Array(Self.stream[split...])])
            #expect(decoded.frames == whole, "split at \(split)")
            #expect(decoded.error == nil, "split at \(split)")
        }
    }

    @Test func reportsHeartBeatsBetweenFramesOnly() {
        #expect(STOMPDecoded("\n").heartBeats == 1)
        #expect(STOMPDecoded([[ASCII.lineFeed], [ASCII.carriageReturn], [ASCII.lineFeed]]).heartBeats == 2)
        #expect(STOMPDecoded("\0\0").heartBeats == 0)
        #expect(STOMPDecoded("SEND\ndestination:/a\n\n\n\n\0").heartBeats == 0)
    }

    @Test func keepsTheBeginningOfAFrame() throws {
        var decoder = STOMPDecoder(limits: STOMPLimits())
        let piece = Array("SEND\ndest".utf8)
        var offset = 0
        #expect(try decoder.next(in: piece.span, at: &offset) == nil)
        #expect(offset == piece.count)
        #expect(decoder.isWithinFrame)
    }

    @Test func contentLengthCountsBytes() {
        let decoded = STOMPDecoded("SEND\ndestination:/a\ncontent-length:2\n\nä\0")
        #expect(decoded.frames.first?.bodyBytes == Array("ä".utf8))
        #expect(STOMPDecoded("SEND\ndestination:/a\ncontent-length:0\n\n\0").frames.count == 1)
        #expect(STOMPDecoded("DISCONNECT\ncontent-length:0\n\n\0").frames.count == 1)
    }

    @Test(arguments: [
        (STOMPVersion.v10, "a\\nb", "a\\nb"), (.v10, "\\t", "\\t"), (.v11, "a\\n\\c\\\\", "a\n:\\"),
        (.v12, "\\r\\n\\c\\\\r", "\r\n:\\r"),
    ])
    func escapesDependOnTheVersion(version: STOMPVersion, written: String, meant: String) {
        let frame = STOMPDecoded("SEND\nx\(written):\(written)\n\n\0", version: version).frames.first
        #expect(frame?.headerList.map(\.name) == ["x" + meant])
        #expect(frame?.headerList.map(\.value) == [meant])
    }
}
