import Bytes
import EventLoop
import Gateway
import Support
import Testing
import WireProtocols

@Suite("WebSocket connection", .timeLimit(.minutes(5)))
struct WebSocketConnectionTests {
    private typealias Decoded = WebSocketDecoded

    @Test("Messages go both ways after the handshake, also those that came along with it")
    func echo() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness(on: loop) { $0.send(textFrame($1 + "!")) }
            let early = WebSocketHarness.request.utf8 + ClientFrame.text("early").bytes
            try await loop.submit { harness.client.value.write(Array(early)) }
            try await harness.send([.text("late", isFinal: false), .of(.ping, "p"), .of(.continuation, "r")])
            let seen = await harness.seen.wait { $0.frames.count == 3 }
            #expect(seen.answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(seen.frames == [.init(.text, "early!"), .init(.pong, "p"), .init(.text, "later!")])
        }
    }

    @Test("A handshake that is not right is answered in HTTP, and the connection goes on")
    func refused() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness(on: loop)
            try await harness.send(text: WebSocketHarness.request.replacing("Version: 13", with: "Version: 8"))
            let refused = await harness.seen.wait { $0.answer.hasSuffix("\r\n\r\n") }
            #expect(refused.answer.hasPrefix("HTTP/1.1 426 "))
            #expect(refused.answer.contains("\r\nSec-WebSocket-Version: 13\r\n"))
            try await harness.send(text: WebSocketHarness.request)
            await harness.heard.wait { $0.connection != nil }
        }
    }

    @Test("A close on our side ends when the peer has answered, and is told once")
    func weClose() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop)
            try await harness.onServer { connection in
                connection.close(code: .serviceRestart, reason: "retry-after-ms=5")
                connection.close(code: .normal, reason: "again")
                connection.send(textFrame("too late"))
            }
            let expected = Decoded.Event(.close(.serviceRestart), "retry-after-ms=5")
            #expect(await harness.seen.wait { !$0.frames.isEmpty }.frames == [expected])
            #expect(harness.heard.value.closed.isEmpty)
            try await harness.send([.text("passed over"), .close(1012)])
            await harness.seen.wait { !$0.closed.isEmpty }
            #expect(harness.heard.value.closed == [WebSocketClosure(.serviceRestart, "retry-after-ms=5")])
            #expect(harness.heard.value.messages.isEmpty)
            #expect(harness.seen.value.frames == [expected])
        }
    }

    @Test("The peer's close is answered")
    func peerCloses() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop)
            try await harness.send([.close(1000, Array("bye".utf8))])
            let seen = await harness.seen.wait { !$0.closed.isEmpty }
            #expect(seen.frames == [.init(.close(.normal))])
            #expect(harness.heard.value.closed == [WebSocketClosure(.normal, "bye")])
        }
    }

    @Test("A breach is answered before the connection ends")
    func breach() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop)
            try await harness.send([.text("fine"), ClientFrame(opcode: 3), .text("after it")])
            let seen = await harness.seen.wait { !$0.closed.isEmpty }
            let fault = WebSocketFault.unknownOpcode
            #expect(seen.frames == [.init(.close(fault.code), fault.reason)])
            #expect(harness.heard.value.closed == [fault.closure])
            #expect(harness.heard.value.messages == ["fine"])
        }
    }

    @Test("A peer that goes without a word is told as 1006")
    func peerGoes() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop)
            try await loop.submit { harness.client.value.close() }
            let heard = await harness.heard.wait { !$0.closed.isEmpty }
            #expect(heard.closed.map(\.code) == [.abnormal])
        }
    }

    @Test("While reading is paused messages wait, and come in order afterwards")
    func pause() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop) { connection, text in
                connection.isReadingPaused = text == "1" || text == "3"
            }
            try await harness.send((1...5).map { .text("\($0)") })
            await harness.heard.wait { $0.messages == ["1"] }
            try await harness.onServer { $0.isReadingPaused = false }
            await harness.heard.wait { $0.messages == ["1", "2", "3"] }
            try await harness.send([.text("6")])
            try await harness.onServer { connection in
                connection.isReadingPaused = false
                connection.isReadingPaused = true
                connection.isReadingPaused = false
            }
            await harness.heard.wait { $0.messages.count == 6 }
            #expect(harness.heard.value.messages == ["1", "2", "3", "4", "5", "6"])
        }
    }

    @Test("A pause does not keep a close from ending")
    func closeWhilePaused() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop) { connection, _ in
                connection.isReadingPaused = true
            }
            try await harness.send([.text("1"), .text("2")])
            await harness.heard.wait { !$0.messages.isEmpty }
            try await harness.onServer { $0.close(code: .goingAway, reason: "") }
            try await harness.send([.close(1001)])
            await harness.heard.wait { !$0.closed.isEmpty }
            #expect(harness.heard.value.messages == ["1"])
        }
    }

    @Test("A ping is answered, which is told")
    func ping() async throws {
        try await withLoop { loop in
            let harness = try await WebSocketHarness.opened(on: loop)
            try await harness.onServer { $0.ping() }
            await harness.seen.wait { $0.frames == [.init(.ping)] }
            try await harness.send([.of(.pong)])
            await harness.heard.wait { $0.pongs == 1 }
        }
    }

    @Test("A slow reader that reads on gets whole frames and then learns why it is cut off")
    func slowReader() async throws {
        try await withLoop { loop in
            let limits = OutboundLimits(maxQueuedBytes: 100_000)
            let harness = try await WebSocketHarness.opened(on: loop, outboundLimits: limits)
            try await loop.submit { harness.client.value.pauseReading() }
            let text = String(repeating: "x", count: 60_000)
            let frame = textFrame(text)
            var isTaken = true
            while isTaken {
                try await harness.onServer { $0.send(frame) }
                isTaken = try await loop.submit { loop.counters.slowReaders == 0 }
            }
            try await loop.submit { harness.client.value.resumeReading() }
            let seen = await harness.seen.wait { !$0.closed.isEmpty }
            // On a busy machine the silence may have lasted long enough for a ping.
            let frames = seen.frames.filter { $0 != .init(.ping) }
            #expect(frames.dropLast().allSatisfy { $0 == .init(.text, text) })
            #expect(frames.last?.kind == .close(.policyViolation))
            #expect(frames.count > 2)
            let heard = await harness.heard.wait { !$0.closed.isEmpty }
            #expect(heard.closed.map(\.code) == [.policyViolation])
            #expect(heard.closed.first?.reason.utf8.elementsEqual(frames.last?.payload ?? []) == true)
        }
    }
}
