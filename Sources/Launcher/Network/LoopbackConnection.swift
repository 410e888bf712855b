import Glibc

/// A blocking TCP connection to 127.0.0.1 on which one question is asked. Each call may block for
/// `LauncherLimits.exchangeSeconds`.
struct LoopbackConnection: ~Copyable {
    private let descriptor: Int32

    /// nil when nobody listens there.
    init?(port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var limit = timeval(tv_sec: LauncherLimits.exchangeSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard LoopbackPort.withLoopbackAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether all of it was taken.
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Reads until `isComplete` is satisfied with what has come so far, or the peer closes.
    /// - Returns: nil when time or `LauncherLimits.answerBytes` runs out.
    func receive(until isComplete: ([UInt8]) -> Bool) -> [UInt8]? {
        var received: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while received.count < LauncherLimits.answerBytes {
            let count = recv(descriptor, &part, part.count, 0)
            if count < 0 { return nil }
            received += part[0..<count]
            if count == 0 || isComplete(received) { return received }
        }
        return nil
    }
}
