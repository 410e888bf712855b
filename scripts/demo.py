#!/usr/bin/env python3
"""A short demonstration of Shoot: a message crosses from one gateway to another and into MongoDB.

Two people sign up through the balancer and open a room of two. Each connects to a gateway of their own with stomp.py,
a STOMP client that knows nothing of Shoot. One sends a message; the other receives it; the sender is told each step of
its way; in the end it is read back from the room's history.

Ends with exit status 1 and one line when a step does not happen in time. Names are new each time, so that it can be
played again on the same databases.
"""

import argparse
import http.client
import json
import logging
import queue
import secrets
import sys
import time
import uuid

import stomp

# Each step takes milliseconds; a machine that is just starting everything may need some seconds.
STEP_SECONDS = 15
STEPS = ["SENDING", "SENT_TO_STREAM", "PROCESSING", "SAVED"]


class Failed(Exception):
    """A step that did not happen, in one line."""


class API:
    """Calls the REST API through the balancer."""

    def __init__(self, address):
        self.address = address

    def call(self, method, path, body=None, token=None):
        """Returns `data` of the answer; raises Failed with the answer's own error otherwise."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(self.address, timeout=STEP_SECONDS)
        try:
            connection.request(method, f"/api/v1{path}", body and json.dumps(body), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Failed(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if not answer.get("success"):
            error = answer.get("error", {})
            raise Failed(f"{method} {path}: {response.status} {error.get('code')}: {error.get('message')}")
        return answer["data"]


class Person:
    """Somebody with an account and a STOMP connection to one gateway."""

    def __init__(self, api, nickname):
        self.nickname = nickname
        self.username = f"{nickname.lower()}_{secrets.token_hex(4)}"
        account = {"username": self.username, "password": secrets.token_urlsafe(16), "nickname": nickname}
        signed_up = api.call("POST", "/auth/signup", account)
        self.user_id = signed_up["user"]["id"]
        self.token = signed_up["accessToken"]
        self.inbox = Inbox()

    def connect(self, gateway):
        host, port = gateway.rsplit(":", 1)
        self.connection = stomp.WSStompConnection(
            [(host, int(port))], ws_path="/ws/chat", heartbeats=(10_000, 10_000), reconnect_attempts_max=1
        )
        self.connection.set_listener("inbox", self.inbox)
        try:
            self.connection.connect(headers={"Authorization": f"Bearer {self.token}"})
        except (OSError, stomp.exception.StompException) as error:
            raise Failed(f"{self.nickname} cannot connect to {gateway}: {error}") from error
        self.inbox.wait_for("CONNECTED", lambda frame: True)

    def subscribe(self, destination):
        """Returns once the gateway has confirmed it."""
        receipt = str(uuid.uuid4())
        self.connection.subscribe(destination, id=destination, headers={"receipt": receipt})
        self.inbox.wait_for("RECEIPT", lambda frame: frame.headers.get("receipt-id") == receipt)

    def send(self, destination, body):
        self.connection.send(destination, json.dumps(body), content_type="application/json")

    def disconnect(self):
        self.connection.disconnect()


class Inbox(stomp.ConnectionListener):
    """Keeps the frames that come, for whoever waits for one. stomp.py calls it on a thread of its own."""

    def __init__(self):
        self.frames = queue.Queue()

    def on_connected(self, frame):
        self.frames.put(frame)

    def on_receipt(self, frame):
        self.frames.put(frame)

    def on_message(self, frame):
        self.frames.put(frame)

    def on_error(self, frame):
        self.frames.put(frame)

    def wait_for(self, command, is_it):
        """Returns the first frame of that kind that fits; passes over the others."""
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            try:
                frame = self.frames.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failed(f"no {command} within {STEP_SECONDS} s") from None
            if frame.cmd == "ERROR":
                raise Failed(f"the gateway answered ERROR: {frame.headers.get('message')} {frame.body}")
            if frame.cmd == command and is_it(frame):
                return frame


def show(line):
    print(line, flush=True)


def open_room(api, ana, ben):
    room = api.call("POST", "/chatrooms", {"type": "INDIVIDUAL", "participantIds": [ben.user_id]}, ana.token)
    show(f"  a room of the two         {room['id']}")
    return room["id"]


def send_message(ana, ben, room, text):
    """Ana sends, Ben receives, Ana is told each step. Returns the message as Ben received it."""
    temp_id = str(uuid.uuid4())
    started = time.monotonic()

    def elapsed():
        return f"{(time.monotonic() - started) * 1000:7.1f} ms"

    show(f"  {ana.nickname} sends                 “{text}”")
    ana.send("/app/chat", {"roomId": room, "tempId": temp_id, "content": {"text": text, "type": "TEXT"}})

    def is_the_message(frame):
        return frame.headers["destination"] == f"/topic/messages/{room}" and json.loads(frame.body)["tempId"] == temp_id

    message = json.loads(ben.inbox.wait_for("MESSAGE", is_the_message).body)
    show(f"  {ben.nickname} receives              “{message['content']['text']}”, seq {message['seq']}")
    if message["content"]["text"] != text or message["senderId"] != ana.user_id:
        raise Failed(f"the message that arrived is not the one that was sent: {message}")

    for step in STEPS:

        def is_a_step(frame):
            if frame.headers["destination"] != f"/topic/message/status/{room}":
                return False
            return json.loads(frame.body)["tempId"] == temp_id

        update = json.loads(ana.inbox.wait_for("MESSAGE", is_a_step).body)
        if update["status"] != step:
            reason = update.get("errorMessage") or ""
            raise Failed(f"the message is {update['status']} where {step} comes next {reason}".rstrip())
        show(f"  {ana.nickname} is told {elapsed()}    {step}")
    return message


def read_back(api, ben, room, message):
    page = api.call("GET", f"/chatrooms/{room}/messages?limit=10", token=ben.token)
    stored = [item for item in page["items"] if item["id"] == message["id"]]
    if len(stored) != 1 or stored[0]["content"]["text"] != message["content"]["text"]:
        raise Failed("the message is not in the room's history")
    show(f"  the history holds         “{stored[0]['content']['text']}”, seq {stored[0]['seq']}, from MongoDB")


def demonstrate(balancer, gateways):
    api = API(balancer)
    show("A message from one gateway to another and into MongoDB")
    ana, ben = Person(api, "Ana"), Person(api, "Ben")
    show(f"  signed up                 {ana.username} (user {ana.user_id}), {ben.username} (user {ben.user_id})")
    room = open_room(api, ana, ben)
    for person, gateway in zip((ana, ben), gateways):
        person.connect(gateway)
        show(f"  {person.nickname} connects to           ws://{gateway}/ws/chat")
        person.subscribe(f"/topic/messages/{room}")
    ana.subscribe(f"/topic/message/status/{room}")
    message = send_message(ana, ben, room, "Hello from the other gateway")
    read_back(api, ben, room, message)
    ana.disconnect()
    ben.disconnect()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--balancer", default="127.0.0.1:8080", help="host:port (default: %(default)s)")
    parser.add_argument("--gateways", nargs=2, default=["127.0.0.1:8081", "127.0.0.1:8082"], help="host:port of two")
    options = parser.parse_args()
    # What it has to say about connections is said by the failing step.
    logging.getLogger("stomp.py").setLevel(logging.CRITICAL)
    try:
        demonstrate(options.balancer, options.gateways)
    except Failed as failure:
        sys.exit(f"demonstration: {failure}")


if __name__ == "__main__":
    main()
