/// The ASCII codes that the protocols here are made of.
public enum ASCII {
    public static let nul: UInt8 = 0x00
    public static let tab: UInt8 = 0x09
    public static let lineFeed: UInt8 = 0x0A
    public static let carriageReturn: UInt8 = 0x0D
    public static let space: UInt8 = 0x20
    public static let quote: UInt8 = 0x22
    public static let comma: UInt8 = 0x2C
    public static let minus: UInt8 = 0x2D
    public static let dot: UInt8 = 0x2E
    public static let slash: UInt8 = 0x2F
    public static let zero: UInt8 = 0x30
    public static let nine: UInt8 = 0x39
    public static let colon: UInt8 = 0x3A
    public static let backslash: UInt8 = 0x5C

    /// Whether `byte` is one of `0`…`9`.
    @inlinable public static func isDigit(_ byte: UInt8) -> Bool { byte >= zero && byte <= nine }

    /// The lower-case digit for the low four bits of `nibble`.
    @inlinable public static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? zero + nibble : 0x57 + nibble
    }

    /// The value of a hexadecimal digit of either case, or nil.
    @inlinable public static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }

    /// `byte` with `A`…`Z` made lower-case.
    @inlinable public static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
