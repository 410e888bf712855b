# One image for every process of Shoot; it is a gateway unless told otherwise.
#
#   docker build -t shoot .
#   docker run --rm shoot --help
#   docker run --env-file settings.env -p 8080:8080 shoot               a gateway
#   docker run --env-file settings.env shoot persister
#   docker run --env-file settings.env shoot migrate
#
# It runs in the profile prod, which refuses to start without addresses and secrets: docs/operations.md.

FROM swift:6.3-bookworm AS build

# The libraries that Shoot wraps, as in scripts/install.sh: `make check-deployment` compares both lists.
# hadolint ignore=DL3008
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends \
        libuv1-dev libhttp-parser-dev libhiredis-dev libmongoc-dev libbson-dev libpq-dev libssl-dev zlib1g-dev \
        libcrypt-dev libyaml-dev libcurl4-openssl-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
# The package names its test targets: their folders have to be there.
COPY Tests Tests
# With its own Swift runtime inside, the program needs nothing of Swift where it runs.
RUN swift build -c release --product shoot --static-swift-stdlib --explicit-target-dependency-import-check error \
    && install -D -s "$(swift build -c release --static-swift-stdlib --show-bin-path)/shoot" /image/shoot

FROM debian:bookworm-slim

# Debian's packages behind what `ldd shoot` lists; authorities for TLS towards the stores; curl asks for the health.
# hadolint ignore=DL3008
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends \
        libuv1 libhttp-parser2.9 libhiredis0.14 libmongoc-1.0-0 libbson-1.0-0 libpq5 libssl3 zlib1g libcrypt1 \
        libyaml-0-2 libcurl4 libstdc++6 libgcc-s1 \
        ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 shoot \
    && useradd --uid 10001 --gid shoot --no-create-home --shell /usr/sbin/nologin shoot

COPY --from=build /image/shoot /usr/local/bin/shoot
COPY config/shoot.yaml /etc/shoot/shoot.yaml
ENV SHOOT_CONFIG=/etc/shoot/shoot.yaml SHOOT_PROFILE=prod

# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080 8083

# The process drains on it: docs/operations.md#signals-and-exit.
STOPSIGNAL SIGTERM
# A gateway answers on one port, a persister on the other; a stopping gateway answers no more, and may take 30 s.
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=8 \
    CMD ["sh", "-c", "curl -fsS http://127.0.0.1:${SHOOT_HTTP_PORT:-8080}/health/live || curl -fsS http://127.0.0.1:${SHOOT_PERSISTER_HTTP_PORT:-8083}/health/live"]

ENTRYPOINT ["/usr/local/bin/shoot"]
CMD ["gateway"]
