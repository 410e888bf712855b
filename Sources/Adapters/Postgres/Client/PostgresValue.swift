import Bytes
import Domain

/// A parameter of a statement, sent in PostgreSQL's binary form: no escaping, no loss.
public enum PostgresValue: Sendable {
    case int64(Int64)
    case int64s([Int64])
    case text(String)
    case bytes([UInt8])
    case timestamp(Timestamp)

    /// Its type as the server knows it.
    var type: PostgresType {
        switch self {
        case .int64: .int8
        case .int64s: .int8Array
        case .text: .text
        case .bytes: .bytea
        case .timestamp: .timestamptz
        }
    }

    /// Appends the binary form.
    func encode(into out: inout ByteWriter) {
        switch self {
        case .int64(let value):
            out.append(bigEndian: value)
        case .int64s(let values):
            // Dimensions, whether there are NULLs, element type; then length and lower bound of the one dimension.
            out.append(bigEndian: Int32(1))
            out.append(bigEndian: Int32(0))
            out.append(bigEndian: PostgresType.int8.rawValue)
            out.append(bigEndian: Int32(clamping: values.count))
            out.append(bigEndian: Int32(1))
            for value in values {
                out.append(bigEndian: Int32(MemoryLayout<Int64>.size))
                out.append(bigEndian: value)
            }
        case .text(let value):
            out.append(utf8: value)
        case .bytes(let value):
            out.append(value)
        case .timestamp(let value):
            out.append(bigEndian: PostgresEpoch.microseconds(of: value))
        }
    }
}

/// The types that are sent and read here, by their number in the server's catalogue (`pg_type`).
enum PostgresType: UInt32 {
    case bool = 16
    case bytea = 17
    case int8 = 20
    case text = 25
    case int8Array = 1016
    case timestamptz = 1184
}

/// PostgreSQL counts time in microseconds since 2000-01-01T00:00:00Z.
enum PostgresEpoch {
    private static let milliseconds: Int64 = 946_684_800_000

    static func microseconds(of timestamp: Timestamp) -> Int64 { (timestamp.milliseconds - milliseconds) * 1000 }

    static func timestamp(microseconds: Int64) -> Timestamp {
        // Rounded down on both sides of the epoch.
        let wholes = microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0)
        return Timestamp(milliseconds: wholes + milliseconds)
    }
}

extension ByteWriter {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { append($0) }
    }
}
