/// What a load run does.
///
/// Connections stand in groups: each group has `subscribersPerRoom` connections, which all subscribe to the group's
/// `roomsPerConnection` rooms. The first `publishersPerRoom` of a group publish to its rooms. Messages come at a fixed
/// rate, each group in turn and in it each room, whether the server keeps up or not (open loop).
struct LoadPlan {
    /// Connections take these in turn.
    var endpoints: [Endpoint]
    var rooms: [String]
    var subscribersPerRoom = 1
    var roomsPerConnection = 1
    var publishersPerRoom = 1
    /// Messages a second, of all publishers together.
    var rate = 100.0
    /// Seconds that are not measured, then seconds that are.
    var warmUp = 1.0
    var seconds = 10.0
    /// The token of each connection, in order; connections beyond the last begin again at the first.
    var tokens: [String] = []
    /// Bytes of a SEND's body.
    var bodyBytes = 175
    var dialect = Dialect()
    /// Whether publishers subscribe to what becomes of their messages.
    var followsStatus = false
    /// Server processes whose CPU time is measured.
    var servers: [Int32] = []
    /// Processes whose CPU time is told one by one: the way of a message through all of them.
    var stages: [Stage] = []

    /// A process on the way of a message.
    struct Stage {
        let name: String
        let pid: Int32
        /// The core that it is kept on.
        let core: Int
        /// Whether its children are part of it.
        var hasChildren = false
        /// Whether its threads are told too.
        var tellsThreads = false
    }

    /// How the server is spoken to; the defaults are Shoot's.
    struct Dialect {
        /// `{room}` is the room's id.
        var subscribe = "/topic/messages/{room}"
        var status = "/topic/message/status/{room}"
        var send = "/app/chat"
        /// Header lines of CONNECT besides `accept-version`, `host` and `heart-beat`; `{token}` is the connection's.
        var connectHeaders = ["Authorization:Bearer {token}"]
        /// `{room}`, `{uuid}` (names the message) and `{text}` (carries its number and time).
        var body = #"{"roomId":"{room}","tempId":"{uuid}","content":{"text":"{text}","type":"TEXT"}}"#
    }

    var groups: Int { (rooms.count + roomsPerConnection - 1) / roomsPerConnection }
    var connections: Int { groups * subscribersPerRoom }

    /// The rooms of a connection.
    func rooms(ofConnection index: Int) -> Range<Int> {
        let first = index / subscribersPerRoom * roomsPerConnection
        return first..<min(first + roomsPerConnection, rooms.count)
    }

    /// The room of the message with this number in a round of one message to each room.
    ///
    /// Neighbours are of different groups: otherwise how many messages meet in one write to a connection, and with it the
    /// cost of a delivery, would depend on how many rooms a connection has. Where the last group has fewer rooms than the
    /// others, rooms come in their own order.
    func room(ofMessage number: Int) -> Int {
        guard groups * roomsPerConnection == rooms.count else { return number }
        return number % groups * roomsPerConnection + number / groups
    }

    /// The connection that publishes to a room as its publisher `slot`.
    func publisher(_ slot: Int, of room: Int) -> Int { room / roomsPerConnection * subscribersPerRoom + slot }

    /// - Throws: a usage error where the numbers do not fit each other.
    func check() throws(BenchError) {
        guard !endpoints.isEmpty, !rooms.isEmpty else { throw .usage("name at least one --url and one room") }
        guard publishersPerRoom <= subscribersPerRoom else {
            throw .usage("--publishers: at most one for each subscriber of a room")
        }
        guard rate >= 0, seconds > 0, subscribersPerRoom > 0, roomsPerConnection > 0 else {
            throw .usage("--rate, --seconds, --subscribers and --rooms-per-connection have to be positive")
        }
    }
}
