import Application
import Domain
import Testing

@testable import Shoot

@Suite struct DeadLetterOptionsTests {
    private static let id = "0123456789abcdef01234567-12-0"

    @Test func readsWhatIsAskedFor() throws {
        let id = try #require(EntryID(Self.id))
        #expect(id.position == Position(seq: 12))
        let expected: [([String], DeadLetterOptions)] = [
            (["list"], .init(action: .list(all: false, limit: 50, after: nil), asJSON: false)),
            (
                ["list", "--json", "--all", "--limit", "7", "--after", Self.id],
                .init(action: .list(all: true, limit: 7, after: id), asJSON: true)
            ),
            (["show", Self.id], .init(action: .show(id), asJSON: false)),
            (["replay", Self.id, "--json"], .init(action: .replay(id), asJSON: true)),
            (["drop", "--json", Self.id], .init(action: .drop(id), asJSON: true)),
        ]
        for (arguments, options) in expected {
            #expect(try DeadLetterOptions.parse(arguments) == options)
        }
    }

    @Test(arguments: [
        [], ["purge"], ["list", "now"], ["list", "--limit"], ["list", "--limit", "0"], ["list", "--limit", "101"],
        ["list", "--after", "x"], ["show"], ["show", "x"], ["replay", "0123456789abcdef01234567"],
        ["drop", "0123456789abcdef01234567-12"], ["show", id, id], ["show", "0123456789ABCDEF01234567-12-0"],
        ["show", "0123456789abcdef01234567-012-0"], ["--json"],
    ])
    func refusesAnythingElse(_ arguments: [String]) {
        #expect(throws: Command.UsageError.self) { try DeadLetterOptions.parse(arguments) }
    }
}
