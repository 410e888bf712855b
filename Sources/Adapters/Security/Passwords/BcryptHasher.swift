import Application
import Domain
import Threads

/// Hashes passwords with bcrypt on threads of their own.
///
/// One hash takes a core for 40 ms at cost 10 and four times that at 12, so a pool of its own keeps logins from
/// delaying everything else that blocks, and bounds how many wait.
public struct BcryptHasher: PasswordHasher {
    private let cost: Int
    private let threads: BlockingPool
    private let random: RandomSource
    /// What is hashed where there is no account: settings cost what a whole hash costs.
    private let decoySettings: String

    /// - Parameter cost: the exponent of the number of rounds, within `SecurityLimits.bcryptCost`.
    public init(cost: Int, threads: BlockingPool, random: @escaping RandomSource = SecureRandom.bytes) {
        precondition(SecurityLimits.bcryptCost.contains(cost), "cannot hash when the cost is out of bounds")
        self.cost = cost
        self.threads = threads
        self.random = random
        guard let decoy = Bcrypt.settings(cost: cost, randomBytes: random(Bcrypt.saltBytes)) else {
            preconditionFailure("cannot hash when the library lacks bcrypt")
        }
        decoySettings = decoy
    }

    public func hash(_ password: Password) async throws(PasswordHashingError) -> String {
        guard let settings = Bcrypt.settings(cost: cost, randomBytes: random(Bcrypt.saltBytes)) else {
            throw .failed("no salt was made")
        }
        return try await hash(password.text, settings: settings)
    }

    public func verify(_ password: Password?, against hash: String?) async throws(PasswordHashingError) -> Bool {
        let made = try await self.hash(password?.text ?? "no password", settings: hash ?? decoySettings)
        guard password != nil, let hash else { return false }
        return SHA256.areEqual(Array(made.utf8).span, Array(hash.utf8).span)
    }

    private func hash(_ text: String, settings: String) async throws(PasswordHashingError) -> String {
        let hash: Result<String?, Never>
        do {
            hash = try await threads.result { () throws(Never) in Bcrypt.hash(text, settings: settings) }
        } catch {
            throw error.isRetriable ? .overloaded : .failed(error.description)
        }
        guard let hash = hash.get() else { throw .failed("the stored hash is not one of bcrypt's") }
        return hash
    }
}
