import Domain
import Testing

@Suite struct UserCodeTests {
    @Test func isMadeOfRandomBytes() {
        #expect(UserCode(randomBytes: [0, 1, 10, 31, 32, 255, 18, 19, 20, 21])?.text == "01AZ0ZJKMN")
        #expect(UserCode(randomBytes: [0, 1]) == nil)
    }

    @Test func isReadBack() {
        #expect(UserCode("01AZ0ZJKMN")?.text == "01AZ0ZJKMN")
        for text in ["", "01AZ0ZJKM", "01AZ0ZJKMNN", "01az0zjkmn", "01AZ0ZJKMI", "01AZ0ZJKM "] {
            #expect(UserCode(text) == nil)
        }
    }
}
