import Application
import Domain
import Synchronization
import Testing
import Threads

@testable import Security

@Suite struct BcryptHasherTests {
    @Test func knownHash() {
        // Made by Python's crypt.
        let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
        #expect(Bcrypt.hash("correct horse", settings: hash) == hash)
        #expect(Bcrypt.hash("correct horsf", settings: hash) != hash)
    }

    @Test(arguments: [
        "", "plain text", "$1$saltsalt$", "$6$rounds=1000$salt$", "$2b$99$abcdefghijklmnopqrstuu", "$2b$04$short",
    ])
    func refusesSettingsThatAreNotItsOwn(settings: String) {
        #expect(Bcrypt.hash("correct horse", settings: settings) == nil)
    }

    @Test func verifiesWhatItHashed() async throws {
        let threads = BlockingPool(name: "hash", threads: 2, maxQueued: 10)
        let hasher = BcryptHasher(cost: 4, threads: threads)
        let password = try #require(Password("correct horse"))
        let hash = try await hasher.hash(password)
        #expect(hash.hasPrefix("$2b$04$"))
        #expect(hash.utf8.count == 60)
        #expect(try await hasher.verify(password, against: hash))
        #expect(try await !hasher.verify(Password("correct horsf"), against: hash))
        #expect(try await hasher.hash(password) != hash, "each hash has a salt of its own")
        await threads.shutdown()
    }

    @Test func everyByteOfTheLongestPasswordCounts() async throws {
        let threads = BlockingPool(name: "hash", threads: 1, maxQueued: 10)
        let hasher = BcryptHasher(cost: 4, threads: threads)
        let start = String(repeating: "x", count: Password.byteLength.upperBound - 1)
        let hash = try await hasher.hash(#require(Password(start + "a")))
        #expect(try await hasher.verify(Password(start + "a"), against: hash))
        #expect(try await !hasher.verify(Password(start + "b"), against: hash))
        await threads.shutdown()
    }

    @Test func nothingVerifiesWithoutAccountOrPassword() async throws {
        let threads = BlockingPool(name: "hash", threads: 1, maxQueued: 10)
        let hasher = BcryptHasher(cost: 4, threads: threads)
        let password = try #require(Password("no password"))
        let hash = try await hasher.hash(password)
        #expect(try await !hasher.verify(password, against: nil))
        // What stands in for a missing password must not open the account that has it as its own.
        #expect(try await !hasher.verify(nil, against: hash))
        #expect(try await !hasher.verify(nil, against: nil))
        await #expect(throws: PasswordHashingError.failed("the stored hash is not one of bcrypt's")) {
            try await hasher.verify(password, against: "garbage")
        }
        await threads.shutdown()
        await #expect(throws: PasswordHashingError.self) { try await hasher.hash(password) }
    }
}
