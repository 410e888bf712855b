// swift-tools-version: 6.2

import PackageDescription

/// Libraries of the system that this package wraps. `pkgConfig` is left out where its flags are ones SwiftPM refuses.
let systemLibraries: [Target] = [
    .systemLibrary(name: "CUV", path: "Sources/C/CUV"),
    .systemLibrary(name: "CHTTPParser", path: "Sources/C/CHTTPParser"),
    .systemLibrary(name: "CHiredis", path: "Sources/C/CHiredis"),
    .systemLibrary(name: "CCrypt", path: "Sources/C/CCrypt"),
    .systemLibrary(name: "CMongoC", path: "Sources/C/CMongoC", pkgConfig: "libmongoc-1.0"),
    .systemLibrary(name: "CPQ", path: "Sources/C/CPQ", pkgConfig: "libpq"),
    .systemLibrary(name: "COpenSSL", path: "Sources/C/COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CCurl", path: "Sources/C/CCurl", pkgConfig: "libcurl"),
    .systemLibrary(name: "CThread", path: "Sources/C/CThread"),
    .systemLibrary(name: "CYAML", path: "Sources/C/CYAML", pkgConfig: "yaml-0.1"),
]

/// Our own targets. Each names all that it may import: the build refuses any other import.
let targets: [Target] = [
    .target(name: "Bytes", path: "Sources/Infrastructure/Bytes"),
    .target(name: "Telemetry", dependencies: ["Bytes"], path: "Sources/Infrastructure/Telemetry"),
    .target(name: "Threads", dependencies: ["CThread"], path: "Sources/Infrastructure/Threads"),
    .target(
        name: "EventLoop",
        dependencies: ["Bytes", "Threads", "CUV", "COpenSSL"],
        path: "Sources/Infrastructure/EventLoop"),
    .target(
        name: "WireProtocols",
        dependencies: ["Bytes", "CHTTPParser", "CHiredis", "CZlib", "COpenSSL"],
        path: "Sources/Infrastructure/WireProtocols"),

    .target(name: "Domain", path: "Sources/Domain"),
    .target(name: "Application", dependencies: ["Domain"], path: "Sources/Application"),

    .target(
        name: "Gateway",
        dependencies: ["Application", "Domain", "WireProtocols", "EventLoop", "Bytes", "Telemetry"],
        path: "Sources/Adapters/Gateway"),
    .target(
        name: "Redis",
        dependencies: ["Application", "Domain", "WireProtocols", "EventLoop", "Bytes"],
        path: "Sources/Adapters/Redis",
        resources: [.embedInCode("Scripts")]),
    .target(name: "CEPoll", path: "Sources/C/CEPoll"),
    .target(name: "CAllocationCount", path: "Sources/C/CAllocationCount"),
    .target(
        name: "CMongoShim", dependencies: ["CMongoC"], path: "Sources/C/CMongoShim"),
    .target(
        name: "Mongo",
        dependencies: ["Application", "Domain", "Bytes", "Threads", "Telemetry", "CMongoC", "CMongoShim"],
        path: "Sources/Adapters/Mongo"),
    .target(
        name: "Postgres",
        dependencies: ["Application", "Domain", "Bytes", "Threads", "CPQ"],
        path: "Sources/Adapters/Postgres",
        resources: [.embedInCode("Migrations")]),
    .target(
        name: "Security",
        dependencies: ["Application", "Domain", "Bytes", "Threads", "WireProtocols", "COpenSSL", "CCrypt"],
        path: "Sources/Adapters/Security"),
    .target(
        name: "Outbound",
        dependencies: ["Application", "Domain", "Bytes", "Threads", "Telemetry", "CCurl"],
        path: "Sources/Adapters/Outbound"),

    .target(name: "Launcher", path: "Sources/Launcher"),
    .executableTarget(
        name: "Shoot",
        dependencies: [
            "Domain", "Application", "Gateway", "Redis", "Mongo", "Postgres", "Security", "Outbound", "EventLoop",
            "Threads", "WireProtocols", "Telemetry", "Bytes", "Launcher", "CYAML",
        ],
        path: "Sources/Shoot"),
    .executableTarget(
        name: "ShootBench",
        dependencies: [
            "Gateway", "Mongo", "Postgres", "Security", "Launcher", "Application", "Domain", "WireProtocols",
            "EventLoop", "Threads", "Bytes", "CEPoll", "CMongoC", "COpenSSL",
        ],
        path: "Sources/ShootBench"),
]

let testTargets: [Target] = [
    .target(name: "Support", dependencies: ["Launcher"], path: "Tests/Support"),
    .testTarget(
        name: "UnitTests",
        dependencies: [
            "Bytes", "Telemetry", "Threads", "EventLoop", "WireProtocols", "Domain", "Application", "Gateway", "Redis",
            "Mongo", "Postgres", "Security", "Outbound", "Launcher", "Shoot", "ShootBench", "Support",
        ],
        path: "Tests/Unit"),
    .testTarget(
        name: "IntegrationTests",
        dependencies: [
            "Bytes", "EventLoop", "WireProtocols", "Domain", "Application", "Gateway", "Redis", "Mongo", "Postgres",
            "Launcher", "Support",
        ],
        path: "Tests/Integration"),
    .testTarget(
        name: "EndToEndTests", dependencies: ["Shoot", "ShootBench", "Support"], path: "Tests/EndToEnd",
        exclude: ["Interop"]),
    .testTarget(name: "StyleTests", path: "Tests/Style"),
]

let package = Package(
    name: "shoot",
    products: [
        .executable(name: "shoot", targets: ["Shoot"]),
        .executable(name: "shoot-bench", targets: ["ShootBench"]),
        .library(name: "AllocationCount", type: .dynamic, targets: ["CAllocationCount"]),
    ],
    targets: systemLibraries + targets + testTargets
)

for target in package.targets where target.type != .system {
    guard !["CMongoShim", "CEPoll", "CAllocationCount"].contains(target.name) else { continue }
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
