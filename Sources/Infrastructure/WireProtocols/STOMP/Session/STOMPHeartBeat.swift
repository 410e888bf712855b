import Bytes

/// One side's half of the heart-beat negotiation, in milliseconds; 0 stands for "cannot" or "does not want"
/// (STOMP 1.2 §Heart-beating).
public struct STOMPHeartBeat: Sendable, Equatable {
    /// The longest silence that this side promises to keep.
    public let sendMilliseconds: UInt32
    /// The longest silence that this side would like the other to keep.
    public let receiveMilliseconds: UInt32

    /// Makes one side's offer.
    public init(sendMilliseconds: UInt32, receiveMilliseconds: UInt32) {
        self.sendMilliseconds = sendMilliseconds
        self.receiveMilliseconds = receiveMilliseconds
    }

    /// Neither way.
    public static let off = STOMPHeartBeat(sendMilliseconds: 0, receiveMilliseconds: 0)

    /// Reads `cx,cy`; nil where it is not two decimal numbers. A number that is too large counts as the largest.
    init?(header: Span<UInt8>) {
        guard let comma = header.firstIndex(of: ASCII.comma),
            let send = header.extracting(0..<comma).decimal(),
            let receive = header.extracting((comma + 1)..<header.count).decimal()
        else { return nil }
        sendMilliseconds = UInt32(clamping: send)
        receiveMilliseconds = UInt32(clamping: receive)
    }

    /// What holds on this side after both have offered: per direction the larger number, or 0 where one side is out.
    func agreed(with peer: STOMPHeartBeat) -> STOMPHeartBeat {
        func larger(_ sender: UInt32, _ receiver: UInt32) -> UInt32 {
            sender == 0 || receiver == 0 ? 0 : max(sender, receiver)
        }
        return STOMPHeartBeat(
            sendMilliseconds: larger(sendMilliseconds, peer.receiveMilliseconds),
            receiveMilliseconds: larger(peer.sendMilliseconds, receiveMilliseconds))
    }
}
