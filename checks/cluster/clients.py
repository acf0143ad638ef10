"""Clients of the nodes, and the ledger of what they were promised and have received."""

import itertools
import json
import socket
import threading
import time

from processes import PATIENCE, Failure


class Client:
    """A client of lines, whose lines are kept as they arrive."""

    def __init__(self, address, first):
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.settimeout(None)
        self.lines, self.has_ended = [], False
        self.position = 0
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.send(first)

    def read(self):
        try:
            for line in self.socket.makefile("r", encoding="utf-8"):
                if line.startswith('{"type":"ping"'):
                    self.send('{"type":"pong"}')
                with self.changed:
                    self.lines.append(line.rstrip())
                    self.changed.notify_all()
        except OSError:
            pass
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def send(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def wait_for(self, *parts):
        """Returns the next line that has all the parts."""
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                while self.position < len(self.lines):
                    line = self.lines[self.position]
                    self.position += 1
                    if all(part in line for part in parts):
                        return line
                if self.has_ended:
                    raise Failure(f"a connection ended before a line with {parts}")
                if not self.changed.wait(deadline - time.monotonic()):
                    raise Failure(f"no line with {parts}: {self.lines[-20:]}")

    def wait_for_end(self):
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while not self.has_ended:
                if not self.changed.wait(deadline - time.monotonic()):
                    raise Failure("a connection does not end")

    def say(self, text, ref=None):
        message = {"type": "chat", "channel": "lobby", "text": text}
        self.send(json.dumps(message if ref is None else {**message, "ref": ref}))


def json_client(address, name):
    client = Client(address, json.dumps({"type": "hello", "nickname": name, "version": 2}))
    client.wait_for('"welcome"')
    return client


class Talker:
    """Says a message at a time, and writes down those that are acknowledged. It connects again, to
    any node, when its connection ends."""

    def __init__(self, name, nodes, ledger):
        self.name, self.nodes, self.ledger = name, nodes, ledger
        self.stops = threading.Event()
        self.thread = threading.Thread(target=self.talk, daemon=True)
        self.thread.start()

    def talk(self):
        for turn in itertools.count():
            if self.stops.is_set():
                return
            try:
                self.converse(f"{self.name}-{turn}")
            except (Failure, OSError):
                # The node has stopped, or does not listen yet.
                self.stops.wait(0.2)

    def converse(self, name):
        addresses = [node.address for node in list(self.nodes.values()) if node.address]
        client = json_client(addresses[hash(name) % len(addresses)], name)
        for number in itertools.count():
            if self.stops.is_set():
                client.socket.close()
                return
            text = f"{name}: {number}"
            client.say(text, str(number))
            answer = json.loads(client.wait_for(f'"ref":"{number}"'))
            if answer["type"] == "ack":
                self.ledger.acknowledged(answer["id"], text)
            self.stops.wait(0.5)

    def stop(self):
        self.stops.set()
        self.thread.join(PATIENCE)
        if self.thread.is_alive():
            raise Failure(f"{self.name} waits for an answer")


class Ledger:
    """The messages that were acknowledged."""

    def __init__(self):
        self.lock, self.promised = threading.Lock(), {}

    def acknowledged(self, number, text):
        with self.lock:
            if self.promised.setdefault(number, text) != text:
                raise Failure(f"two messages have the id {number}")

    def snapshot(self):
        with self.lock:
            return dict(self.promised)

    def compare(self, name, client, since):
        """Waits until a client has all messages that were acknowledged after `since`, and checks
        their order."""
        promised = {i: text for i, text in self.snapshot().items() if i > since}
        deadline = time.monotonic() + PATIENCE
        with client.changed:
            while True:
                received = chats(client.lines)
                missing = set(promised) - {number for number, _ in received}
                if not missing:
                    break
                if client.has_ended or not client.changed.wait(deadline - time.monotonic()):
                    raise Failure(f"{name} has not received the messages {sorted(missing)}")
        numbers = [number for number, _ in received]
        if numbers != sorted(set(numbers)):
            raise Failure(f"{name} has received messages twice, or in another order: {numbers}")
        for number, text in received:
            if promised.get(number, text) != text:
                raise Failure(f"{name} has another message {number}")
        return received


def chats(lines):
    """Returns the ids and texts of the messages among lines of JSON."""
    objects = [json.loads(line) for line in lines if line.startswith('{"type":"chat"')]
    return [(each["id"], each["text"]) for each in objects]
