"""What the scripts in this folder share: where the gateways are, and the calls for REST that they need."""

import argparse
import http.client
import json
import uuid

# Each thing comes within milliseconds; a machine under load may need some seconds.
SECONDS = 20


def arguments():
    """The ports of the gateways, and the user and the room that the test has made."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ports", nargs=2, type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--username", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--room", required=True)
    return parser.parse_args()


def check(condition, what):
    """Ends the script with one line unless `condition` holds."""
    if not condition:
        raise SystemExit(f"failed: {what}")


def chat(room, text, temp_id=None):
    """The body of a SEND to /app/chat."""
    body = {"roomId": room, "tempId": temp_id or str(uuid.uuid4()), "content": {"text": text, "type": "TEXT"}}
    return json.dumps(body, ensure_ascii=False)


def get(port, path, token):
    """`data` of the answer to a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    check(answer.status == 200, f"GET {path}: {answer.status} {body}")
    connection.close()
    return body["data"]
