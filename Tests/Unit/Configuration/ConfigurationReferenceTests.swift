import Foundation
import Launcher
import Testing

@testable import Shoot

@Suite struct ConfigurationReferenceTests {
    /// After a change of the catalogue this variable has the test write the file instead of comparing it.
    private static let writes = "SHOOT_WRITE_REFERENCE"

    private func path() throws -> String { try #require(ProjectFiles.find("config/shoot.yaml")) }

    private func file() throws -> String { try String(contentsOfFile: path(), encoding: .utf8) }

    @Test func theFileShowsTheCatalogue() throws {
        if ProcessInfo.processInfo.environment[Self.writes] != nil {
            try ConfigurationReference.text.write(toFile: path(), atomically: true, encoding: .utf8)
        }
        #expect(
            try file() == ConfigurationReference.text,
            "write it anew: \(Self.writes)=1 make test FILTER=ConfigurationReferenceTests")
    }

    @Test func theFileAsItIsSetsNothing() throws {
        let tree = try YAMLNode.parse(Array(file().utf8))
        let values = try ConfigurationValues(environment: [:], file: tree, fileName: "shoot.yaml")
        #expect(!ConfigurationKey.catalogue.contains { values.isGiven($0) })
    }

    @Test func theFileWithEveryKeyTakenInSetsEveryDefault() throws {
        // A key begins right after the mark of the comment, prose after a space.
        let text = try file().replacing(/#(?=[a-z])/.anchorsMatchLineEndings(), with: "")
        let tree = try YAMLNode.parse(Array(text.utf8))
        let values = try ConfigurationValues(environment: [:], file: tree, fileName: "shoot.yaml")
        for key in ConfigurationKey.catalogue { #expect(values.isGiven(key), "\(key.path)") }
        let nothing = try ConfigurationValues(environment: [:], file: .null, fileName: "shoot.yaml")
        let defaults = try Configuration(nothing, hostName: "host")
        let configuration = try Configuration(values, hostName: "host")
        #expect(configuration.http == defaults.http)
        #expect(configuration.auth == defaults.auth)
        #expect(configuration.sessions == defaults.sessions)
        #expect(configuration.persister == defaults.persister)
        #expect(configuration.stores.redisURL == defaults.stores.redisURL)
    }

    @Test func namesAreUniqueAndDefaultsKeepTheirRules() {
        let keys = ConfigurationKey.catalogue
        #expect(Set(keys.map(\.path)).count == keys.count)
        #expect(Set(keys.map(\.environmentName)).count == keys.count)
        for key in keys {
            for profile in Profile.allCases {
                if case .integer(let number)? = key.defaultValue(in: profile) {
                    #expect(key.rule.value("\(number)") == .integer(number), "\(key.path)")
                }
            }
            #expect(key.purpose.hasSuffix("."), "\(key.path)")
        }
    }

    @Test func environmentNamesFollowThePath() {
        #expect(ConfigurationKey.stompMaxSubscriptions.environmentName == "SHOOT_STOMP_MAX_SUBSCRIPTIONS")
        #expect(ConfigurationKey.httpCORSAllowedOrigins.environmentName == "SHOOT_HTTP_CORS_ALLOWED_ORIGINS")
        #expect(ConfigurationKey.jwtKeys.environmentName == "SHOOT_JWT_KEYS")
    }
}
