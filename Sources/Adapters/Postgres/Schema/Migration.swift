/// One step of the schema: a file under `Migrations`, never changed once it has been released.
struct Migration: Sendable {
    /// Counts from 1, in the order that steps are made in.
    let version: Int64
    let name: String
    let sql: [UInt8]

    /// All steps, in order. The resources' names are the files' with the first digit and the dot made underscores.
    static let all = [
        Migration(version: 1, name: "users", sql: PackageResources._001_users_sql)
    ]
}

/// A step that a database has made.
struct AppliedMigration: Sendable, Equatable {
    let version: Int64
    /// SHA-256 of the file, in hexadecimal, as PostgreSQL computed it.
    let checksum: String
}

/// Which steps a database still has to make.
enum MigrationPlan {
    /// Those of `known` that are not among `applied`, in order. Steps that only the database knows are a newer
    /// release's, which may be running beside this one.
    static func pending(
        _ known: [(migration: Migration, checksum: String)], applied: [AppliedMigration]
    ) throws(MigrationError) -> [Migration] {
        var pending: [Migration] = []
        let newest = applied.map(\.version).max() ?? 0
        for (migration, checksum) in known {
            if let made = applied.first(where: { $0.version == migration.version }) {
                guard made.checksum == checksum else { throw .changed(version: made.version, name: migration.name) }
            } else {
                guard migration.version > newest else {
                    throw .outOfOrder(version: migration.version, name: migration.name, newest: newest)
                }
                pending.append(migration)
            }
        }
        return pending
    }
}

/// Why the schema was not brought up to date. Nothing of it was changed then.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The database made this step of another text than this program has.
    case changed(version: Int64, name: String)
    /// The database has made later steps without this one.
    case outOfOrder(version: Int64, name: String, newest: Int64)
    /// PostgreSQL did not do it.
    case postgres(PostgresError)

    public var description: String {
        switch self {
        case .changed(let version, let name):
            "the database was migrated by another text of step \(version) (\(name)) than this program has"
        case .outOfOrder(let version, let name, let newest):
            "the database is at step \(newest) but has not made step \(version) (\(name))"
        case .postgres(let error):
            error.description
        }
    }
}
