/// The launcher's time-outs and sizes, each with its reason.
public enum LauncherLimits {
    /// A store answers within a second; a machine that is building at the same time, or a recovery after a crash, may
    /// need far longer.
    public static let serverStart: Duration = .seconds(60)
    /// `initdb` writes 40 MB; slow disks take a while.
    static let databaseCreation: Duration = .seconds(120)
    /// What a store gets to write its data out before it is killed.
    static let serverStop: Duration = .seconds(30)
    /// Longer than the 30 s within which a gateway drains, so that the drain is never cut short from here.
    public static let processStop: Duration = .seconds(35)
    /// The demonstration waits for each of its steps itself, far shorter than this.
    static let demonstration: Duration = .seconds(120)
    /// Between two looks at the processes of a cluster that is up: what a person does not notice, at no cost.
    static let watchInterval: Duration = .milliseconds(200)
    /// Between two looks at a condition: short beside any start-up, long beside the cost of a look.
    static let pollInterval: Duration = .milliseconds(10)
    /// One exchange with a server on this machine, in seconds (`SO_RCVTIMEO`).
    static let exchangeSeconds = 2
    /// Largest answer that a readiness probe reads, in bytes; a `hello` of MongoDB is below 2 KiB.
    static let answerBytes = 64 * 1024
    /// Lines of a log that an error shows.
    static let logTailLines = 12
    /// Bytes read from the end of a log to find those lines.
    static let logTailBytes = 16 * 1024
}
