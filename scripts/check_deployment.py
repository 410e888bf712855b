"""The parts of scripts/check-deployment.sh that have to read what they check.

    image BINARY            whether the image installs what BINARY is linked with
    settings BINARY ENV     whether BINARY starts with the settings of compose.yaml and of the Kubernetes manifests
    prometheus              prints config/prometheus.yml for the processes of `shoot local --cluster`
    await URL               until the Prometheus at URL has scraped them all
    queries URL             whether the Prometheus at URL answers the dashboard and the alerts as it should

Ends with exit status 1 and a line for each thing that is wrong.
"""

import json
import math
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

# Where `shoot local --cluster` listens.
TARGETS = {"shoot-gateway": ["127.0.0.1:8081", "127.0.0.1:8082"], "shoot-persister": ["127.0.0.1:8083"]}
# What is in the image for other reasons than being linked: authorities for TLS, the health check.
NOT_LINKED = {"ca-certificates", "curl"}
SECONDS = 30


def fail(*problems):
    sys.exit("\n".join(f"check-deployment: {problem}" for problem in problems))


def show(what, text):
    print(f"  {what:12} {text}", flush=True)


def apt_packages(text):
    """The packages of each apt-get install of a Dockerfile, in order."""
    commands = re.findall(r"--no-install-recommends(.*?)&&", text.replace("\\\n", " "), re.DOTALL)
    return [set(command.split()) for command in commands]


