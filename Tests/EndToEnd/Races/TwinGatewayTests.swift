import Support
import Testing

/// Two gateways that were given one name by mistake: each serves its own clients, and takes away its own only.
@Suite(.timeLimit(.minutes(3))) struct TwinGatewayTests {
    @Test func gatewaysOfOneNameDoNotMix() async throws {
        try await Cluster.run(gateways: 2, ids: ["twin", "twin"]) { cluster in
            let users = try await cluster.signUp(2)
            let room = try await cluster.makeRoom(users)
            // Each user is on both, so that each status has two places to arrive at.
            var clients: [ChatClient] = []
            var groups: [[String]] = []
            for index in 0..<4 {
                let client = try await cluster.connect(users[index / 2], gateway: index % 2)
                try await client.watchMessages(of: room)
                try await client.watchStatus(of: room)
                clients.append(client)
                groups.append(try await cluster.redis().gatewayGroups(of: room))
            }
            #expect(groups.map(\.count) == [1, 2, 2, 2])
            #expect(groups[3].allSatisfy { $0.hasPrefix("gw:twin:") })
            let other = try #require(groups[1].first { !groups[0].contains($0) })
            var tempIDs: [String] = []
            for client in clients {
                tempIDs.append(try await client.send("message", to: room))
            }
            for (index, client) in clients.enumerated() {
                #expect(try await client.messages(4).compactMap(\.tempID) == tempIDs)
                let own = Array(tempIDs[(index / 2 * 2)..<(index / 2 * 2 + 2)])
                for tempID in own {
                    try await client.awaitStatus("SAVED", of: tempID)
                    let told = client.steps(of: tempID).map(\.status)
                    // Only the session that sends is told that it was taken.
                    #expect(told.filter { $0 != "SENDING" } == Array(StatusStep.life.dropFirst()))
                }
                #expect(Set(client.steps().map(\.tempID)) == Set(own))
            }

            #expect(try await cluster.gateways[0].terminate() == 0, "\(cluster.gateways[0].log)")
            #expect(try await cluster.redis().gatewayGroups(of: room).contains(other))
            try await clients[1].send("still here", to: room)
            #expect(try await clients[3].messages(5).map(\.seq) == Array(1...5))
        }
    }
}
