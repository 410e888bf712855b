/// A user that a test has signed up.
struct Account: Sendable {
    let id: Int
    let username: String
    let nickname: String
    let password: String
    let token: String
}
