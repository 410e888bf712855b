import Foundation

/// A certificate authority, a server certificate of its making for `localhost` and 127.0.0.1, and the keys, made by
/// OpenSSL's command in a temporary folder.
struct TestCertificates {
    private struct Failure: Error {
        let command: String
    }

    let folder: URL

    var authority: String { path("ca.pem") }
    var certificate: String { path("server.pem") }
    var key: String { path("server.key") }
    var otherKey: String { path("ca.key") }

    static func with(_ body: (TestCertificates) async throws -> Void) async throws {
        let made = try TestCertificates()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(made))
        } catch {
            outcome = .failure(error)
        }
        try FileManager.default.removeItem(at: made.folder)
        try outcome.get()
    }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        try openssl("req -x509 \(newKey) -keyout ca.key -out ca.pem -days 2 -subj /CN=test-authority")
        try openssl("req \(newKey) -keyout server.key -out server.csr -subj /CN=localhost")
        try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8).write(to: folder.appendingPathComponent("names"))
        try openssl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -out server.pem -days 2 -extfile names")
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: arguments) }
    }
}
