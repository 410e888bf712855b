/// Where the parts of a local cluster listen, on 127.0.0.1.
struct ClusterPorts: Sendable {
    var balancer: UInt16 = 8080
    var gateways: (UInt16, UInt16) = (8081, 8082)
    /// Health and metrics only.
    var persister: UInt16 = 8083

    /// Asked before anything is started, so that a port in use costs no time.
    func requireFree() throws(LauncherError) {
        try LoopbackPort.requireFree(balancer, for: "the balancer")
        try LoopbackPort.requireFree(gateways.0, for: "gateway-1")
        try LoopbackPort.requireFree(gateways.1, for: "gateway-2")
        try LoopbackPort.requireFree(persister, for: "the persister")
    }
}
