import Glibc
import Testing

@testable import Launcher

/// A socket that listens on a free port for as long as this value lives, and never answers.
struct Listener: ~Copyable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let port = try LoopbackPort.free()
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = LoopbackPort.withLoopbackAddress(port) { bind(descriptor, $0, $1) }
        try #require(bound == 0 && listen(descriptor, 1) == 0)
        self.port = port
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
