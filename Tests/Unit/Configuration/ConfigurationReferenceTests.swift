import Foundation
import Launcher
import Testing

@testable import Shoot

@Suite struct ConfigurationReferenceTests {
    private func file() throws -> String {
        let path = try #require(ProjectFiles.find("config/shoot.yaml"))
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func theFileShowsTheCatalogue() throws {
        #expect(try file() == ConfigurationReference.text, "write it anew: shoot config > config/shoot.yaml")
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
