import Domain
import Launcher
import Postgres
import Support
import Testing

@Suite(.timeLimit(.minutes(2))) struct PostgresPoolTests {
    private static let echo = PostgresStatement(
        "echo", isIdempotent: true,
        """
        SELECT $1::bigint AS number, $2::text AS text, $3::timestamptz AS time, $4::bigint[] IS NULL AS flag,
            $5::bytea = '\\x00ff' AS bytes, NULL::text AS nothing, cardinality($4)::bigint AS size
        """)

    @Test(arguments: [0, 1, -1, Int64.min, Int64.max])
    func valuesKeepTheirForm(number: Int64) async throws {
        try await PostgresFixture.with { fixture in
            let texts = try await fixture.pool.rows(
                of: Self.echo,
                [
                    .int64(number), .text("a'b\"c\\ 👍"), .timestamp(PostgresFixture.time), .int64s([number, 7]),
                    .bytes([0, 255]),
                ]
            ) { row throws(PostgresError) in
                [
                    "\(try row.int64("number"))", try row.text("text"), "\(try row.timestamp("time"))",
                    "\(try row.bool("flag"))", "\(try row.bool("bytes"))", try row.optionalText("nothing") ?? "null",
                    "\(try row.int64("size"))",
                ]
            }
            #expect(
                texts == [
                    ["\(number)", "a'b\"c\\ 👍", "\(PostgresFixture.time)", "false", "true", "null", "2"]
                ])
        }
    }

    @Test func emptyValuesAreNotNull() async throws {
        try await PostgresFixture.with { fixture in
            let statement = PostgresStatement(
                "empty", "SELECT $1 = '' AS text, $2 = ''::bytea AS bytes, cardinality($3::bigint[]) = 0 AS list")
            let all = try await fixture.pool.row(of: statement, [.text(""), .bytes([]), .int64s([])]) {
                row throws(PostgresError) in
                [try row.bool("text"), try row.bool("bytes"), try row.bool("list")]
            }
            #expect(all == [true, true, true])
        }
    }

    @Test func columnsAreReadAsWhatTheyAreOnly() async throws {
        try await PostgresFixture.with { fixture in
            let statement = PostgresStatement("columns", "SELECT 1::int AS small, NULL::bigint AS nothing")
            for column in ["small", "nothing", "absent"] {
                let error = await #expect(throws: PostgresError.self) {
                    try await fixture.pool.row(of: statement) { row throws(PostgresError) in try row.int64(column) }
                }
                #expect(error?.kind == .unexpected)
            }
        }
    }

    @Test func theServersErrorsAreTyped() async throws {
        try await PostgresFixture.with { fixture in
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.pool.execute(PostgresStatement("bad", "SELECT nonsense"))
            }
            #expect(error?.kind == .server)
            #expect(error?.sqlState == "42703")
            #expect(error?.isUnavailable == false)
            // The connection is as good as before, and the statement was not taken for a prepared one.
            await #expect(throws: PostgresError.self) {
                try await fixture.pool.execute(PostgresStatement("bad", "SELECT nonsense"))
            }
            try await fixture.pool.ping()
        }
    }

    @Test func aTransactionIsUndoneByAnError() async throws {
        try await PostgresFixture.with(connections: 1) { fixture in
            try await fixture.run("CREATE TABLE t (n bigint)")
            let insert = PostgresStatement("insert", "INSERT INTO t VALUES ($1)")
            await #expect(throws: PostgresError.self) {
                try await fixture.pool.withTransaction { connection throws(PostgresError) in
                    try connection.execute(insert, [.int64(1)])
                    try connection.execute(PostgresStatement("fail", "SELECT 1 / 0"))
                }
            }
            #expect(try await fixture.number("SELECT count(*) FROM t") == 0)
            try await fixture.pool.withTransaction { connection throws(PostgresError) in
                try connection.execute(insert, [.int64(1)])
            }
            #expect(try await fixture.number("SELECT count(*) FROM t") == 1)
        }
    }

    @Test func connectionsAreBoundedAndKept() async throws {
        try await PostgresFixture.with(connections: 2) { fixture in
            let backend = PostgresStatement("backend", "SELECT pg_backend_pid()::bigint AS pid, pg_sleep(0.01)")
            let pids = try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await fixture.pool.row(of: backend) { row throws(PostgresError) in try row.int64("pid") }
                    }
                }
                return try await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
            }
            #expect((1...2).contains(pids.count))
        }
    }

    @Test func aBrokenConnectionIsReplaced() async throws {
        try await PostgresFixture.with(connections: 1) { fixture in
            // Ends its own connection: what could be run again is, on a new one, and meets the same end there.
            let suicide = "SELECT pg_terminate_backend(pg_backend_pid())"
            for isIdempotent in [false, true] {
                let error = await #expect(throws: PostgresError.self) {
                    try await fixture.pool.execute(
                        PostgresStatement("end\(isIdempotent)", isIdempotent: isIdempotent, suicide))
                }
                #expect(error?.kind == .lost)
                #expect(error?.isUnavailable == true)
                try await fixture.pool.ping()
            }
        }
    }

    @Test func anIdempotentStatementIsRunAgainWhenItsConnectionBreaks() async throws {
        try await PostgresFixture.with(connections: 1) { fixture in
            // A sequence counts what a broken transaction undoes otherwise: only the first run ends its connection.
            try await fixture.run("CREATE SEQUENCE runs")
            let sql = """
                SELECT CASE WHEN nextval('runs') = 1 THEN pg_terminate_backend(pg_backend_pid()) ELSE true END AS alive
                """
            let alive = try await fixture.pool.row(of: PostgresStatement("again", isIdempotent: true, sql)) {
                row throws(PostgresError) in try row.bool("alive")
            }
            #expect(alive == true)
            #expect(try await fixture.number("SELECT last_value FROM runs") == 2)
        }
    }

    @Test func slowStatementsAreGivenUp() async throws {
        let url = try await TestServers.shared.freshPostgresURL()
        let sleep = PostgresStatement("sleep", isIdempotent: true, "SELECT pg_sleep(60)")
        let byServer = PostgresConfiguration(url: url, connections: 1, statementTimeoutMilliseconds: 50)
        try await PostgresFixture.with(byServer) { pool in
            let error = await #expect(throws: PostgresError.self) { try await pool.execute(sleep) }
            #expect(error?.sqlState == "57014")
            try await pool.ping()
        }
        let byUs = PostgresConfiguration(url: url, connections: 1, answerTimeoutMilliseconds: 50)
        try await PostgresFixture.with(byUs) { pool in
            let error = await #expect(throws: PostgresError.self) { try await pool.execute(sleep) }
            #expect(error?.kind == .timedOut)
            #expect(error?.isUnavailable == true)
        }
    }

    @Test func aServerMayGoAndCome() async throws {
        let folder = try TestFolder.makeFolder("postgres")
        let port = try LoopbackPort.free()
        let first = try await blocking {
            try PostgresServer.start(folder: folder + "/data", port: port, durability: .none)
        }
        try await PostgresFixture.with(PostgresConfiguration(url: first.url, connections: 2)) { pool in
            try await pool.ping()
            _ = try await blocking { first.process.terminate() }
            let error = await #expect(throws: PostgresError.self) { try await pool.ping() }
            #expect(error?.isUnavailable == true)
            await #expect(throws: PostgresError.self) { try await pool.execute(PostgresStatement("one", "SELECT 1")) }
            let second = try await blocking {
                try PostgresServer.start(folder: folder + "/data", port: port, durability: .none)
            }
            // Not before the pause after the last attempt is over; the first call that connects heals the pool.
            while (try? await pool.ping()) == nil { await Task.yield() }
            try await pool.execute(PostgresStatement("one", "SELECT 1"))
            _ = try await blocking { second.process.terminate() }
        }
    }

    @Test func nothingIsRunOnAClosedPool() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: "postgresql://127.0.0.1:1/none"))
        await pool.close()
        let error = await #expect(throws: PostgresError.self) { try await pool.ping() }
        #expect(error?.kind == .overloaded)
    }
}
