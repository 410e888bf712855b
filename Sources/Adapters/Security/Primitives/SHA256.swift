import COpenSSL

/// SHA-256 (FIPS 180-4) and the message authentication code made of it (RFC 2104).
enum SHA256 {
    /// The length of a digest in bytes.
    static let digestLength = 32

    /// The digest of `bytes`: 32 bytes.
    static func digest(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digestLength) { digest, count in
            _ = COpenSSL.SHA256(bytes, bytes.count, digest.baseAddress)
            count = digestLength
        }
    }

    /// The code of `message` under `key`: 32 bytes.
    static func authenticationCode(of message: Span<UInt8>, key: [UInt8]) -> [UInt8] {
        message.withUnsafeBufferPointer { message in
            [UInt8](unsafeUninitializedCapacity: digestLength) { code, count in
                var length: UInt32 = 0
                let made = HMAC(
                    EVP_sha256(), key, Int32(key.count), message.baseAddress, message.count, code.baseAddress, &length)
                guard made != nil, length == UInt32(digestLength) else {
                    preconditionFailure("cannot sign when the library lacks SHA-256")
                }
                count = digestLength
            }
        }
    }

    /// Whether two runs of bytes are equal, in a time that says only how long they are.
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
