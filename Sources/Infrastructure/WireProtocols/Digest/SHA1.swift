import Bytes
import COpenSSL

/// SHA-1 (FIPS 180-4), for protocols that ask for it by name: it protects nothing here.
public enum SHA1 {
    /// The length of a digest in bytes.
    public static let digestLength = 20

    /// The digest of `bytes`: 20 bytes.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digestLength) { digest, count in
            _ = COpenSSL.SHA1(bytes, bytes.count, digest.baseAddress)
            count = digestLength
        }
    }
}
