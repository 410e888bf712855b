/// A field of a request and the rule that it breaks.
public struct FieldViolation: Equatable, Sendable {
    /// The field's path in the request, such as `content.text`.
    public let field: String
    /// The rule in words, such as `1 to 10,000 characters`.
    public let rule: String

    /// `field` breaks `rule`.
    public init(field: String, rule: String) {
        self.field = field
        self.rule = rule
    }
}

/// What a request is refused with.
public struct Refusal: Error, Equatable, Sendable {
    /// Which error.
    public let code: ErrorCode
    /// What to do about it, for a person.
    public let message: String
    /// The fields at fault, if it is about fields.
    public let fields: [FieldViolation]
    /// After how many milliseconds trying again makes sense, where that is known.
    public let retryAfterMilliseconds: Int?

    /// Refuses with `code`, saying `message`.
    public init(
        _ code: ErrorCode, _ message: String, fields: [FieldViolation] = [], retryAfterMilliseconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.fields = fields
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// Refuses because of one field.
    public static func invalid(_ field: String, _ rule: String) -> Refusal {
        Refusal(.validationFailed, "\(field): \(rule)", fields: [FieldViolation(field: field, rule: rule)])
    }
}
