import Foundation
import Support
import Testing

/// Many senders at once: everyone sees one order, and MongoDB keeps it.
extension LoadTests {
    @Test(.timeLimit(.minutes(5))) func hundredSendersAreSeenInOneOrder() async throws {
        let (senderCount, perSender) = (100, 100)
        let total = senderCount * perSender
        try await Cluster.run { cluster in
            let users = try await cluster.signUp(senderCount + 6)
            let room = try await cluster.makeRoom(users)
            let readers = try await Self.readers(users.suffix(6), of: room, in: cluster)
            let sent = try await Self.sendAll(users.prefix(senderCount), perSender, to: room, in: cluster)

            let reference = try await readers[0].messages(total, within: .seconds(180))
            #expect(reference.map(\.seq) == Array(1...total))
            #expect(Set(reference.compactMap(\.tempID)) == sent)
            #expect(Set(reference.map(\.id)).count == total)
            for reader in readers.dropFirst() {
                let received = try await reader.messages(total, within: .seconds(60))
                #expect(received == reference, "another order on \(reader.user.nickname)")
            }
            try await cluster.awaitStored(upTo: total, in: room, as: users[0])
            for gateway in 0...1 {
                #expect(try await cluster.history(of: room, as: users[0], gateway: gateway) == reference)
            }
            for reader in readers {
                try await reader.disconnect()
                #expect(reader.stomp.received("messages").count == total, "nothing came twice")
            }
        }
    }

    private static func readers(
        _ users: ArraySlice<Account>, of room: String, in cluster: Cluster
    ) async throws -> [ChatClient] {
        var readers: [ChatClient] = []
        for (index, user) in users.enumerated() {
            let reader = try await cluster.connect(user, gateway: index % 2)
            try await reader.watchMessages(of: room)
            readers.append(reader)
        }
        return readers
    }

    /// Sends from all users side by side, each over one of the two gateways, and waits for every receipt.
    private static func sendAll(
        _ users: ArraySlice<Account>, _ count: Int, to room: String, in cluster: Cluster
    ) async throws -> Set<String> {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for (index, user) in users.enumerated() {
                group.addTask {
                    let client = try await cluster.connect(user, gateway: index % 2)
                    let tempIDs = (0..<count).map { _ in ChatClient.newTempID() }
                    try await blocking {
                        for (number, tempID) in tempIDs.enumerated() {
                            let body = try ChatClient.body(
                                "\(number) of \(user.nickname)", to: room, tempID: tempID)
                            try client.stomp.send("/app/chat", body: body, receipt: tempID)
                        }
                        for tempID in tempIDs {
                            try client.stomp.awaitReceipt(tempID, within: .seconds(120))
                        }
                    }
                    return tempIDs
                }
            }
            return try await group.reduce(into: []) { $0.formUnion($1) }
        }
    }
}
