/// `shoot-bench load`: puts load on a server that runs.
enum LoadCommand {
    static let help = """
        usage: shoot-bench load --url ws://host:port/path --rooms FILE [options]

        Publishes at a fixed rate, whether the server keeps up or not, and checks every delivery for loss, doubling and
        order. The defaults speak to Shoot; the templates let it speak to any server of STOMP over WebSocket.

          --url URL                  a server; given several times, connections take them in turn
          --rooms FILE               ids of the rooms, one a line
          --tokens FILE              access tokens, one a line; connections take them in turn
          --subscribers N            of each room (1)
          --rooms-per-connection N   that a connection subscribes to (1)
          --publishers N             of each room, out of its subscribers (1)
          --rate N                   messages a second in all (100)
          --warm-up S, --seconds S   not measured (1), measured (10)
          --body-bytes N             of a SEND's body (175)
          --status                   follow what becomes of each message
          --server-pid N             a process whose CPU time is told, any number of times
          --json                     one line of JSON instead of the table

          --subscribe TEMPLATE       destination, {room} in it     (/topic/messages/{room})
          --send TEMPLATE            destination of SEND           (/app/chat)
          --connect-header LINE      of CONNECT, {token} in it     (Authorization:Bearer {token})
          --body TEMPLATE            {room}, {uuid}, {text} in it; {text} must come back in the delivery

        Exit status: 0; 1 where something was lost, doubled, out of order, or the server refused; 2 for wrong use.

        """

    static func run(_ arguments: ArraySlice<String>) throws(BenchError) -> Int32 {
        let options = try OptionReader(
            "load", arguments,
            valued: [
                "--url", "--rooms", "--tokens", "--subscribers", "--rooms-per-connection", "--publishers", "--rate",
                "--warm-up", "--seconds", "--body-bytes", "--server-pid", "--subscribe", "--send", "--connect-header",
                "--body",
            ], flags: ["--status", "--json"])
        let plan = try plan(options)
        let result = try LoadRun(plan, progress: Progress()).run()
        let report = LoadReport(result: result)
        Console.say(options.has("--json") ? report.json : report.table)
        return result.isComplete && result.failed == 0 ? 0 : 1
    }

    private static func plan(_ options: OptionReader) throws(BenchError) -> LoadPlan {
        _ = try options.required("--url")
        _ = try options.required("--rooms")
        var endpoints: [Endpoint] = []
        for url in options.all("--url") {
            endpoints.append(try Endpoint(url))
        }
        var plan = LoadPlan(endpoints: endpoints, rooms: try options.lines("--rooms") ?? [])
        plan.tokens = try options.lines("--tokens") ?? []
        plan.subscribersPerRoom = try options.integer("--subscribers", 1...20_000, default: 1)
        plan.roomsPerConnection = try options.integer("--rooms-per-connection", 1...10_000, default: 1)
        plan.publishersPerRoom = try options.integer("--publishers", 1...4095, default: 1)
        plan.rate = try options.number("--rate", 0...10_000_000, default: 100)
        plan.warmUp = try options.number("--warm-up", 0...3600, default: 1)
        plan.seconds = try options.number("--seconds", 0.1...3600, default: 10)
        plan.bodyBytes = try options.integer("--body-bytes", 0...60_000, default: 175)
        plan.followsStatus = options.has("--status")
        for text in options.all("--server-pid") {
            guard let pid = Int32(text), pid > 0 else { throw .usage("load: --server-pid takes a process id") }
            plan.servers.append(pid)
        }
        plan.dialect.subscribe = options.text("--subscribe") ?? plan.dialect.subscribe
        plan.dialect.send = options.text("--send") ?? plan.dialect.send
        plan.dialect.body = options.text("--body") ?? plan.dialect.body
        let headers = options.all("--connect-header")
        plan.dialect.connectHeaders = headers.isEmpty ? plan.dialect.connectHeaders : headers
        return plan
    }
}
