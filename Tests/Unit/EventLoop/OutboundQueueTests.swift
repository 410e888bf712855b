import Bytes
import CUV
import Support
import Testing

@testable import EventLoop

@Suite("Outbound queues")
struct OutboundQueueTests {
    private func gathered(_ queue: OutboundQueue, pieces count: Int = 64) -> [UInt8] {
        let pieces = UnsafeMutableBufferPointer<uv_buf_t>.allocate(capacity: count)
        pieces.initialize(repeating: uv_buf_t())
        defer { pieces.deallocate() }
        let result = queue.gather(into: pieces)
        let bytes = pieces.prefix(result.pieces).flatMap {
            Array(UnsafeRawBufferPointer(start: $0.base, count: $0.len))
        }
        #expect(bytes.count == result.bytes)
        return bytes
    }

    @Test("An empty queue has nothing to gather")
    func empty() {
        #expect(gathered(OutboundQueue()) == [])
        #expect(OutboundQueue().isEmpty)
    }

    @Test("No more is gathered than there are places")
    func places() {
        var queue = OutboundQueue()
        for byte in 0..<5 {
            queue.append(SharedBytes([UInt8(byte)]))
        }
        #expect(gathered(queue, pieces: 3) == [0, 1, 2])
    }

    @Test("Against a plain array of bytes", arguments: 1...20)
    func model(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = OutboundQueue()
        var model: [UInt8] = []
        for _ in 0..<2_000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let bytes = pattern(Int.random(in: 1...20, using: &random))
                queue.append(SharedBytes(bytes))
                model += bytes
            case 2:
                let count = Int.random(in: 0...min(200, model.count), using: &random)
                queue.consume(count)
                model.removeFirst(count)
            default:
                var target = [UInt8](repeating: 0, count: Int.random(in: 0...40, using: &random))
                let moved = target.withUnsafeMutableBytes { queue.move(into: $0) }
                #expect(moved == min(target.count, model.count))
                #expect(Array(target[..<moved]) == Array(model[..<moved]))
                model.removeFirst(moved)
            }
            #expect(queue.byteCount == model.count)
            #expect(queue.isEmpty == model.isEmpty)
            #expect(gathered(queue, pieces: 10_000) == model)
        }
    }
}
