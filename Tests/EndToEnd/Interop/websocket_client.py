"""Drives a gateway with websocket-client: the handshake, subprotocols, frames of all kinds, pings, closing."""

import json
import struct

import websocket
from websocket import ABNF

from shoot_client import SECONDS, arguments, chat, check


def open_socket(options, **more):
    return websocket.create_connection(
        f"ws://127.0.0.1:{options.ports[0]}/ws/chat", timeout=SECONDS, **more
    )


def frame(command, headers, body=""):
    lines = [command] + [f"{name}:{value}" for name, value in headers.items()]
    return "\n".join(lines) + "\n\n" + body + "\0"


def receive(socket, command):
    """The next STOMP frame, which has to be that command, as (headers, body); heart-beats are passed over."""
    text = "\n"
    while not text.strip("\n"):
        text = socket.recv()
    head, _, body = text.lstrip("\n").partition("\n\n")
    name, *lines = head.split("\n")
    check(name == command, f"{command} was to come, not {text!r}")
    headers = dict(line.split(":", 1) for line in lines)
    return headers, body.rstrip("\n").removesuffix("\0")


def connect(options, socket, version="1.2"):
    headers = {"accept-version": version, "host": "shoot", "Authorization": f"Bearer {options.token}"}
    socket.send(frame("CONNECT", headers))
    return receive(socket, "CONNECTED")[0]


def subprotocols(options):
    """Exactly one of those offered is echoed; none where none is known or offered."""
    for offered, chosen in (
        (["v12.stomp", "v11.stomp", "v10.stomp"], "v12.stomp"),
        (["v11.stomp"], "v11.stomp"),
        (["v10.stomp"], "v10.stomp"),
        (None, None),
    ):
        socket = open_socket(options, subprotocols=offered)
        check(socket.subprotocol == chosen, f"{offered} gave {socket.subprotocol}")
        check(socket.headers.get("sec-websocket-extensions") is None, "an extension that was not offered")
        socket.close()


def frames(options):
    """STOMP in text and binary frames, fragmented, with a ping between the fragments."""
    socket = open_socket(options)
    connect(options, socket)
    subscribe = {"id": "0", "destination": f"/topic/messages/{options.room}", "receipt": "s"}
    socket.send_binary(frame("SUBSCRIBE", subscribe).encode())
    check(receive(socket, "RECEIPT")[0]["receipt-id"] == "s", "the receipt of SUBSCRIBE")
    send = frame("SEND", {"destination": "/app/chat"}, chat(options.room, "in fragments 🙂")).encode()
    cut = send.index("🙂".encode()) + 2
    socket.send_frame(ABNF.create_frame(send[:20], ABNF.OPCODE_TEXT, fin=0))
    socket.ping("between")
    socket.send_frame(ABNF.create_frame(send[20:cut], ABNF.OPCODE_CONT, fin=0))
    socket.send_frame(ABNF.create_frame(send[cut:], ABNF.OPCODE_CONT, fin=1))
    opcode, pong = socket.recv_data(control_frame=True)
    check((opcode, pong) == (ABNF.OPCODE_PONG, b"between"), f"the ping was answered {opcode} {pong}")
    _, body = receive(socket, "MESSAGE")
    check(json.loads(body)["content"]["text"] == "in fragments 🙂", f"it came as {body}")
    socket.send(frame("DISCONNECT", {"receipt": "d"}))
    check(receive(socket, "RECEIPT")[0]["receipt-id"] == "d", "the receipt of DISCONNECT")
    check(close_code(socket) == 1000, "the close after DISCONNECT")


def close_code(socket):
    """Reads up to the server's close frame, and gives its code."""
    while True:
        opcode, data = socket.recv_data(control_frame=True)
        if opcode == ABNF.OPCODE_CLOSE:
            return struct.unpack("!H", data[:2])[0]


def closing(options):
    """The client's close is answered with the same code."""
    socket = open_socket(options)
    connect(options, socket)
    socket.send_close(4321, b"bye")
    check(close_code(socket) == 4321, "the close was to be echoed")


def refusal(options):
    """A token that is not valid is refused in HTTP."""
    try:
        open_socket(options, header={"Authorization": "Bearer nonsense"})
    except websocket.WebSocketBadStatusException as error:
        check(error.status_code == 401, f"the status is {error.status_code}")
        check(json.loads(error.resp_body)["error"]["code"] == "UNAUTHENTICATED", f"the body is {error.resp_body}")
    else:
        check(False, "a nonsense token was let in")


def heart_beat(options):
    """A server that agreed to send heart-beats sends them."""
    socket = open_socket(options, header=[f"Authorization: Bearer {options.token}"])
    socket.send(frame("CONNECT", {"accept-version": "1.1", "heart-beat": "0,1"}))
    headers, _ = receive(socket, "CONNECTED")
    promised = int(headers["heart-beat"].split(",")[0])
    check(promised > 0, f"CONNECTED says {headers}")
    beat = socket.recv()
    check(beat.strip("\n") == "", f"{beat!r} is no heart-beat")
    socket.close()


def main():
    options = arguments()
    subprotocols(options)
    frames(options)
    closing(options)
    refusal(options)
    heart_beat(options)


if __name__ == "__main__":
    main()
