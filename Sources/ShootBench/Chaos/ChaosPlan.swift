import Domain

/// The load under which something is broken: who is there, and how much is said.
///
/// Each client is in one room, follows it from its beginning, and sends to it. Messages come at a fixed rate, whether
/// the servers keep up or not, each from a client chosen at random.
struct ChaosPlan: Sendable {
    /// The gateways, those that are away included: clients find out.
    var gateways: [Endpoint]
    var rooms: [String]
    /// Client n is in room n / perRoom; the first of a room owns it.
    var clients: [Client]
    var perRoom: Int
    /// Messages a second, of all clients together.
    var rate: Double
    /// Between heart-beats of the gateways, ns, to the clients that ask for them.
    var heartBeat: UInt64
    var seed: UInt64

    struct Client: Sendable {
        let user: UserID
        let token: String
    }

    func room(of client: Int) -> Int { client / perRoom }
    func slot(of client: Int) -> Int { client % perRoom }
    func client(room: Int, slot: Int) -> Int { room * perRoom + slot }

    func hasClient(room: Int, slot: Int) -> Bool { rooms.indices.contains(room) && slot < perRoom }

    /// The gateway that a client goes to first.
    func firstGateway(of client: Int) -> Int { client % gateways.count }

    /// Every other client asks for heart-beats and leaves a connection on which none come; the others stay on theirs
    /// for as long as it is open.
    func hasHeartBeats(_ client: Int) -> Bool { (client / gateways.count) % 2 == 0 }

    /// Half of the clients resume by the position that they kept, the others by the number.
    func resumesExactly(_ client: Int) -> Bool { client % 2 == 1 }

    /// A quarter of the clients does not repeat what the server called failed: it has to be true then.
    func repeatsFailures(_ client: Int) -> Bool { client % 4 != 3 }
}
