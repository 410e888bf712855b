/// The texts of `--help`.
enum Help {
    /// What is printed for a command, or for none.
    static func text(for command: String?) -> String {
        switch command {
        case "gateway":
            """
            shoot gateway
              Serves REST, and STOMP over WebSocket at /ws/chat. Any number of them run side by side.
              Listens on http.host and http.port; stops on SIGTERM after telling its clients to move.

            """ + settings
        case "persister":
            """
            shoot persister
              Stores what is in the room logs in MongoDB. Several share the work; one is enough.
              Serves /health and /metrics on persister.httpPort; stops on SIGTERM after what is under way.

            """ + settings
        case "migrate":
            """
            shoot migrate
              Brings the schemas of PostgreSQL and MongoDB up to date. Run it before a new release's first process;
              running it again changes nothing.

            """ + settings
        case "local":
            """
            shoot local [--cluster]
              A gateway and a persister in one process, for trying and developing. Redis, PostgreSQL and MongoDB are
              started below .state unless SHOOT_REDIS_URL, SHOOT_POSTGRES_URL and SHOOT_MONGODB_URL name others.
              --cluster  two gateways, a persister and HAProxy as processes of their own, with a demonstration
                         (what `make run` does).

            """ + settings
        case "trace":
            """
            shoot trace --url URL --room ROOM [--token-file FILE] [--from URL]...
              Sends one message, which its room keeps, and shows what each process did with it and how long that took.
              --url         the gateway to send it to, such as http://127.0.0.1:8080
              --room        the room; the user has to be in it
              --token-file  a file with an access token; without it SHOOT_TRACE_USERNAME and SHOOT_TRACE_PASSWORD of
                            the environment log in
              --from        whom to ask for spans, each gateway and persister; the gateway of --url alone unless named.
                            Each has to keep some (telemetry.recentSpans).
              Offsets are by the clocks of the machines. Exit status 1 where a stage was not found.
            """
        case "dlq": deadLetters + settings
        default:
            """
            shoot: a realtime chat backend

              shoot gateway     serve clients: REST, STOMP over WebSocket
              shoot persister   store the room logs in MongoDB
              shoot migrate     bring the databases' schemas up to date
              shoot local       all in one process, for trying it
              shoot trace       send one message and show its way
              shoot dlq         show, replay or drop what could not be stored
              shoot bench       put load on a server and check what comes back
              shoot --version   print the version
              shoot COMMAND --help

            """ + settings
        }
    }

    private static let deadLetters = """
        shoot dlq list [--all] [--limit N] [--after ID] [--json]
        shoot dlq show|replay|drop ID [--json]
          Dead letters: entries of room logs that MongoDB refused three times, or that nobody could read.
          list      those that wait, what failed last first, 50 unless --limit (1 to 100) says otherwise; --all also
                    those that were replayed or dropped; --after goes on behind the last one of the page before
          show      one of them, with what it holds and the history of its tries
          replay    stores it after all, in its place in the room, when the cause is mended; refused where its sender
                    has sent it again
          drop      marks that nothing more is to be done about it; a placeholder stays in its place in the room
          --json    one JSON document instead of text
          An id is ROOM-SEQ-CHANGE, as list shows it. Exit status 1 where it can not be done, 2 for an id that is
          none or unknown.


        """

    private static let settings = """
        Settings come from the environment (SHOOT_…), then from the file that SHOOT_CONFIG names, then from the
        defaults of SHOOT_PROFILE (local or prod). config/shoot.yaml lists all of them.
        """
}
