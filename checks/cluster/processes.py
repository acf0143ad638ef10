"""Servers of NATS and nodes as processes, which end with this one."""

import ctypes
import json
import os
import queue
import re
import signal
import socket
import subprocess
import threading

# A wait of two minutes means that something is wrong.
PATIENCE = 120
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """The reason for which the test has failed."""


def die_with_parent():
    """Lets the kernel kill this process when the one that started it ends, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A program whose lines of output can be waited for."""

    def __init__(self, name, command, **options):
        self.name, self.log, self.lines = name, [], queue.Queue()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent,
            **options,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.log.append(line.rstrip())
            self.lines.put(line.rstrip())
        self.lines.put(None)

    def wait_for(self, pattern):
        """Returns the match of the next line that has one."""
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise Failure(f"{self.name} writes no line like '{pattern}'") from None
            if line is None:
                raise Failure(f"{self.name} ended before a line like '{pattern}'")
            if match := re.search(pattern, line):
                return match

    def skip(self):
        """Forgets the lines so far."""
        while not self.lines.empty():
            self.lines.get()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wait(self):
        """Waits until the program has ended. Returns its code and its last line."""
        try:
            code = self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} does not end") from None
        self.reader.join()
        return code, self.log[-1] if self.log else ""


def free_ports(count):
    """Returns ports that were free a moment ago: servers of NATS have to know each other's."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Nats:
    """Three servers of NATS, each with a folder of its own."""

    def __init__(self, folder, processes):
        self.folder, self.processes = folder, processes
        self.ports = free_ports(6)
        self.servers = [None] * 3
        for number in range(3):
            self.start(number)
        for server in self.servers:
            server.wait_for("Server is ready")

    def start(self, number):
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in self.ports[3:])
        command = [os.environ["NATS_SERVER"], "-a", "127.0.0.1", "-p", str(self.ports[number])]
        command += ["-js", "-sd", self.folder / f"nats-{number}", "-n", f"n{number}"]
        command += ["--cluster_name", "test", "--routes", routes]
        command += ["--cluster", f"nats://127.0.0.1:{self.ports[3 + number]}"]
        self.servers[number] = Process(f"NATS server {number}", command)
        self.processes.append(self.servers[number])

    def urls(self):
        return ",".join(self.url(number) for number in range(3))

    def url(self, number):
        return f"nats://127.0.0.1:{self.ports[number]}"

    def stored(self):
        """Returns all that the servers have stored."""
        files = [path for path in self.folder.glob("nats-*/**/*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)

    def delete_stream(self, stream):
        """Deletes a stream, with the protocol of NATS."""
        with socket.create_connection(("127.0.0.1", self.ports[2]), PATIENCE) as connection:
            lines = connection.makefile("r", encoding="utf-8")
            lines.readline()
            request = f"$JS.API.STREAM.DELETE.{stream}"
            connection.sendall(
                b'CONNECT {"verbose":false}\r\nSUB reply 1\r\n'
                + f"PUB {request} reply 0\r\n\r\n".encode()
            )
            for line in lines:
                if line.startswith("{"):
                    return line
        raise Failure("NATS does not answer")


class Listener:
    """Accepts connections as a server of NATS does."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return f"nats://127.0.0.1:{self.listener.getsockname()[1]}"


class OldNats(Listener):
    """Tells clients that it is an old version of NATS."""

    def __init__(self, version):
        self.info = {"server_id": "old", "server_name": "old", "version": version, "proto": 1}
        self.info.update(host="127.0.0.1", port=4222, headers=True, max_payload=1_048_576)
        self.info.update(go="go1.20", client_id=1, jetstream=True)
        super().__init__()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.greet, args=(client,), daemon=True).start()

    def greet(self, client):
        try:
            client.sendall(f"INFO {json.dumps(self.info)}\r\n".encode())
            for line in client.makefile("rb"):
                if line.startswith(b"PING"):
                    client.sendall(b"PONG\r\n")
        except OSError:
            pass


class Node:
    """A node with a listener for lines."""

    def __init__(self, program, name, urls, config, processes):
        command = [program, "serve", "--cluster", urls, "--node", name, "--store", "memory"]
        command += ["--listen", "tcp://127.0.0.1:0", "--accounts", "open", "--config", config]
        self.process = Process(f"node {name}", command)
        processes.append(self.process)
        self.address = None

    def wait(self):
        """Waits until the node listens."""
        host, port = self.process.wait_for(r"listening on tcp://(\S+):(\d+)").groups()
        self.address = (host, int(port))
        return self


class Proxy(Listener):
    """Forwards connections to a port, until it is frozen: then it forwards nothing, and closes
    nothing, as a network that is divided."""

    def __init__(self, port):
        self.port = port
        self.passes = threading.Event()
        self.passes.set()
        super().__init__()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                client.close()
                continue
            for source, target in [(client, server), (server, client)]:
                forward = threading.Thread(target=self.forward, args=(source, target), daemon=True)
                forward.start()

    def forward(self, source, target):
        try:
            while data := source.recv(65_536):
                self.passes.wait()
                target.sendall(data)
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def freeze(self):
        self.passes.clear()

    def thaw(self):
        self.passes.set()
