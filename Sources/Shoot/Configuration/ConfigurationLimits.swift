/// Bounds of the configuration file. It is written by an operator, and may still be the wrong file.
enum ConfigurationLimits {
    /// Bytes; the file with every key is below 16 KiB.
    static let fileBytes = 256 * 1024
    /// Mappings within mappings; the deepest key has three names.
    static let depth = 8
    /// Characters of a gateway's id, which is part of names in Redis.
    static let gatewayIDCharacters = 64
}
