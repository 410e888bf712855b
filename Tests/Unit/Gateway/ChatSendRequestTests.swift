import Bytes
import Domain
import Testing

@testable import Gateway

@Suite struct ChatSendRequestTests {
    private static let room = "0123456789abcdef01234567"
    private static let temp = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

    private func read(_ json: String) throws(ChatSendRequest.Fault) -> ChatSendRequest {
        let bytes = Array(json.utf8)
        return try ChatSendRequest(bytes.span)
    }

    @Test func readsAWholeMessage() throws {
        let request = try read(
            """
            {"roomId":"\(Self.room)","senderId":99,"tempId":"\(Self.temp)","content":{"text":" hi \\"you\\" ","type":"TEXT"},
             "replyToMessageId":"\(Self.room)","mentions":[3,4],"unknown":{"deep":[1]}}
            """)
        #expect(request.room.hex == Self.room)
        #expect(request.tempID.description == Self.temp)
        let expected = """
            "content":{"text":"hi \\"you\\"","type":"TEXT"},"replyToMessageId":"\(Self.room)","mentions":[3,4]
            """
        #expect(String(decoding: request.members, as: UTF8.self) == expected)
    }

    @Test func kindIsTextUnlessSaid() throws {
        let request = try read(
            "{\"roomId\":\"\(Self.room)\",\"tempId\":\"\(Self.temp)\",\"content\":{\"text\":\"x\"},\"threadId\":null}")
        #expect(String(decoding: request.members, as: UTF8.self) == "\"content\":{\"text\":\"x\",\"type\":\"TEXT\"}")
    }

    @Test(arguments: [
        ("{\"tempId\":\"\(temp)\",\"content\":{\"text\":\"x\"}}", "roomId"),
        ("{\"roomId\":5,\"tempId\":\"\(temp)\",\"content\":{\"text\":\"x\"}}", "roomId"),
        ("{\"roomId\":\"\(room)\",\"tempId\":\"1\",\"content\":{\"text\":\"x\"}}", "tempId"),
        ("{\"roomId\":\"\(room)\",\"tempId\":\"\(temp)\",\"content\":{}}", "content.text"),
        ("{\"roomId\":\"\(room)\",\"tempId\":\"\(temp)\",\"content\":{\"text\":\"  \"}}", "content.text"),
        (
            "{\"roomId\":\"\(room)\",\"tempId\":\"\(temp)\",\"content\":{\"text\":\"x\",\"type\":\"SYSTEM\"}}",
            "content.type"
        ),
        (
            "{\"roomId\":\"\(room)\",\"tempId\":\"\(temp)\",\"content\":{\"text\":\"x\",\"type\":\"ODD\"}}",
            "content.type"
        ),
        (
            "{\"roomId\":\"\(room)\",\"tempId\":\"\(temp)\",\"content\":{\"text\":\"x\"},\"mentions\":[\"a\"]}",
            "mentions"
        ),
        ("{\"roomId\":\"\(room)\",\"tempId\":\"\(temp)\",\"content\":{\"text\":\"x\"},\"threadId\":\"z\"}", "threadId"),
    ])
    func namesTheFieldAtFault(_ json: String, _ field: String) {
        let fault = #expect(throws: ChatSendRequest.Fault.self) { try read(json) }
        #expect(fault?.refusal.code == .validationFailed)
        #expect(fault?.refusal.fields.map(\.field) == [field])
    }

    @Test(arguments: ["", "[]", "{", "{\"roomId\":}", "null", "{}x"])
    func refusesWhatIsNoObject(_ json: String) {
        let fault = #expect(throws: ChatSendRequest.Fault.self) { try read(json) }
        #expect(fault?.refusal.code == .malformedRequest || fault?.refusal.fields.first?.field == "roomId")
    }

    @Test func keepsWhatItCouldReadForTheAnswer() {
        let fault = #expect(throws: ChatSendRequest.Fault.self) {
            try read("{\"roomId\":\"\(Self.room)\",\"tempId\":\"\(Self.temp)\",\"content\":{\"text\":\"\"}}")
        }
        #expect(fault?.room?.hex == Self.room)
        #expect(fault?.tempID?.description == Self.temp)
    }
}
