import Glibc

extension [UInt8] {
    /// The first place of `byte` at or after `start`. The clients read thousands of messages in debug builds, where a
    /// loop over bytes is slow.
    func place(of byte: UInt8, from start: Int = 0) -> Int? {
        withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress,
                let found = memchr(base + start, Int32(byte), buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// The first place of `pattern` at or after `start`.
    func place(of pattern: [UInt8], from start: Int = 0) -> Int? {
        withUnsafeBytes { buffer in
            pattern.withUnsafeBytes { wanted in
                guard let base = buffer.baseAddress, let first = wanted.first, let needle = wanted.baseAddress else {
                    return nil
                }
                var candidate = place(of: first, from: start)
                while let index = candidate, index + wanted.count <= buffer.count {
                    if memcmp(base + index, needle, wanted.count) == 0 { return index }
                    candidate = place(of: first, from: index + 1)
                }
                return nil
            }
        }
    }

    /// The bytes in `range` as text.
    func text(_ range: Range<Int>) -> String {
        withUnsafeBytes { String(decoding: UnsafeRawBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }
}
