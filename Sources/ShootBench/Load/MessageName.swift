/// Says which message of a run one is, inside its `tempId`: `rrrrrrrr-RRRR-4RRR-8sss-nnnnnnnnnnnn`.
struct MessageName: Hashable {
    /// Distinguishes the messages of one run from those of others.
    let run: UInt32
    /// Below 2^28.
    let room: Int
    /// Which of the room's publishers; below 4,096.
    let slot: Int
    /// Which of the publisher's messages in the room, from 1.
    let number: UInt64

    init(run: UInt32, room: Int, slot: Int, number: UInt64) {
        self.run = run
        self.room = room
        self.slot = slot
        self.number = number
    }

    /// Reads the text form; nil where it is none of ours.
    init?(_ text: String) {
        let groups = text.split(separator: "-")
        guard text.utf8.count == 36, groups.count == 5, let run = UInt32(groups[0], radix: 16),
            let high = Int(groups[1], radix: 16), let low = Int(groups[2].dropFirst(), radix: 16),
            let slot = Int(groups[3].dropFirst(), radix: 16), let number = UInt64(groups[4], radix: 16)
        else { return nil }
        self.init(run: run, room: high << 12 | low, slot: slot, number: number)
    }

    /// Reads the 16 bytes of a UUID.
    init?(uuid bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let high = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(
            run: UInt32(high >> 32), room: Int(high >> 16 & 0xffff) << 12 | Int(high & 0xfff),
            slot: Int(low >> 48 & 0xfff), number: low & 0xffff_ffff_ffff)
    }

    /// Appends the text form.
    func append(to out: inout [UInt8]) {
        appendHex(UInt64(run), digits: 8, to: &out)
        out.append(UInt8(ascii: "-"))
        appendHex(UInt64(room >> 12), digits: 4, to: &out)
        out.append(contentsOf: "-4".utf8)
        appendHex(UInt64(room & 0xfff), digits: 3, to: &out)
        out.append(contentsOf: "-8".utf8)
        appendHex(UInt64(slot), digits: 3, to: &out)
        out.append(UInt8(ascii: "-"))
        appendHex(number, digits: 12, to: &out)
    }

    /// The text form.
    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func appendHex(_ value: UInt64, digits: Int, to out: inout [UInt8]) {
        for digit in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(digit)) & 15
            out.append(nibble < 10 ? nibble + 48 : nibble + 87)
        }
    }
}
