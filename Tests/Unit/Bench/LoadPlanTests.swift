import Testing

@testable import ShootBench

/// Which room a message of a load run goes to.
@Suite struct LoadPlanTests {
    @Test(arguments: [1, 2, 3, 6])
    func aRoundSpeaksInEachRoomOnce(roomsPerConnection: Int) {
        let plan = plan(rooms: 6, roomsPerConnection: roomsPerConnection)
        #expect(Set((0..<6).map(plan.room(ofMessage:))) == Set(0..<6))
    }

    @Test func neighboursAreOfDifferentGroups() {
        let plan = plan(rooms: 6, roomsPerConnection: 3)
        #expect((0..<6).map(plan.room(ofMessage:)) == [0, 3, 1, 4, 2, 5])
    }

    @Test func anUnevenGroupKeepsTheOrderOfRooms() {
        let plan = plan(rooms: 5, roomsPerConnection: 3)
        #expect((0..<5).map(plan.room(ofMessage:)) == [0, 1, 2, 3, 4])
    }

    private func plan(rooms: Int, roomsPerConnection: Int) -> LoadPlan {
        var plan = LoadPlan(endpoints: [], rooms: (0..<rooms).map { "\($0)" })
        plan.roomsPerConnection = roomsPerConnection
        return plan
    }
}
