import COpenSSL

extension EventLoopError {
    /// The oldest error that OpenSSL holds for this thread, in its words. Forgets the others.
    static func openSSL(
        _ code: Code, _ what: String, fileID: StaticString = #fileID, line: UInt32 = #line
    ) -> EventLoopError {
        let number = ERR_get_error()
        ERR_clear_error()
        guard number != 0 else { return EventLoopError(code, what, fileID: fileID, line: line) }
        let longest = 256
        let words = [CChar](unsafeUninitializedCapacity: longest) { buffer, count in
            ERR_error_string_n(number, buffer.baseAddress, longest)
            count = longest
        }
        let end = words.firstIndex(of: 0) ?? words.endIndex
        let cause = String(decoding: words[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return EventLoopError(code, "\(what): \(cause)", fileID: fileID, line: line)
    }
}
