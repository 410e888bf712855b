import CCurl

/// A handle of libcurl, owned; it keeps its connection between uses. One thread uses it at a time.
struct CurlHandle: ~Copyable {
    let curl: UnsafeMutableRawPointer

    /// libcurl sets itself up once for the process; a lazy global is initialised by one thread only.
    private static let isSetUp = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() throws(OutboundError) {
        guard CurlHandle.isSetUp, let curl = curl_easy_init() else {
            throw OutboundError(.resources, "libcurl cannot be set up")
        }
        self.curl = curl
    }

    deinit { curl_easy_cleanup(curl) }

    /// Takes back all options but not the connection, and sets those that hold for every use.
    func begin(url: String, timeoutMilliseconds: Int) throws(OutboundError) {
        curl_easy_reset(curl)
        // Signals would hit whichever thread they like.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Not even one that the environment names: collectors and gateways are inside, where it does not lead, and a webhook
        // has to be reachable directly (docs/operations.md).
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, min(timeoutMilliseconds, OutgoingLimits.connectMilliseconds))
        try set(CURLOPT_URL, url)
    }

    func set(_ option: CURLoption, _ value: Int) throws(OutboundError) {
        try CurlHandle.check(shim_curl_set_long(curl, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(OutboundError) {
        try CurlHandle.check(shim_curl_set_text(curl, option, value))
    }

    static func check(_ code: CURLcode) throws(OutboundError) {
        guard code == CURLE_OK else { throw OutboundError(code) }
    }
}
