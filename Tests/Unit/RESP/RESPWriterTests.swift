import Bytes
import Testing
import WireProtocols

@Suite struct RESPWriterTests {
    @Test func writesCommandsAsRedisExpectsThem() {
        var writer = RESPWriter()
        writer.command(3)
        writer.bulk("SET")
        writer.bulk {
            $0.append("user:")
            $0.append(decimal: UInt64(42))
        }
        writer.bulk(utf8: "zwölf\r\n")
        writer.command([Array("PING".utf8), []])
        #expect(writer.commandCount == 2 && writer.missingArguments == 0)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "*3\r\n$3\r\nSET\r\n$7\r\nuser:42\r\n$8\r\nzwölf\r\n\r\n*2\r\n$4\r\nPING\r\n$0\r\n\r\n")
    }

    @Test func whatItWritesReadsBack() throws {
        var writer = RESPWriter()
        writer.command(6)
        writer.bulk([0, 255, 13, 10])
        writer.bulk([1, 2].span)
        writer.bulk(decimal: Int64.min)
        writer.bulk(decimal: UInt64.max)
        writer.bulk { _ in }
        writer.bulk(Array(repeating: 7, count: 100_000))
        let reader = RESPReader()
        try reader.feed(writer.bytes.span)
        #expect(
            try reader.next { $0.copied() }
                == .array([
                    .string([0, 255, 13, 10]), .string([1, 2]), .string(Array("-9223372036854775808".utf8)),
                    .string(Array("18446744073709551615".utf8)), .string([]),
                    .string(Array(repeating: 7, count: 100_000)),
                ]))
    }

    @Test func beginsAnewAfterItsBytesAreTaken() {
        var writer = RESPWriter()
        writer.command([[0x61]])
        let first = writer.take()
        #expect(writer.count == 0 && writer.commandCount == 0)
        writer.append(encoded: first)
        #expect(writer.commandCount == 1 && writer.take() == first)
    }

    @Test func aCommandThatLacksArgumentsIsTrapped() async {
        await #expect(processExitsWith: .failure) {
            var writer = RESPWriter()
            writer.command(2)
            writer.bulk("GET")
            _ = writer.take()
        }
    }
}
