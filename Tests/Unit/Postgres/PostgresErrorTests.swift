import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
    @Test(arguments: ["08006", "53300", "57014", "57P01", "40001", "40P01", "25006"])
    func passingTroubleIsUnavailability(state: String) {
        #expect(PostgresError(.server, sqlState: state, "").isUnavailable)
    }

    @Test(arguments: ["23505", "42601", "42P01", "22021", "28P01", "0A000"])
    func aRefusalIsNot(state: String) {
        #expect(!PostgresError(.server, sqlState: state, "").isUnavailable)
    }

    @Test func kindsWithoutAnAnswer() {
        #expect([.overloaded, .connect, .lost, .timedOut].allSatisfy { PostgresError($0, "").isUnavailable })
        #expect(!PostgresError(.unexpected, "").isUnavailable)
    }
}
