"""Runs the client of docs/examples through a proxy that cuts its connection, and looks whether it misses or doubles
anything: what is said while it is away, what it sends while it is away, and a send whose answer never reached it. Then
others begin: with the newest page of the history, and behind a number."""

import contextlib
import importlib.util
import logging
import pathlib
import select
import socket
import threading
import time

from shoot_client import SECONDS, arguments, check, get

EXAMPLE = pathlib.Path(__file__).parents[3] / "docs/examples/reconnecting_client.py"


class Proxy:
    """Passes TCP on to a port, until it is cut: then what is open ends, and what comes is refused."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.is_cut = False
        self.open = 0
        # Whether what the server says is thrown away.
        self.is_deaf = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.is_cut:
                client.close()
                continue
            server = socket.create_connection(self.target)
            threading.Thread(target=self.pump, args=(client, server), daemon=True).start()

    def pump(self, client, server):
        self.open += 1
        with client, server, contextlib.suppress(OSError):
            while not self.is_cut:
                readable, _, _ = select.select([client, server], [], [], 0.02)
                data = [(end, end.recv(65536)) for end in readable]
                if (client, b"") in data or (server, b"") in data:
                    break
                for end, bytes in data:
                    if end is client:
                        server.sendall(bytes)
                    elif not self.is_deaf:
                        client.sendall(bytes)
        self.open -= 1

    def cut(self):
        self.is_cut = True
        wait_until("the cut", lambda: self.open == 0)


def wait_until(what, condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        check(time.monotonic() < deadline, f"not in time: {what}")
        time.sleep(0.02)


def history(options):
    page = get(options.ports[1], f"/api/v1/chatrooms/{options.room}/messages?after=0&limit=100", options.token)
    return [(message["seq"], message["content"]["text"]) for message in page["items"]]


def exercise(options, proxy, away, here):
    """`here` goes straight to its gateway, `away` through the proxy; each keeps what it was passed, in `.heard`."""
    for number in range(20):
        here.send(f"before {number}")
    wait_until("20 messages before", lambda: len(away.heard) == 20)

    proxy.cut()
    for number in range(20):
        here.send(f"meanwhile {number}")
    for number in range(5):
        away.send(f"from away {number}")
    wait_until("40 messages at the other", lambda: len(here.heard) == 40)
    check(len(away.heard) == 20, "the proxy did not cut")
    proxy.is_cut = False
    wait_until("45 messages at both", lambda: len(away.heard) == 45 == len(here.heard))

    # The message arrives, and its answer does not: only the tempId tells the repeat from a second message.
    proxy.is_deaf = True
    away.send("answered to nobody")
    wait_until("the 46th message at the other", lambda: len(here.heard) == 46)
    check(away.unanswered, "the answer came through")
    proxy.cut()
    proxy.is_cut = proxy.is_deaf = False
    wait_until("46 messages at both, all answered", lambda: len(away.heard) == 46 and not away.unanswered)


def main():
    options = arguments()
    logging.getLogger("stomp.py").setLevel(logging.CRITICAL)
    specification = importlib.util.spec_from_file_location("example", EXAMPLE)
    example = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(example)

    threads = []

    def start(server, last=None):
        account = example.Account(server, options.username, options.password)
        heard = []
        client = example.RoomClient(server, account, options.room, heard.append, last)
        client.heard = heard
        thread = threading.Thread(target=client.run, daemon=True)
        thread.start()
        threads.append((client, thread))
        return client

    def expect(client, first, last):
        """That the client has heard these numbers as the history has them, and no others."""
        wait_until(f"message {last}", lambda: client.heard and client.heard[-1]["seq"] >= last)
        heard = [(message["seq"], message["content"]["text"]) for message in client.heard]
        check([seq for seq, _ in heard] == list(range(first, last + 1)), f"not each once, in order: {heard}")
        wait_until("the same in the history", lambda: history(options)[first - 1 :] == heard)

    proxy = Proxy(options.ports[0])
    here = f"127.0.0.1:{options.ports[1]}"
    clients = [start(proxy.address), start(here)]
    exercise(options, proxy, *clients)
    for client in clients:
        expect(client, 1, 46)

    late = start(here)
    expect(late, 1, 46)
    back = start(proxy.address, last=30)
    expect(back, 31, 46)
    for number in range(10):
        late.send(f"late {number}")
    for client, first in zip([*clients, late, back], (1, 1, 1, 31)):
        expect(client, first, 56)
    # By now there is more than one page.
    expect(start(here), 7, 56)

    for client, thread in threads:
        client.stop()
        thread.join(SECONDS)
        check(not thread.is_alive(), "a client did not stop")


if __name__ == "__main__":
    main()
