import COpenSSL

/// Random bytes fit for secrets.
public enum SecureRandom {
    /// `count` random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else {
                preconditionFailure("cannot make secrets when the system gives no randomness")
            }
            initialized = count
        }
    }
}
