/// Builds the few BSON documents that are sent to `mongod` (bsonspec.org, version 1.1).
struct BSONWriter {
    private var elements: [UInt8] = []

    var bytes: [UInt8] {
        var document: [UInt8] = []
        document.appendLittleEndian(Int32(elements.count + 5))
        return document + elements + [0]
    }

    func int32(_ name: String, _ value: Int32) -> BSONWriter {
        var payload: [UInt8] = []
        payload.appendLittleEndian(value)
        return adding(.int32, name, payload)
    }

    func string(_ name: String, _ value: String) -> BSONWriter {
        var payload: [UInt8] = []
        payload.appendLittleEndian(Int32(value.utf8.count + 1))
        return adding(.string, name, payload + Array(value.utf8) + [0])
    }

    func document(_ name: String, _ value: BSONWriter) -> BSONWriter { adding(.document, name, value.bytes) }

    /// An array is a document whose names are the indices.
    func array(_ name: String, _ values: [BSONWriter]) -> BSONWriter {
        var document = BSONWriter()
        for (index, value) in values.enumerated() { document = document.document("\(index)", value) }
        return adding(.array, name, document.bytes)
    }

    private func adding(_ type: BSONType, _ name: String, _ payload: [UInt8]) -> BSONWriter {
        var copy = self
        copy.elements += [type.rawValue] + Array(name.utf8) + [0] + payload
        return copy
    }
}

/// Looks up values in the outermost level of a BSON document.
///
/// What is malformed, or of a type that `mongod` does not use in these answers, ends the search: the values behind it
/// are not found.
struct BSONReader {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func double(_ name: String) -> Double? {
        guard let at = find(name, .double), at + 8 <= bytes.count else { return nil }
        let bits = bytes[at..<at + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(bitPattern: bits)
    }

    func int32(_ name: String) -> Int32? { find(name, .int32).flatMap { bytes.littleEndianInt32(at: $0) } }

    func bool(_ name: String) -> Bool? {
        guard let at = find(name, .bool), at < bytes.count else { return nil }
        return bytes[at] != 0
    }

    func string(_ name: String) -> String? {
        guard let at = find(name, .string), let length = bytes.littleEndianInt32(at: at), length > 0 else { return nil }
        let end = at + 4 + Int(length) - 1
        guard end <= bytes.count else { return nil }
        return String(decoding: bytes[at + 4..<end], as: UTF8.self)
    }

    /// The offset of the value of that name and type.
    private func find(_ name: String, _ type: BSONType) -> Int? {
        var at = 4
        while at < bytes.count, let found = BSONType(rawValue: bytes[at]) {
            guard let nameEnd = bytes[at...].firstIndex(of: 0) else { return nil }
            let value = nameEnd + 1
            if found == type, bytes[at + 1..<nameEnd].elementsEqual(name.utf8) { return value }
            guard let length = length(of: found, at: value), length >= 0 else { return nil }
            at = value + length
        }
        return nil
    }

    private func length(of type: BSONType, at offset: Int) -> Int? {
        switch type {
        case .null: 0
        case .bool: 1
        case .int32: 4
        case .double, .date, .timestamp, .int64: 8
        case .objectID: 12
        case .string: bytes.littleEndianInt32(at: offset).map { 4 + Int($0) }
        case .binary: bytes.littleEndianInt32(at: offset).map { 5 + Int($0) }
        case .document, .array: bytes.littleEndianInt32(at: offset).map { Int($0) }
        }
    }
}

/// The types of BSON that occur in what we ask and are answered.
private enum BSONType: UInt8 {
    case double = 0x01
    case string = 0x02
    case document = 0x03
    case array = 0x04
    case binary = 0x05
    case objectID = 0x07
    case bool = 0x08
    case date = 0x09
    case null = 0x0a
    case int32 = 0x10
    case timestamp = 0x11
    case int64 = 0x12
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: Int32) {
        for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> Int32(shift))) }
    }

    /// nil beyond the end.
    func littleEndianInt32(at offset: Int) -> Int32? {
        guard offset >= 0, offset + 4 <= count else { return nil }
        return self[offset..<offset + 4].reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
    }
}
