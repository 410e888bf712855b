/// The look at string bytes that JSON reader and writer share: eight at a time, since most text needs no care at all.
public enum JSONScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The first place at or after `start` of a quote, a backslash or a control character, else the end.
    /// `highBits` gathers the top bits of all bytes passed over: it is zero where they were plain ASCII.
    public static func special(
        in bytes: UnsafeRawBufferPointer, from start: Int, highBits seen: inout UInt64
    ) -> Int {
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let found = marks(word)
            if found != 0 {
                let width = found.trailingZeroBitCount & ~7
                seen |= word & highBits & ((1 << UInt64(width)) &- 1)
                return index + width / 8
            }
            seen |= word & highBits
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash { return index }
            seen |= UInt64(byte & 0x80)
            index += 1
        }
        return index
    }

    /// The top bit of each byte that is below 0x20, a quote or a backslash. Borrows can set wrong bits above the first
    /// right one, never below it: only the lowest may be used.
    private static func marks(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* UInt64(ASCII.quote))
        let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
        let controls = (word &- ones &* UInt64(ASCII.space)) & ~word
        return (controls | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & highBits
    }
}
