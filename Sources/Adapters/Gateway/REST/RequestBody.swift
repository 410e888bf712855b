import Bytes
import Domain
import WireProtocols

/// The JSON object in a request's body, read field by field. Fields that are not asked for are passed over.
struct RequestBody {
    private let object: JSONObject

    /// - Throws: `Refusal` `MALFORMED_REQUEST` where it is not a JSON object.
    init(_ bytes: [UInt8]) throws(Refusal) { try self.init(bytes.span) }

    /// - Throws: `Refusal` `MALFORMED_REQUEST` where it is not a JSON object.
    init(_ bytes: Span<UInt8>) throws(Refusal) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Refusal(.malformedRequest, "the body is not JSON: \(error)")
        }
        guard let object = value.object else {
            throw Refusal(.malformedRequest, "the body is not a JSON object")
        }
        self.object = object
    }

    /// A string that has to be there.
    func string(_ field: String) throws(Refusal) -> String {
        guard let text = object[field]?.string else { throw .invalid(field, "a string") }
        return text
    }

    /// A truth value that has to be there.
    func bool(_ field: String) throws(Refusal) -> Bool {
        guard let flag = object[field]?.bool else { throw .invalid(field, "true or false") }
        return flag
    }

    /// A room's id that has to be there.
    func roomID(_ field: String) throws(Refusal) -> RoomID {
        guard let id = try objectIDIfPresent(field) else { throw .invalid(field, "24 hexadecimal digits") }
        return id
    }

    /// A message's id that has to be there.
    func messageID(_ field: String) throws(Refusal) -> MessageID {
        guard let id = try objectIDIfPresent(field) else { throw .invalid(field, "24 hexadecimal digits") }
        return id
    }

    /// An id, nil where there is none.
    func objectIDIfPresent(_ field: String) throws(Refusal) -> ObjectID? {
        try RequestFields.objectID(field, try stringIfPresent(field))
    }

    /// A UUID, nil where there is none.
    func uuidIfPresent(_ field: String) throws(Refusal) -> TempID? {
        try RequestFields.uuid(field, try stringIfPresent(field))
    }

    private func stringIfPresent(_ field: String) throws(Refusal) -> String? {
        switch object[field] {
        case nil, .null?: nil
        case .some: try string(field)
        }
    }

    /// A list of user ids that has to be there.
    func userIDs(_ field: String) throws(Refusal) -> [UserID] {
        let values = object[field]?.array
        let ids = values?.compactMap(\.int64).filter { $0 > 0 }
        guard let ids, ids.count == values?.count else { throw .invalid(field, "a list of user ids") }
        return ids.map(UserID.init)
    }
}
