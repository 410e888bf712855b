#!/usr/bin/env bash
# Checks what operators deploy with, as far as that goes without a container engine or a cluster.
#
#   form     schemas of compose.yaml and of the Kubernetes manifests; Dockerfile, balancers, Prometheus, systemd units by
#            the tools that read them
#   image    builds Shoot as the image does; compares the packages that the image installs with what that needs; starts
#            it with the settings of compose.yaml and of the manifests
#   live     `shoot local --cluster` with a Prometheus: every query of the dashboard has to find something, every alert
#            has to be quiet and to look at metrics that are there
#
# Takes some minutes the first time, for the build. What it starts it stops; its data and logs are in .state/deployment.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.state/venv
work=$PWD/.state/deployment
build=(-c release --product shoot --static-swift-stdlib --explicit-target-dependency-import-check error)
# Apart from `make run`: the Swift runtime linked in makes other products.
build+=(--scratch-path .build/image)
prometheus_port=19090
nginx_port=18080
children=()

say() { printf '%s\n' "$*"; }
fail() {
    printf 'check-deployment: %s\n' "$*" >&2
    exit 1
}

install_tools() {
    scripts/install.sh prometheus nginx-light
    local installed=$venv/deployment-requirements.installed
    if cmp -s scripts/deployment-requirements.txt "$installed"; then return; fi
    "$venv/bin/python" -m pip install --disable-pip-version-check -q -r scripts/deployment-requirements.txt ||
        fail "pip could not install scripts/deployment-requirements.txt"
    cp scripts/deployment-requirements.txt "$installed"
}

# The units name users and a program that this machine need not have.
check_units() {
    if ! command -v systemd-analyze >/dev/null; then
        say "  systemd      skipped: there is no systemd-analyze"
        return
    fi
    rm -rf "$work/units"
    mkdir -p "$work/units"
    local unit
    for unit in config/systemd/*.service; do
        sed 's|^ExecStart=/usr/local/bin/shoot|ExecStart=/bin/echo|' "$unit" >"$work/units/$(basename "${unit/@/@8081}")"
    done
    systemd-analyze verify --man=no "$work"/units/*.service
    say "  systemd      $(find "$work/units" -name '*.service' | wc -l) units"
}

check_balancers() {
    local addresses=(SHOOT_BALANCER_ADDRESS=127.0.0.1:1 SHOOT_GATEWAY_1=127.0.0.1:2 SHOOT_GATEWAY_2=127.0.0.1:3)
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$work/key.pem" -out "$work/chain.pem" \
        2>/dev/null
    cat "$work/chain.pem" "$work/key.pem" >"$work/certificate.pem"
    env "${addresses[@]}" haproxy -q -c -f config/haproxy.cfg
    env "${addresses[@]}" SHOOT_BALANCER_TLS_ADDRESS=127.0.0.1:4 SHOOT_BALANCER_CERTIFICATE="$work/certificate.pem" \
        haproxy -q -c -f config/haproxy.cfg
    say "  HAProxy      config/haproxy.cfg, with TLS and without"
}

check_form() {
    say "Form"
    "$venv/bin/check-jsonschema" -q --builtin-schema vendor.compose-spec compose.yaml
    say "  compose      compose.yaml"
    "$venv/bin/kubernetes-validate" --strict --quiet config/kubernetes/*.yaml
    say "  Kubernetes   $(find config/kubernetes -name '*.yaml' | wc -l) files"
    "$venv/bin/hadolint" Dockerfile
    say "  hadolint     Dockerfile"
    promtool check config config/prometheus.yml >"$work/promtool.log" || fail "$(<"$work/promtool.log")"
    promtool test rules Tests/Deployment/alerts.yml >"$work/promtool.log" || fail "$(<"$work/promtool.log")"
    say "  promtool     config/prometheus.yml, config/alerts.yml, and what makes each alert fire"
    check_balancers
    check_units
}

check_image() {
    say "Image"
    swift build "${build[@]}"
    binary=$PWD/.build/image/release/shoot
    rm -f "$work/env"
    scripts/make-env.sh "$work/env"
    "$venv/bin/python" scripts/check_deployment.py image "$binary"
    "$venv/bin/python" scripts/check_deployment.py settings "$binary" "$work/env"
}

# Waits until a command succeeds, as long as the last child lives.
await() {
    local what=$1 log=$2
    shift 2
    for _ in {1..600}; do
        if "$@" >/dev/null 2>&1; then return; fi
        kill -0 "${children[-1]}" 2>/dev/null || fail "$what ended: $(tail -n 3 "$log")"
        sleep 0.2
    done
    fail "$what is not there after 120 s: see $log"
}

start() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 &
    children+=($!)
}

stop_children() {
    # The last first. The cluster drains, and stops its stores.
    for ((index = ${#children[@]} - 1; index >= 0; index--)); do
        kill "${children[index]}" 2>/dev/null || continue
        wait "${children[index]}" || true
    done
    children=()
}

start_cluster() {
    start "$work/cluster.log" "$binary" local --cluster
    await "the cluster" "$work/cluster.log" grep -q "Shoot is up" "$work/cluster.log"
}

start_prometheus() {
    rm -rf "$work/prometheus"
    "$venv/bin/python" scripts/check_deployment.py prometheus >"$work/prometheus.yml"
    cp config/alerts.yml "$work/alerts.yml"
    start "$work/prometheus.log" prometheus --config.file "$work/prometheus.yml" \
        --storage.tsdb.path "$work/prometheus" --web.listen-address "127.0.0.1:$prometheus_port"
    await Prometheus "$work/prometheus.log" curl -fsS "http://127.0.0.1:$prometheus_port/-/ready"
}

# Sets `balancer`: nginx, or where only root may start Debian's, HAProxy again.
start_nginx() {
    balancer=127.0.0.1:8080
    if ((EUID != 0)); then
        say "  nginx        skipped: Debian's keeps its files where only root may write"
        return
    fi
    sed "s|listen 127.0.0.1:8080|listen 127.0.0.1:$nginx_port|; s|^pid .*|pid $work/nginx.pid;|" config/nginx.conf \
        >"$work/nginx.conf"
    start "$work/nginx.log" nginx -e stderr -c "$work/nginx.conf" -g 'daemon off;'
    await nginx "$work/nginx.log" curl -fsS "http://127.0.0.1:$nginx_port/health/ready"
    balancer=127.0.0.1:$nginx_port
    say "  nginx        config/nginx.conf"
}

check_live() {
    say "Live"
    start_cluster
    start_prometheus
    start_nginx
    # Counts from before the first scrape are no rate: everything has to happen after it.
    "$venv/bin/python" scripts/check_deployment.py await "http://127.0.0.1:$prometheus_port"
    # Through the balancer all the way, one message from gateway to gateway, and an error for each of them to count.
    "$venv/bin/python" scripts/demo.py --balancer "$balancer" --gateways "$balancer" "$balancer" >"$work/demo.log"
    "$venv/bin/python" scripts/demo.py >>"$work/demo.log"
    curl -sS -o /dev/null -o /dev/null http://127.0.0.1:8081/nothing http://127.0.0.1:8082/nothing
    "$venv/bin/python" scripts/check_deployment.py queries "http://127.0.0.1:$prometheus_port"
}

mkdir -p "$work"
trap stop_children EXIT
install_tools
check_form
check_image
check_live
