/// The few commands that the launcher has for `mongod`, above all the two that make a fresh one a replica set of one, asked
/// over MongoDB's own wire protocol (OP_MSG): its shell is 100 MB that nobody else needs.
struct MongoAdministration {
    let port: UInt16

    /// `replSetInitiate` answers this when it was done in an earlier run.
    private static let alreadyInitialized: Int32 = 23

    /// Waits for the server, initiates the set if need be, waits until it is the primary.
    func makePrimary(_ process: ChildProcess, stop: StopRequest?) throws(LauncherError) {
        var hello: BSONReader?
        try process.waitUntilReady(stop: stop) { () throws(LauncherError) in
            hello = run(BSONWriter().int32("hello", 1))
            return hello != nil
        }
        if hello?.string("setName") == nil { try initiate(process) }
        try process.waitUntilReady(stop: stop) { () throws(LauncherError) in
            run(BSONWriter().int32("hello", 1))?.bool("isWritablePrimary") == true
        }
    }

    private func initiate(_ process: ChildProcess) throws(LauncherError) {
        let member = BSONWriter().int32("_id", 0).string("host", "127.0.0.1:\(port)")
        let configuration = BSONWriter().string("_id", MongoServer.replicaSet)
            .array("members", [member])
        let answer = run(BSONWriter().document("replSetInitiate", configuration))
        guard answer?.double("ok") == 1 || answer?.int32("code") == Self.alreadyInitialized else {
            let reason = answer?.string("errmsg") ?? "no answer"
            throw LauncherError(.ended, "MongoDB did not become a replica set: \(reason).", logTail: process.logTail)
        }
    }

    /// Runs a command; nil without an answer.
    func run(_ command: BSONWriter, database: String = "admin") -> BSONReader? {
        guard let connection = LoopbackConnection(port: port) else { return nil }
        let message = MongoMessage.encode(command.string("$db", database))
        guard connection.send(message), let answer = connection.receive(until: MongoMessage.isComplete) else {
            return nil
        }
        return MongoMessage.body(of: answer)
    }
}

/// OP_MSG with one section of kind 0, the body (MongoDB Wire Protocol, "OP_MSG").
enum MongoMessage {
    private static let opMsg: Int32 = 2013
    /// Length, request id, response id, operation, flags, kind of section.
    private static let headerBytes = 21

    static func encode(_ command: BSONWriter) -> [UInt8] {
        let body = command.bytes
        var message: [UInt8] = []
        for field in [Int32(headerBytes + body.count), 1, 0, opMsg, 0] { message.appendLittleEndian(field) }
        return message + [0] + body
    }

    static func isComplete(_ received: [UInt8]) -> Bool {
        guard let length = received.littleEndianInt32(at: 0) else { return false }
        return received.count >= length
    }

    static func body(of message: [UInt8]) -> BSONReader? {
        guard message.count > headerBytes, message.littleEndianInt32(at: 12) == opMsg else { return nil }
        return BSONReader(Array(message[headerBytes...]))
    }
}
