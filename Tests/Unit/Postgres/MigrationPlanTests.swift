import Testing

@testable import Postgres

@Suite struct MigrationPlanTests {
    private func step(_ version: Int64) -> (migration: Migration, checksum: String) {
        (Migration(version: version, name: "step\(version)", sql: []), "sum\(version)")
    }

    private func pending(_ known: [Int64], applied: [Int64: String]) throws -> [Int64] {
        try MigrationPlan.pending(
            known.map(step), applied: applied.map { AppliedMigration(version: $0.key, checksum: $0.value) }
        ).map(\.version)
    }

    @Test func whatIsMissingComesInOrder() throws {
        #expect(try pending([1, 2, 3], applied: [:]) == [1, 2, 3])
        #expect(try pending([1, 2, 3], applied: [1: "sum1"]) == [2, 3])
        #expect(try pending([1, 2], applied: [1: "sum1", 2: "sum2"]) == [])
    }

    @Test func aNewerReleasesStepsAreLeftAlone() throws {
        #expect(try pending([1], applied: [1: "sum1", 2: "other"]) == [])
    }

    @Test func aChangedStepIsRefused() {
        #expect(throws: MigrationError.changed(version: 1, name: "step1")) {
            try pending([1, 2], applied: [1: "other"])
        }
    }

    @Test func aStepBehindAMadeOneIsRefused() {
        #expect(throws: MigrationError.outOfOrder(version: 2, name: "step2", newest: 3)) {
            try pending([1, 2, 3], applied: [1: "sum1", 3: "sum3"])
        }
    }

    @Test func stepsAreNumberedFromOneWithoutGaps() {
        #expect(Migration.all.map(\.version) == Array(1...Int64(Migration.all.count)))
        #expect(Migration.all.allSatisfy { !$0.sql.isEmpty })
    }
}
