"""Drives two gateways with stomp.py over WebSocket: receipts, transactions, acknowledgements, errors."""

import json
import logging
import queue
import uuid

import stomp

from shoot_client import SECONDS, arguments, chat, check, get


class Listener(stomp.ConnectionListener):
    """Keeps the frames that come, by command."""

    def __init__(self):
        self.frames = {command: queue.Queue() for command in ("CONNECTED", "MESSAGE", "RECEIPT", "ERROR", "end")}

    def on_connected(self, frame):
        self.frames["CONNECTED"].put(frame)

    def on_message(self, frame):
        self.frames["MESSAGE"].put(frame)

    def on_receipt(self, frame):
        self.frames["RECEIPT"].put(frame)

    def on_error(self, frame):
        self.frames["ERROR"].put(frame)

    def on_disconnected(self):
        self.frames["end"].put(None)

    def take(self, command):
        try:
            return self.frames[command].get(timeout=SECONDS)
        except queue.Empty:
            waiting = {name: list(frames.queue) for name, frames in self.frames.items()}
            raise SystemExit(f"failed: no {command} came, but {waiting}") from None


class Client:
    def __init__(self, port, token, **options):
        self.listener = Listener()
        self.connection = stomp.WSStompConnection(
            [("127.0.0.1", port)], ws_path="/ws/chat", heartbeats=(10_000, 10_000), reconnect_attempts_max=1, **options
        )
        self.connection.set_listener("", self.listener)
        self.connection.connect(headers={"Authorization": f"Bearer {token}"})
        self.connected = self.listener.take("CONNECTED")

    def subscribe(self, destination, id, **options):
        self.receipted(lambda headers: self.connection.subscribe(destination, id, headers=headers, **options))

    def send(self, body, **options):
        self.receipted(lambda headers: self.connection.send("/app/chat", body, headers=headers, **options))

    def receipted(self, call):
        """Makes a call with a receipt and waits for it."""
        receipt = str(uuid.uuid4())
        call({"receipt": receipt})
        self.await_receipt(receipt)

    def await_receipt(self, receipt):
        answer = self.listener.take("RECEIPT").headers["receipt-id"]
        check(answer == receipt, f"the receipt is {answer}, not {receipt}")

    def message(self):
        return self.listener.take("MESSAGE")

    def disconnect(self):
        self.connection.disconnect(receipt="goodbye")
        self.await_receipt("goodbye")
        self.listener.take("end")


def exchange(options, sender, reader):
    """A text that JSON and STOMP could damage goes across, in text and in binary WebSocket frames."""
    text = 'Grüße: "你好" \\n\n🙂 /\\:'
    sender.send(chat(options.room, text), content_type="application/json")
    for client in (sender, reader):
        frame = client.message()
        check(json.loads(frame.body)["content"]["text"] == text, f"the text came as {frame.body}")
        check(frame.headers["event"] == "MESSAGE_CREATED" and frame.headers["seq"] == "1", f"{frame.headers}")
    reader.connection.ack(frame.headers["ack"])


def transact(options, sender, reader):
    """An aborted transaction sends nothing, a committed one all, in order."""
    transaction = sender.connection.begin()
    sender.connection.send("/app/chat", chat(options.room, "never"), transaction=transaction)
    sender.receipted(lambda headers: sender.connection.abort(transaction, headers=headers))
    transaction = sender.connection.begin()
    for text in ("one", "two"):
        sender.connection.send("/app/chat", chat(options.room, text), transaction=transaction)
    sender.receipted(lambda headers: sender.connection.commit(transaction, headers=headers))
    for client in (sender, reader):
        texts = [json.loads(client.message().body)["content"]["text"] for _ in range(2)]
        check(texts == ["one", "two"], f"the transaction came as {texts}")


def unsubscribe(options, sender, reader):
    """After UNSUBSCRIBE and its receipt nothing comes any more; the same id may be used again."""
    reader.receipted(lambda headers: reader.connection.unsubscribe("in", headers=headers))
    sender.send(chat(options.room, "not for the reader"))
    sender.message()
    reader.subscribe(f"/topic/messages/{options.room}", "in")
    sender.send(chat(options.room, "for the reader again"))
    for client in (sender, reader):
        text = json.loads(client.message().body)["content"]["text"]
        check(text == "for the reader again", f"{text!r} came after the new subscription")


def fail(options):
    """A refused SUBSCRIBE gets ERROR, then the end."""
    client = Client(options.ports[0], options.token)
    client.connection.subscribe("/topic/nothing", "1")
    error = client.listener.take("ERROR")
    check(error.headers["message"] == "UNKNOWN_DESTINATION", f"ERROR says {error.headers}")
    client.listener.take("end")


def main():
    logging.getLogger("stomp.py").setLevel(logging.CRITICAL)
    options = arguments()
    sender = Client(options.ports[0], options.token)
    reader = Client(options.ports[1], options.token, binary_mode=True)
    for client in (sender, reader):
        headers = client.connected.headers
        check(headers["version"] == "1.2" and headers["user-name"] == options.username, f"CONNECTED says {headers}")
    sender.subscribe(f"/topic/messages/{options.room}", "in")
    reader.subscribe(f"/topic/messages/{options.room}", "in", ack="client-individual")
    exchange(options, sender, reader)
    transact(options, sender, reader)
    unsubscribe(options, sender, reader)
    sender.disconnect()
    reader.disconnect()
    fail(options)
    check(get(options.ports[1], "/api/v1/users/me", options.token)["username"] == options.username, "users/me")


if __name__ == "__main__":
    main()
