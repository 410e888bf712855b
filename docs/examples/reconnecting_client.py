#!/usr/bin/env python3
"""A chat client that survives the loss of its connection, on stomp.py. docs/clients.md says what it does and why.

    pip install 'stomp.py==9.*' 'websocket-client==1.*'
    reconnecting_client.py --server 127.0.0.1:8080 --username ana --password 'correct horse' --room 68f…

Prints the newest messages of the room and those that follow, each once, in order, and sends each line of standard
input; Ctrl-C ends it.
"""

import argparse
import contextlib
import http.client
import json
import logging
import queue
import random
import sys
import threading
import time
import uuid

import stomp

# Codes of docs/errors.md. A send that ends with one of these is to be tried again with the same tempId ...
RETRIABLE = {"BUSY", "STORE_UNAVAILABLE", "OUTCOME_UNKNOWN", "NOT_REPLICATED"}
# ... and these would be the same on another connection.
FINAL = {"INVALID_CREDENTIALS", "INVALID_TOKEN", "TOKEN_REUSED", "NOT_PARTICIPANT", "ROOM_NOT_FOUND", "FORBIDDEN",
         "SESSION_REPLACED"}


class Refused(Exception):
    """What the server answered in place of data; `str()` is the code."""


class ConnectionLost(Exception):
    """The connection ended, or was never there."""