def package_of(path):
    """The Debian package of a file, by either of the names that the merged /usr gives it; None for other files."""
    real = os.path.realpath(path)
    for name in (real, real.removeprefix("/usr"), path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    return None


def image(binary):
    built, runtime = apt_packages(pathlib.Path("Dockerfile").read_text())
    listed = re.search(r"what finds them\n(.*?)\n *#", pathlib.Path("scripts/install.sh").read_text(), re.DOTALL)
    difference = built ^ set(listed[1].split())
    if difference:
        fail(f"the Dockerfile builds with other packages than scripts/install.sh installs: {difference}")

    needed = re.findall(r"NEEDED\s+(\S+)", subprocess.check_output(["objdump", "-p", binary], text=True))
    paths = dict(re.findall(r"(\S+) => (/\S+)", subprocess.check_output(["ldd", binary], text=True)))
    packages = {package_of(paths[name]) for name in needed if name in paths} - {"libc6"}
    if packages != runtime - NOT_LINKED:
        fail(f"the image's packages and what shoot is linked with differ: {packages ^ (runtime - NOT_LINKED)}")
    show("packages", f"{len(packages)} for {len(needed)} libraries")


def interpolate(node, values):
    """Compose's $$, ${NAME}, ${NAME:-default}, ${NAME:+other}, ${NAME:?error}, in every text of a document."""
    if isinstance(node, dict):
        return {key: interpolate(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolate(value, values) for value in node]
    if not isinstance(node, str):
        return node

    def replace(match):
        name, kind, rest = match["name"], match["kind"], match["rest"]
        value = values.get(name, "")
        if kind == ":?" and not value:
            fail(f"compose.yaml: {name} {rest}")
        if kind == ":+":
            return rest if value else ""
        return value or (rest if kind == ":-" else "")

    pattern = r"\$\$|\$\{(?P<name>\w+)(?:(?P<kind>:[-+?])(?P<rest>[^}]*))?\}"
    return re.sub(pattern, lambda match: "$" if match[0] == "$$" else replace(match), node)


def settings(binary, env_file):
    lines = pathlib.Path(env_file).read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    compose = interpolate(yaml.safe_load(pathlib.Path("compose.yaml").read_text()), values)
    for name, service in compose["services"].items():
        if service["image"] == "shoot" and service["command"] != ["migrate"]:
            starts(binary, service["command"][0], service["environment"], f"compose.yaml, {name}")

    given = {
        "SHOOT_JWT_KEYS": "1:" + 64 * "0",
        "SHOOT_REDIS_URL": "rediss://:password@redis.invalid",
        "SHOOT_MONGODB_URL": "mongodb://shoot:password@mongodb.invalid/shoot?replicaSet=shoot&tls=true",
        "SHOOT_POSTGRES_URL": "postgresql://shoot:password@postgres.invalid/shoot?sslmode=require",
    }
    plain = yaml.safe_load(pathlib.Path("config/kubernetes/10-settings.yaml").read_text())["data"]
    secret = yaml.safe_load(pathlib.Path("config/kubernetes/10-secret.example.yaml").read_text())["stringData"]
    if secret.keys() != given.keys():
        fail(f"config/kubernetes/10-secret.example.yaml has {sorted(secret)}")
    starts(binary, "gateway", plain | given, "config/kubernetes, gateway")
    starts(binary, "persister", plain | given, "config/kubernetes, persister")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def starts(binary, command, environment, what):
    """Starts a process whose stores are not there: it has to be alive, and to stop in order."""
    port = free_port()
    ports = {"SHOOT_HTTP_PORT": str(port), "SHOOT_PERSISTER_HTTP_PORT": str(port)}
    own = {"PATH": os.environ["PATH"], "SHOOT_CONFIG": "config/shoot.yaml"}
    process = subprocess.Popen([binary, command], env=own | environment | ports, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=SECONDS).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    fail(f"{what}: shoot {command} does not start: {process.communicate()[1].strip()}")
                time.sleep(0.05)
    finally:
        process.terminate()
    _, log = process.communicate(timeout=SECONDS)
    if process.returncode != 0:
        fail(f"{what}: shoot {command} ended with {process.returncode}: {log.strip()}")
    show("settings", f"{what}: starts, and stops on SIGTERM")


def prometheus():
    configuration = yaml.safe_load(pathlib.Path("config/prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in configuration["scrape_configs"]}
    if jobs.keys() != TARGETS.keys():
        fail(f"config/prometheus.yml has the jobs {sorted(jobs)}")
    for name, targets in TARGETS.items():
        jobs[name]["static_configs"] = [{"targets": targets}]
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    yaml.safe_dump(configuration, sys.stdout)


def ask(url, query):
    """The values that a query has now."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}") as answer:
            return [float(series["value"][1]) for series in json.load(answer)["data"]["result"]]
    except urllib.error.HTTPError as error:
        fail(f"{query}: {json.load(error)['error']}")


def wait_until(condition, what):
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            fail(f"not within {SECONDS} s: {what()}")
        time.sleep(0.5)


def await_scrapes(url):
    count = sum(len(targets) for targets in TARGETS.values())
    wait_until(lambda: sum(ask(url, "up")) == count, lambda: f"Prometheus has scraped {count} processes")


def dashboard_queries():
    """Title and expression of every query, as Grafana would ask them with every gateway chosen."""
    dashboard = json.loads(pathlib.Path("config/grafana/dashboards/shoot.json").read_text())
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            selector = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"])
            yield f"variable {variable['name']}", f"count by ({selector[2]}) ({selector[1]})"
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m").replace("$gateway", ".*")


def queries(url):
    wanted = list(dashboard_queries())

    def without_data():
        return [(title, query) for title, query in wanted if all(math.isnan(value) for value in ask(url, query))]

    wait_until(lambda: not without_data(), lambda: f"these queries of the dashboard find something: {without_data()}")
    show("dashboard", f"{len(wanted)} queries find something")

    groups = yaml.safe_load(pathlib.Path("config/alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    problems = []
    for rule in rules:
        if ask(url, rule["expr"]):
            problems.append(f"{rule['alert']} fires, and nothing is wrong")
        for metric in set(re.findall(r"\bshoot_\w+|\bup\b", rule["expr"])):
            if not ask(url, metric):
                problems.append(f"{rule['alert']} looks at {metric}, which nobody has")
    if problems:
        fail(*problems)
    show("alerts", f"{len(rules)} are quiet, and look at what is there")


def main():
    command, *arguments = sys.argv[1:] or [""]
    commands = {
        "image": image, "settings": settings, "prometheus": prometheus, "await": await_scrapes, "queries": queries
    }
    if command not in commands:
        sys.exit(__doc__)
    commands[command](*arguments)


if __name__ == "__main__":
    main()
