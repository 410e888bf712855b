import Application
import Domain
import WireProtocols

/// Counts attempts to log in, over a connection that lives on a loop.
public struct RedisLoginAttempts: LoginAttempts {
    /// What is counted how.
    public struct Options: Sendable {
        /// Attempts of one account that may fail without a wait; 0: any number.
        public var perAccount: Int
        /// Attempts from one address that may fail without a wait; 0: any number.
        public var perAddress: Int

        public init(perAccount: Int, perAddress: Int) {
            self.perAccount = perAccount
            self.perAddress = perAddress
        }
    }

    private enum Question: String {
        case look = "LOOK"
        case begin = "BEGIN"
        case fail = "FAIL"
        case undo = "UNDO"
    }

    private struct Count {
        let key: String
        let free: Int
        let longestMilliseconds: Int
    }

    private let client: RedisClient
    private let options: Options
    private let skipped: @Sendable () -> Void

    /// - Parameter skipped: called for each attempt that could not be counted.
    public init(client: RedisClient, options: Options, skipped: @escaping @Sendable () -> Void) {
        self.client = client
        self.options = options
        self.skipped = skipped
    }

    public func begin(_ attempt: LoginAttempt) async -> UInt64 {
        let wait = await ask(.look, address(of: attempt))
        return wait > 0 ? wait : await ask(.begin, account(of: attempt))
    }

    public func succeeded(_ attempt: LoginAttempt) async {
        guard let account = account(of: attempt) else { return }
        _ = try? await client.command(
            "DEL", account.key, whenDown: .fail, timeoutMilliseconds: RedisLimits.ledgerMilliseconds)
    }

    public func failed(_ attempt: LoginAttempt) async { _ = await ask(.fail, address(of: attempt)) }

    public func wasNotChecked(_ attempt: LoginAttempt) async { _ = await ask(.undo, account(of: attempt)) }

    private func account(of attempt: LoginAttempt) -> Count? {
        guard let username = attempt.username, options.perAccount > 0 else { return nil }
        return Count(
            key: "attempts:{a:\(username.text)}", free: options.perAccount,
            longestMilliseconds: RedisLimits.accountWaitMilliseconds)
    }

    private func address(of attempt: LoginAttempt) -> Count? {
        guard options.perAddress > 0 else { return nil }
        return Count(
            key: "attempts:{ip:\(attempt.origin)}", free: options.perAddress,
            longestMilliseconds: RedisLimits.addressWaitMilliseconds)
    }

    private func ask(_ question: Question, _ count: Count?) async -> UInt64 {
        guard let count else { return 0 }
        let arguments = [
            question.rawValue, "\(count.free)", "\(count.longestMilliseconds)",
            "\(RedisLimits.attemptsMilliseconds)",
        ]
        do throws(RedisError) {
            let reply = try await client.eval(
                UserScripts.attempt, keys: [Array(count.key.utf8)], arguments: arguments.map { Array($0.utf8) },
                whenDown: .fail, timeoutMilliseconds: RedisLimits.ledgerMilliseconds)
            return reply.integer.map { UInt64(clamping: $0) } ?? 0
        } catch {
            skipped()
            return 0
        }
    }
}