class Account:
    """Calls the REST API with a token that is valid."""

    def __init__(self, server, username, password):
        self.server = server
        self.credentials = {"username": username, "password": password}
        self.tokens = None
        self.renew_at = 0

    @property
    def is_expiring(self):
        return time.monotonic() > self.renew_at

    def token(self):
        if self.tokens and self.is_expiring:
            try:
                # A refresh token is good for one use: the new one takes its place.
                self._keep(self._call("POST", "/auth/refresh", {"refreshToken": self.tokens["refreshToken"]}))
            except Refused:
                self.tokens = None
        if not self.tokens:
            self._keep(self._call("POST", "/auth/login", self.credentials))
        return self.tokens["accessToken"]

    def get(self, path):
        return self._call("GET", path, token=self.token())

    def _keep(self, tokens):
        self.tokens = tokens
        self.renew_at = time.monotonic() + tokens["expiresIn"] * 0.9

    def _call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(self.server, timeout=20)
        try:
            connection.request(method, "/api/v1" + path, json.dumps(body) if body else None, headers)
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ConnectionLost(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if not answer["success"]:
            self.fail(answer["error"]["code"])
        return answer["data"]

    def fail(self, code):
        """Raises what a code means: the end, or another try."""
        if code == "UNAUTHENTICATED":
            self.renew_at = 0
        raise Refused(code) if code in FINAL else ConnectionLost(code)


class RoomClient:
    """Follows one room and sends to it. `on_message` gets each message once, in order, as the history has it."""

    def __init__(self, server, account, room, on_message, last=None):
        """`last` is the number of the last message that was shown; without it the newest page comes first."""
        self.server, self.account, self.room, self.on_message = server, account, room, on_message
        # All that happens, in one line: texts to send, and of each connection its frames and its end (None).
        self.events = queue.Queue()
        self.stopping = threading.Event()
        self.connection = None
        self.failures = 0
        # The number of the last message that was passed on. It outlives the connection: what follows it is missing.
        self.last = last
        # Sends without an answer, by tempId, in the order in which they were made.
        self.unanswered = {}

    def send(self, text):
        """From any thread. Returns at once: the message goes out, again if need be, until it is answered."""
        self.events.put((None, text))

    def stop(self):
        """From any thread: ends `run`."""
        self.stopping.set()

    def run(self):
        """Stays until `stop`, or until the room is closed to this user (Refused)."""
        delay = 0
        while not self.stopping.wait(delay):
            try:
                self._connect()
                self._follow()
            except ConnectionLost as lost:
                # Not all at once, where many have lost their gateway; and ever slower, where it stays away.
                delay = random.uniform(0, min(30, 0.5 * 2**self.failures))
                self.failures += 1
                print(f"connection lost ({lost}), next try in {delay:.1f} s", file=sys.stderr)
            finally:
                with contextlib.suppress(OSError, stomp.exception.StompException):
                    self.connection.disconnect()

    def _connect(self):
        host, port = self.server.rsplit(":", 1)
        self.connection = stomp.WSStompConnection(
            [(host, int(port))], ws_path="/ws/chat", heartbeats=(10_000, 10_000), reconnect_attempts_max=1
        )
        self.connection.set_listener("", Listener(self.connection, self.events))
        try:
            self.connection.connect(headers={"Authorization": f"Bearer {self.account.token()}"})
            self._await("CONNECTED")
            # Before anything is sent, so that no answer is missed.
            self._subscribe("message/status", receipt="status")
            self._await("RECEIPT")
            if self.last is None:
                self._read_newest_page()
            # First comes everything after the last message, then what is new.
            self._subscribe("messages", **{"last-seq": str(self.last)})
        except (OSError, stomp.exception.StompException) as error:
            raise ConnectionLost(type(error).__name__) from error

    def _subscribe(self, topic, **headers):
        self.connection.subscribe(f"/topic/{topic}/{self.room}", id=topic, headers=headers)

    def _read_newest_page(self):
        page = self.account.get(f"/chatrooms/{self.room}/messages")
        self.last = 0
        for message in reversed(page["items"]):
            self._pass_on(message)

    def _follow(self):
        """Sends what has no answer yet, then follows the room until asked to stop."""
        for temp_id in list(self.unanswered):
            self._transmit(temp_id)
        while not self.stopping.is_set():
            if self.account.is_expiring:
                self._put("/app/auth", {"token": self.account.token()})
            event = self._next_event(within=0.25)
            if isinstance(event, str):
                self._transmit(event)
            elif event:
                self._handle(event)

    def _transmit(self, temp_id):
        content = {"text": self.unanswered[temp_id], "type": "TEXT"}
        self._put("/app/chat", {"roomId": self.room, "tempId": temp_id, "content": content})

    def _put(self, destination, body):
        try:
            self.connection.send(destination, json.dumps(body), content_type="application/json")
        except (OSError, stomp.exception.StompException) as error:
            raise ConnectionLost(type(error).__name__) from error

    def _handle(self, frame):
        if frame.cmd == "ERROR":
            self.account.fail(frame.headers["message"])
        if frame.cmd != "MESSAGE":
            return
        body = json.loads(frame.body)
        if frame.headers["subscription"] == "message/status":
            self._status(body)
        elif frame.headers["event"] == "SUBSCRIPTION_ENDED":
            raise Refused(body["code"])
        elif frame.headers["event"] == "RESUMED":
            # The room delivers, from here on: the number that was asked for, unless the room has lost it.
            self.last = body["fromSeq"]
            self.failures = 0
        else:
            self._pass_on(body)

    def _status(self, body):
        # That one's place in the room has ended is told here, too, without a tempId.
        temp_id = body.get("tempId")
        if temp_id not in self.unanswered or body["status"] == "SENDING":
            return
        if body["errorCode"] in RETRIABLE:
            time.sleep(1)
            self._transmit(temp_id)
        else:
            text = self.unanswered.pop(temp_id)
            if body["status"] == "FAILED":
                print(f"not sent ({body['errorCode']}): {text}", file=sys.stderr)

    def _pass_on(self, message):
        # Nothing comes twice; where it did, it would not be shown twice.
        if message["seq"] > self.last:
            self.last = message["seq"]
            self.on_message(message)

    def _await(self, command):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not self.stopping.is_set():
            event = self._next_event(within=0.25)
            # A text that was to be sent is unanswered, and goes out when the connection is there.
            if not event or isinstance(event, str):
                continue
            if event.cmd == command:
                return
            self._handle(event)
        raise ConnectionLost(f"no {command}")

    def _next_event(self, within):
        """A frame; the tempId of a text that is to be sent; or None where nothing came in time."""
        try:
            connection, event = self.events.get(timeout=within)
        except queue.Empty:
            return None
        if connection is None:
            temp_id = str(uuid.uuid4())
            self.unanswered[temp_id] = event
            return temp_id
        if connection is not self.connection:
            return None
        if event is None:
            raise ConnectionLost("closed")
        return event


class Listener(stomp.ConnectionListener):
    """Puts what stomp.py tells, on threads of its own, into the one line of events."""

    def __init__(self, connection, events):
        self.connection = connection
        self.events = events

    def _frame(self, frame):
        self.events.put((self.connection, frame))

    on_connected = on_receipt = on_message = on_error = _frame

    def on_disconnected(self):
        self.events.put((self.connection, None))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="127.0.0.1:8080", help="host:port (default: %(default)s)")
    for name in ("username", "password", "room"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--last-seq", type=int, help="number of the last message shown (default: show the newest page)")
    options = parser.parse_args()
    logging.getLogger("stomp.py").setLevel(logging.CRITICAL)

    def show(message):
        print(f"{message['seq']} user {message['senderId']}: {message.get('content', {}).get('text', '')}", flush=True)

    def read_lines():
        for line in sys.stdin:
            if line.strip():
                client.send(line.strip())

    account = Account(options.server, options.username, options.password)
    client = RoomClient(options.server, account, options.room, show, last=options.last_seq)
    threading.Thread(target=read_lines, daemon=True).start()
    try:
        client.run()
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
