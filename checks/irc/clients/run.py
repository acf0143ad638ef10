"""Drives real clients of IRC through one conversation with users of text, JSON and the page.

Arguments: PROGRAM FOLDER CLIENT …. PROGRAM is the server, and FOLDER is for files of the clients
and for recordings of what they have sent.
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from page import Driver, Page
from programs import CLIENTS

# A machine that is busy may need as long; nothing waits for it otherwise.
PATIENCE = 60
PASSWORD = "four-sea-lions"


class Output:
    """Bytes that arrive, and a way to wait for a text in them."""

    def __init__(self, read, name):
        self.name, self.text, self.seen = name, "", 0
        self.changed = threading.Condition()
        threading.Thread(target=self.collect, args=(read,), daemon=True).start()

    def collect(self, read):
        while data := read():
            with self.changed:
                self.text += data.decode("utf-8", "replace")
                self.changed.notify_all()
        with self.changed:
            self.text += "\n(end)\n"
            self.changed.notify_all()

    def expect(self, pattern):
        """Waits for a pattern after the last one."""
        def found():
            return re.search(pattern, self.text[self.seen :])

        with self.changed:
            if not self.changed.wait_for(found, PATIENCE):
                raise SystemExit(f"{self.name}: no {pattern!r} in\n{self.text[-3000:]}")
            match = found()
            self.seen += match.end()
            return match


class Peer:
    """A user who speaks text or JSON."""

    def __init__(self, name, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.output = Output(lambda: self.socket.recv(65536), name)

    def send(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def expect(self, pattern):
        return self.output.expect(pattern)


class Recorder:
    """Passes the connections of a client on to the server, and notes what the client sends."""

    def __init__(self, port, path):
        self.target, self.path, self.lines = port, path, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            self.lines.append(b"\n")
            for pair in [(client, server, True), (server, client, False)]:
                threading.Thread(target=self.copy, args=pair, daemon=True).start()

    def copy(self, source, target, is_client):
        try:
            while data := source.recv(65536):
                if is_client:
                    self.lines.append(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def save(self):
        text = b"".join(self.lines).replace(b"\r", b"").decode()
        self.path.write_text(text.lstrip("\n"))


class Client:
    """A client under test."""

    def __init__(self, name, folder, port, nickname, account=()):
        arguments = CLIENTS[name](folder, port, nickname, account)
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        read = self.process.stdout.fileno()
        self.output = Output(lambda: os.read(read, 65536), name)

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def expect(self, pattern):
        return self.output.expect(pattern)

    def end(self):
        self.send("/quit done")
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()


def start(program, folder):
    """Starts the server. Returns it and its ports for IRC, text, JSON and the page."""
    arguments = [program, "serve", "--store", folder / "chat.db", "--accounts", "open"]
    schemes = ["irc", "tcp+text", "tcp+json", "ws"]
    for scheme in schemes:
        arguments += ["--listen", f"{scheme}://127.0.0.1:0"]
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    read = server.stdout.fileno()
    output = Output(lambda: os.read(read, 65536), "server")
    ports = [
        int(output.expect(rf"listening on {re.escape(scheme)}://127\.0\.0\.1:(\d+)")[1])
        for scheme in schemes
    ]
    return server, ports


def converse(name, program, folder, driver):
    """One client meets users of text, JSON and the page, is renamed and removed, and returns."""
    folder.mkdir(parents=True)
    server, (irc, text, jsons, web) = start(program, folder)
    recorder = Recorder(irc, folder.parent / f"{name}.txt")
    try:
        tina, jay = Peer("tina", text), Peer("jay", jsons)
        tina.send("/name tina")
        tina.expect("is now known as tina")
        tina.send("/join meet")
        jay.send(json.dumps({"type": "hello", "nickname": "jay", "version": 2}))
        jay.send(json.dumps({"type": "join", "channel": "meet"}))
        jay.expect('"roster".*meet')
        paula = Page(driver, "paula", web, PATIENCE)
        paula.send("/join meet")
        paula.expect_element("#channels [data-channel=meet][aria-current=true]")

        client = Client(name, folder, recorder.port, "guest")
        client.expect("Welcome to the")
        client.send("/join #meet")
        tina.expect("guest joined")
        jay.expect('"user_joined","channel":"meet","nickname":"guest"')
        tina.send("hello from text")
        client.expect("hello from text")
        jay.send(json.dumps({"type": "chat", "channel": "meet", "text": "hello from JSON"}))
        client.expect("hello from JSON")
        paula.send("hello from the page")
        client.expect("hello from the page")
        client.send("/say #meet hello from IRC: é")
        tina.expect("guest.*: hello from IRC: é")
        jay.expect('"nickname":"guest".*"text":"hello from IRC: é"')
        paula.expect("hello from IRC: é")
        client.send("/say tina a word in private")
        tina.expect("a word in private")
        client.send("/nick visitor")
        tina.expect("guest is now known as visitor")
        tina.send("/kick visitor enough")
        tina.expect("visitor was removed|kicked visitor|visitor was kicked")
        client.expect("enough")
        client.send("/join #meet")
        tina.expect("visitor joined")
        client.end()
        tina.expect("visitor left")

        tina.send("meanwhile")
        member = Peer("member", text)
        member.send(f"/register member {PASSWORD}")
        member.expect("account member is registered")
        member.send("/quit")
        member.expect("Goodbye")
        client = Client(name, folder, recorder.port, "member", ("member", PASSWORD))
        client.expect("Welcome to the")
        client.send("/join #meet")
        jay.expect('"user_joined","channel":"meet","nickname":"member","account":"member"')
        client.send("/quote CHATHISTORY LATEST #meet * 20")
        if name != "znc":  # It passes on only batches that it knows.
            client.expect("meanwhile")
        client.send("/say #meet back again")
        jay.expect('"text":"back again"')
        paula.expect("back again")
        client.end()
        tina.expect("member left")
        paula.end()
        print(f"{name}: met, renamed, removed, returned with SASL, left")
    finally:
        server.terminate()
        server.wait(PATIENCE)
        recorder.save()


def main(program, folder, *names):
    driver = Driver()
    try:
        for name in names or CLIENTS:
            began = time.monotonic()
            converse(name, Path(program), Path(folder) / name, driver)
            print(f"  {time.monotonic() - began:.1f} s")
    finally:
        driver.end()


main(*sys.argv[1:])
