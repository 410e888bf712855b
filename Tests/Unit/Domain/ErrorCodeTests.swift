import Domain
import Foundation
import Launcher
import Testing

@Suite struct ErrorCodeTests {
    /// A row of the table in `docs/errors.md`.
    private struct Row: Equatable {
        let code: String
        let status: Int?
    }

    @Test func theDocumentNamesEveryCodeWithItsStatus() throws {
        let path = try #require(ProjectFiles.find("docs/errors.md"))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let rows = text.matches(of: /(?m)^\| `([A-Z_]+)` \| ([0-9]+) \| [^|]+ \| [^|]+ \|$/).map {
            Row(code: String($0.1), status: Int($0.2))
        }
        #expect(rows == ErrorCode.allCases.map { Row(code: $0.rawValue, status: $0.httpStatus) })
    }
}
