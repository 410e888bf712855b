import Bytes

@testable import WireProtocols

/// What a decoder made of a run of bytes.
struct STOMPDecoded: Equatable {
    var frames: [STOMPFrame] = []
    var heartBeats = 0
    var error: STOMPError?

    /// Feeds `pieces` one after another, as WebSocket messages come.
    init(_ pieces: [[UInt8]], version: STOMPVersion = .v12, limits: STOMPLimits = STOMPLimits()) {
        var decoder = STOMPDecoder(limits: limits)
        decoder.version = version
        for piece in pieces {
            var offset = 0
            do throws(STOMPError) {
                while let input = try decoder.next(in: piece.span, at: &offset) {
                    switch input {
                    case .heartBeat: heartBeats += 1
                    case .frame(let frame): frames.append(frame)
                    }
                }
            } catch {
                self.error = error
                return
            }
        }
    }

    init(_ text: String, version: STOMPVersion = .v12, limits: STOMPLimits = STOMPLimits()) {
        self.init([Array(text.utf8)], version: version, limits: limits)
    }
}

/// The one frame that `text` (with its NUL added) is; frames of tests are written without it.
func stompFrame(_ text: String, version: STOMPVersion = .v12) -> STOMPFrame {
    let decoded = STOMPDecoded(text + "\0", version: version)
    precondition(decoded.frames.count == 1, "cannot use \(text) as a frame when it is \(decoded)")
    return decoded.frames[0]
}

/// The frames in bytes that a session wrote.
func stompFrames(in bytes: [UInt8], version: STOMPVersion = .v12) -> [STOMPFrame] {
    STOMPDecoded([bytes], version: version).frames
}
