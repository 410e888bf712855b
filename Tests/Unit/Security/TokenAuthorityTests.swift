import Application
import Bytes
import Domain
import Support
import Testing

@testable import Security

@Suite struct TokenAuthorityTests {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)
    static let secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

    static func authority(_ keys: [String] = ["k1:\(secret)"]) throws -> TokenAuthority {
        TokenAuthority(
            keys: try SigningKeys(keys), accessLifetimeSeconds: 3600, refreshLifetimeSeconds: 7200,
            random: { [UInt8](repeating: 0xAB, count: $0) })
    }

    static func user(_ name: String = "alice") throws -> User {
        User(
            id: UserID(rawValue: 42), username: try #require(Username(name)), nickname: try #require(Nickname("Al")),
            userCode: try #require(UserCode("0123456789")), createdAt: now)
    }

    static func verify(
        _ token: String, by authority: TokenAuthority, after seconds: Int64 = 0
    ) throws(AccessTokenError) -> AccessClaims {
        let bytes = Array(token.utf8)
        return try authority.verify(
            bytes.span, now: Timestamp(milliseconds: now.milliseconds + seconds * 1000))
    }

    /// A token of any header and claims, signed as they are.
    static func token(header: String, claims: String) throws -> String {
        let text = [header, claims].map { String(decoding: Base64.encodeURL(Array($0.utf8)), as: UTF8.self) }
            .joined(separator: ".")
        let code = SHA256.authenticationCode(of: Array(text.utf8).span, key: Array(secret.utf8))
        return text + "." + String(decoding: Base64.encodeURL(code), as: UTF8.self)
    }

    @Test func whatIsIssuedIsVerified() throws {
        let authority = try Self.authority()
        let claims = try Self.verify(authority.accessToken(for: Self.user(), now: Self.now), by: authority)
        #expect(claims.userID == UserID(rawValue: 42))
        #expect(claims.username.text == "alice")
        #expect(claims.role == .user)
        #expect(claims.issuedAt == Self.now)
        #expect(claims.expiresAt.milliseconds == Self.now.milliseconds + 3_600_000)
        #expect(claims.tokenID == "q6urq6urq6urq6ur")
    }

    @Test func takesTokenMadeElsewhereWithTheSameKey() throws {
        // Made by Python's hmac, its members in another order than ours.
        let token =
            "eyJ0eXAiOiJKV1QiLCJraWQiOiJrMSIsImFsZyI6IkhTMjU2In0.eyJqdGkiOiJ0LTEiLCJleHAiOjE3MDAwMDM2MDAsImlhdCI6MTcwM"
            + "DAwMDAwMCwicm9sZSI6IkFETUlOIiwidXNlcm5hbWUiOiJhbGljZSIsInN1YiI6IjQyIiwiZXh0cmEiOlsxLHsiYSI6bnVsbH1dfQ."
            + "7JjxUCIV5UBUVXMcX75iMXlWVBoLZYhkAUK2zWf6jpM"
        let claims = try Self.verify(token, by: Self.authority())
        #expect(claims.role == .admin)
        #expect(claims.tokenID == "t-1")
    }

    @Test func keysCanBeReplaced() throws {
        let other = SigningKeysTests.secret(32)
        let before = try Self.authority()
        let after = try Self.authority(["k2:\(other)", "k1:\(Self.secret)"])
        let old = before.accessToken(for: try Self.user(), now: Self.now)
        let new = after.accessToken(for: try Self.user(), now: Self.now)
        #expect(try Self.verify(old, by: after).userID.rawValue == 42)
        #expect(try Self.verify(new, by: after).userID.rawValue == 42)
        #expect(throws: AccessTokenError.invalid) { try Self.verify(new, by: before) }
        // The same id with another secret is another key.
        let impostor = try Self.authority(["k1:\(other)"])
        #expect(throws: AccessTokenError.invalid) { try Self.verify(old, by: impostor) }
    }

    @Test func anyChangedByteIsNoticed() throws {
        let authority = try Self.authority()
        let token = Array(authority.accessToken(for: try Self.user(), now: Self.now).utf8)
        for index in token.indices {
            for replacement in [token[index] ^ 1, UInt8(ascii: "."), 0, 0xFF] where replacement != token[index] {
                var changed = token
                changed[index] = replacement
                #expect(throws: AccessTokenError.invalid) { try authority.verify(changed.span, now: Self.now) }
            }
        }
        for count in 0..<token.count {
            #expect(throws: AccessTokenError.invalid) {
                try authority.verify(Array(token[..<count]).span, now: Self.now)
            }
        }
        #expect(throws: AccessTokenError.invalid) { try authority.verify((token + token).span, now: Self.now) }
    }

    @Test(arguments: [
        #"{"alg":"none","kid":"k1"}"#, #"{"alg":"HS512","kid":"k1"}"#, #"{"alg":"hs256","kid":"k1"}"#,
        #"{"alg":"HS256"}"#, #"{"alg":"HS256","kid":"k2"}"#, #"{"kid":"k1"}"#, #"{"alg":"HS256","kid":1}"#,
        #"{"alg":"HS256","kid":"k1","crit":["exp"]}"#, #"{"alg":"HS256","alg":"HS256","kid":"k1"}"#,
        #"["HS256","k1"]"#, "", #"{"alg":"HS256","kid":"k1"} x"#,
    ])
    func refusesOtherHeaders(header: String) throws {
        let claims =
            #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#
        let good = try Self.token(header: #"{"kid":"k1","alg":"HS256"}"#, claims: claims)
        #expect(try Self.verify(good, by: Self.authority()).userID.rawValue == 42)
        let token = try Self.token(header: header, claims: claims)
        #expect(throws: AccessTokenError.invalid) { try Self.verify(token, by: Self.authority()) }
    }

    @Test(arguments: [
        #"{"username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":42,"username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"0","username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"-1","username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"9223372036854775808","username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"42","username":"a","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"ROOT","iat":1700000000,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","exp":1700003600,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"exp":1700003600}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"exp":1700000000,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"exp":9223372036854775807,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000011,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"nbf":1700000011,"exp":1700003600,"jti":"t"}"#,
        #"{"sub":"42","username":"alice","role":"USER","iat":1700000000,"exp":1700003600,"jti":"t""#, "[]", "",
    ])
    func refusesClaimsThatSayLessOrElse(claims: String) throws {
        let token = try Self.token(header: #"{"alg":"HS256","kid":"k1"}"#, claims: claims)
        #expect(throws: AccessTokenError.invalid) { try Self.verify(token, by: Self.authority()) }
    }

    @Test func endsWithItsTimeAndALeeway() throws {
        let authority = try Self.authority()
        let token = authority.accessToken(for: try Self.user(), now: Self.now)
        #expect(try Self.verify(token, by: authority, after: 3609).userID.rawValue == 42)
        #expect(throws: AccessTokenError.expired) { try Self.verify(token, by: authority, after: 3610) }
        #expect(try Self.verify(token, by: authority, after: -10).userID.rawValue == 42)
        #expect(throws: AccessTokenError.invalid) { try Self.verify(token, by: authority, after: -11) }
    }

    @Test func randomBytesAreNoToken() throws {
        let authority = try Self.authority()
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let alphabet = Array("eyJ.0_-\u{0}{\"".utf8)
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            #expect(throws: AccessTokenError.invalid) { try authority.verify(bytes.span, now: Self.now) }
        }
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: SecurityLimits.maxAccessTokenBytes + 1)
        #expect(throws: AccessTokenError.invalid) { try authority.verify(long.span, now: Self.now) }
    }

    @Test func refreshTokensAreRandomAndStoredHashed() throws {
        let authority = TokenAuthority(keys: try SigningKeys(["k1:\(Self.secret)"]))
        let tokens = (0..<50).map { _ in authority.refreshToken() }
        #expect(Set(tokens.map(\.text)).count == 50)
        for token in tokens {
            #expect(token.text.utf8.count == 43)
            #expect(token.hash.bytes.count == 32)
            #expect(authority.refreshTokenHash(of: token.text) == token.hash)
        }
        for text in ["", "short", String(repeating: "a", count: 44), String(repeating: "!", count: 43)] {
            #expect(authority.refreshTokenHash(of: text) == nil)
        }
    }
}
