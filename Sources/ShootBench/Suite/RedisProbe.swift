import Glibc

/// Asks Redis how much of what it holds.
enum RedisProbe {
    /// How many rooms have something that is not in MongoDB yet: the sum over all ready sets.
    static func readyRooms(port: UInt16) throws(BenchError) -> Int {
        try number(sumOfSets("ready:*"), port: port)
    }

    /// How many rooms are in Redis: the sum over all indexes of warm rooms.
    static func warmRooms(port: UInt16) throws(BenchError) -> Int {
        try number(sumOfSets("warm:*"), port: port)
    }

    /// The number of a room's newest message.
    static func lastSeq(of room: String, port: UInt16) throws(BenchError) -> Int {
        try number(
            "return tonumber(redis.call('HGET', redis.call('KEYS', 'room:*:\(room)')[1], 'seq'))", port: port)
    }

    /// The number from which on a room's log reaches.
    static func logStart(of room: String, port: UInt16) throws(BenchError) -> Int {
        try number(
            """
            local log = redis.call('KEYS', 'stream:chat:room:*:\(room)')[1] \
            return tonumber(string.match(redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1][1], '^%d+'))
            """, port: port)
    }

    /// What Redis has allocated, in bytes.
    static func usedMemory(port: UInt16) throws(BenchError) -> Int {
        try number("return tonumber(string.match(redis.call('INFO', 'memory'), 'used_memory:(%d+)'))", port: port)
    }

    /// Takes everything out of Redis. Rooms that are stored are loaded again when they are used.
    static func flush(port: UInt16) throws(BenchError) {
        _ = try number("redis.call('FLUSHALL', 'SYNC') return 1", port: port)
    }

    private static func sumOfSets(_ pattern: String) -> String {
        """
        local n = 0 for _, key in ipairs(redis.call('KEYS', '\(pattern)')) do n = n + redis.call('ZCARD', key) end \
        return n
        """
    }

    /// What a script answers.
    private static func number(_ script: String, port: UInt16) throws(BenchError) -> Int {
        let command = "*3\r\n$4\r\nEVAL\r\n$\(script.utf8.count)\r\n\(script)\r\n$1\r\n0\r\n"
        let socket = try Endpoint("ws://127.0.0.1:\(port)/").connect()
        defer { close(socket) }
        var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, 1000)
        let bytes = Array(command.utf8)
        guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw .failed("Redis does not take a command")
        }
        waiting.events = Int16(POLLIN)
        poll(&waiting, 1, 5000)
        var reply = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &reply, reply.count, 0)
        let text = String(decoding: reply.prefix(max(count, 0)), as: UTF8.self)
        guard text.hasPrefix(":"), let number = Int(text.dropFirst().prefix { $0.isNumber }) else {
            throw .failed("Redis answers \(text.prefix(80))")
        }
        return number
    }
}
