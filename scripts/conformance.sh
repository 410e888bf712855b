#!/usr/bin/env bash
# Drives the gateway's WebSocket code with the Autobahn cases, 216 of them on compression.
#
#   scripts/conformance.sh                    all cases
#   scripts/conformance.sh -i '6.*' -x 6.4.1  some of them, as kosoku's options choose
#
# Starts an echo server that is built of that code, on a free port. Leaves the report in .state/conformance/index.html
# and the server's own words in echo.log beside it. Succeeds where every case is OK, NON-STRICT or INFORMATIONAL.
set -euo pipefail
cd "$(dirname "$0")/.."

# The cases are Autobahn's own files; this runs them on Python 3. The number of cases belongs to the version.
kosoku=kosoku==0.1.0
all_cases=517

venv=.state/venv
report=.state/conformance
build=(-c release --product shoot-bench --explicit-target-dependency-import-check error)

fail() {
    printf 'conformance: %s\n' "$*" >&2
    exit 1
}

install_kosoku() {
    if [[ ! -x $venv/bin/python ]]; then
        python3 -m venv "$venv" || fail "python3 makes no venv: install python3-venv"
    fi
    if "$venv/bin/python" -m pip freeze --disable-pip-version-check | grep -qxF "$kosoku"; then return; fi
    printf 'Installing %s into %s\n' "$kosoku" "$venv"
    "$venv/bin/python" -m pip install --disable-pip-version-check -q "$kosoku" || fail "pip could not install $kosoku"
}

# Sets `server` and `address`.
start_server() {
    : >"$report/echo.log"
    "$(swift build "${build[@]}" --show-bin-path)/shoot-bench" echo --port 0 >>"$report/echo.log" 2>&1 &
    server=$!
    trap 'kill "$server" 2>/dev/null || true' EXIT
    for _ in {1..100}; do
        address=$(sed -n 's/^echo server on //p' "$report/echo.log")
        if [[ -n $address ]]; then return; fi
        kill -0 "$server" 2>/dev/null || fail "the echo server did not start: $(<"$report/echo.log")"
        sleep 0.1
    done
    fail "the echo server did not say where it listens"
}

# Prints one line on what is in the report; fails where a case failed or fewer than $1 were run.
check_report() {
    "$venv/bin/python" - "$report/index.json" "$1" <<'PYTHON'
import collections
import json
import sys

path, least = sys.argv[1], int(sys.argv[2])
good = {"OK", "NON-STRICT", "INFORMATIONAL"}
with open(path) as file:
    cases = {case: result for agent in json.load(file).values() for case, result in agent.items()}
failed = sorted(
    f"{case} ({result['behavior']}, close {result['behaviorClose']})"
    for case, result in cases.items()
    if not {result["behavior"], result["behaviorClose"]} <= good
)
counts = collections.Counter(result["behavior"] for result in cases.values())
summary = ", ".join(f"{count} {behavior}" for behavior, count in counts.most_common())
print(f"conformance: {len(cases)} cases: {summary}; {len(failed)} failed" + "".join(f"\n  {case}" for case in failed))
if len(cases) < least:
    print(f"conformance: only {len(cases)} of {least} cases were run", file=sys.stderr)
sys.exit(1 if failed or len(cases) < least else 0)
PYTHON
}

install_kosoku
swift build "${build[@]}"
rm -rf "$report"
mkdir -p "$report"
start_server
# Its exit code says less than the report, which is checked next; but without a report it is all there is.
"$venv/bin/kosoku" -p 4 -o "$report" "$@" "$address" || [[ -e $report/index.json ]] || fail "kosoku left no report"
kill -0 "$server" 2>/dev/null || fail "the echo server ended by itself: $(<"$report/echo.log")"
check_report "$(($# == 0 ? all_cases : 1))"
