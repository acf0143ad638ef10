"""Lets clients of three nodes talk while nodes and servers of NATS fail: see scripts/cluster."""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from clients import Client, Ledger, Talker, json_client
from processes import PATIENCE, Failure, Nats, Node, OldNats, Process, Proxy


class Cluster:
    """Three servers, three nodes, and their clients."""

    def __init__(self, program, folder, processes):
        self.program, self.processes = program, processes
        self.nats = Nats(folder, processes)
        # Node a reaches NATS through proxies only.
        self.proxies = [Proxy(port) for port in self.nats.ports[:3]]
        # Entries before a snapshot are deleted soon, so that nodes cannot begin without it.
        self.config = folder / "chat.toml"
        self.config.write_text('[cluster]\nkeep_entries = "1s"\n')
        self.ledger, self.nodes = Ledger(), {}
        nodes = [self.start(name) for name in "abc"]
        for node in nodes:
            node.wait()
        self.watchers = {}
        for name in "abc":
            self.watch(name)
        self.talkers = [Talker(f"t{number}", self.nodes, self.ledger) for number in range(4)]

    def urls(self, name):
        if name == "a":
            return ",".join(proxy.url() for proxy in self.proxies)
        return self.nats.urls()

    def start(self, name):
        node = Node(self.program, name, self.urls(name), self.config, self.processes)
        self.nodes[name] = node
        return node

    def operate(self, *arguments):
        """Runs a command for operators. Returns its code and what it has written."""
        command = [self.program, "cluster", *arguments, "--cluster", self.nats.urls()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout + done.stderr

    def status(self):
        code, written = self.operate("status", "--json")
        if code != 0:
            raise Failure(f"no status: {written}")
        return json.loads(written)

    def watch(self, name):
        """Lets a client receive all that is said from now on."""
        watcher = json_client(self.nodes[name].address, f"watcher-{name}-{time.monotonic_ns()}")
        # Messages before its own first one may be older than its session.
        watcher.say("here", "here")
        known = json.loads(watcher.wait_for('"ref":"here"'))["id"]
        self.watchers[name] = (watcher, known)

    def compare(self):
        """Checks that all nodes have delivered all acknowledged messages in one order."""
        received = []
        for name, (watcher, since) in self.watchers.items():
            received.append(dict(self.ledger.compare(f"a client of node {name}", watcher, since)))
        for one in received:
            for other in received:
                common = one.keys() & other.keys()
                if any(one[number] != other[number] for number in common):
                    raise Failure("nodes have delivered different messages with the same id")
        return len(self.ledger.snapshot())

    def compare_later(self):
        """Compares after more messages were acknowledged."""
        self.wait_for_more()
        return self.compare()

    def wait_for_more(self):
        """Waits until a message of each talker was acknowledged."""
        before = set(self.ledger.snapshot())
        deadline = time.monotonic() + PATIENCE
        while True:
            fresh = {n: text for n, text in self.ledger.snapshot().items() if n not in before}
            speakers = {text.split("-")[0] for text in fresh.values()}
            if len(speakers) == len(self.talkers):
                return
            if time.monotonic() > deadline:
                raise Failure(f"only {sorted(speakers)} were acknowledged in two minutes")
            time.sleep(0.05)

    def replace(self, name):
        """Starts a node again, whose process has ended."""
        self.start(name).wait()
        self.watch(name)


def talk(cluster):
    alice = Client(cluster.nodes["a"].address, "/name alice")
    alice.wait_for("known as alice")
    bob = json_client(cluster.nodes["b"].address, "bob")
    carol = json_client(cluster.nodes["c"].address, "carol")
    alice.send("hello from nc")
    for reader in (bob, carol):
        print("  " + reader.wait_for("hello from nc"))
    bob.say("hello from JSON")
    print("  " + alice.wait_for("hello from JSON"))
    carol.wait_for("hello from JSON")
    return alice, bob, carol


def log_in(cluster):
    """An account of one node is one of all, and the stream has no secret of it."""
    password, key = "correct horse 7 battery", "a-reconnect-key-of-ivan"
    ivan = json_client(cluster.nodes["a"].address, "ivan")
    ivan.send(json.dumps({"type": "register", "account": "ivan", "password": password}))
    token = json.loads(ivan.wait_for('"registered"'))["token"]
    hello = {"type": "hello", "version": 2, "reconnect_key": key}
    second = Client(cluster.nodes["b"].address, json.dumps({**hello, "session": token}))
    second.wait_for('"welcome"', '"ivan"')
    hello = {**hello, "nickname": "visitor"}
    third = Client(cluster.nodes["c"].address, json.dumps(hello))
    third.wait_for('"welcome"')
    third.send(json.dumps({"type": "login", "account": "ivan", "password": password}))
    other_token = json.loads(third.wait_for('"logged_in"'))["token"]
    # The servers write entries to their files a moment after they have them.
    deadline = time.monotonic() + PATIENCE
    while b"ivan" not in (stored := cluster.nats.stored()):
        if time.monotonic() > deadline:
            raise Failure("the servers have not stored the account")
        time.sleep(0.05)
    for secret in (password, key, token, other_token):
        if secret.encode() in stored:
            raise Failure(f"the servers have stored the secret '{secret}'")
    for client in (ivan, second, third):
        client.socket.close()


def kill_node(cluster, alice, carol):
    cluster.nodes["b"].process.kill()
    carol.say("after the loss of a node")
    alice.wait_for("after the loss of a node")
    print("  " + alice.wait_for("bob", "left"))
    cluster.replace("b")
    dave = json_client(cluster.nodes["b"].address, "dave")
    promised = cluster.ledger.snapshot()
    dave.send('{"type":"history","channel":"lobby"}')
    messages = json.loads(dave.wait_for('"history"'))["messages"]
    history = {message["id"]: message["text"] for message in messages}
    for number, text in promised.items():
        if number >= min(history) and history.get(number) != text:
            raise Failure(f"the history of a new process has no '{text}': {history}")
    print(f"  a new process has the history, of which it shows {len(history)} messages")
    return dave


def take_snapshots(cluster, alice):
    """A node begins with a snapshot, in which there are the sessions of the others."""
    for _ in range(2):
        # The second one replaces none, and deletes the entries that are a second old.
        cluster.wait_for_more()
        code, written = cluster.operate("snapshot")
        if code != 0:
            raise Failure(f"no snapshot: {written}")
        print("  " + written.strip())
    deadline = time.monotonic() + PATIENCE
    while (status := cluster.status())["first_entry"] == 1:
        if time.monotonic() > deadline:
            raise Failure("no entry was deleted")
        time.sleep(0.1)
    newcomer = cluster.start("d").wait()
    for line in newcomer.process.log:
        if "begins with" in line:
            print("  " + line.split("INFO ")[1])
    if not any("begins with a snapshot" in line for line in newcomer.process.log):
        raise Failure("a new node does not begin with the snapshot")
    dora = json_client(newcomer.address, "dora")
    alice.wait_for("dora", "joined")
    dora.send('{"type":"users","channel":"lobby"}')
    if '"alice"' not in (users := dora.wait_for('"users"')):
        raise Failure(f"a new node does not know the sessions of others: {users}")
    alice.send("hello, new node")
    dora.wait_for("hello, new node")
    cluster.watch("d")
    cluster.compare_later()
    status = cluster.status()
    nodes = {node["name"]: node for node in status["nodes"]}
    if set(nodes) != set("abcd") or not all(node["live"] for node in nodes.values()):
        raise Failure(f"the nodes are {nodes}")
    code, written = cluster.operate("status")
    print("  " + written.strip().replace("\n", "\n  "))


def remove_node(cluster, alice):
    """A node that has failed is removed, and one that is live is not."""
    code, written = cluster.operate("remove", "d")
    if code == 0 or "live" not in written:
        raise Failure(f"a live node is removed: {written}")
    print("  " + written.strip())
    code, written = cluster.operate("remove", "nobody")
    if code == 0 or "no node nobody" not in written:
        raise Failure(f"a node that does not exist is removed: {written}")
    cluster.watchers.pop("d")
    node = cluster.nodes.pop("d")
    code, written = cluster.operate("remove", "d", "--force")
    if code != 0:
        raise Failure(f"a node is not removed by force: {written}")
    code, last = node.process.wait()
    if code == 0 or "operator has removed" not in last:
        raise Failure(f"node d ended with {code}: {last}")
    print("  " + last)
    alice.wait_for("dora", "left")


def kill_servers(cluster, alice, carol, numbers):
    for number in numbers:
        cluster.nats.servers[number].kill()
        text = f"after the loss of NATS server {number}"
        carol.say(text)
        alice.wait_for(text)
        cluster.compare_later()
        cluster.nats.start(number)
        cluster.nats.servers[number].wait_for("Server is ready")
        cluster.wait_for_more()


def stop_node(cluster, alice):
    erin = json_client(cluster.nodes["c"].address, "erin")
    alice.wait_for("erin", "joined")
    cluster.nodes["c"].process.signal(signal.SIGTERM)
    code, last = cluster.nodes["c"].process.wait()
    if code != 0:
        raise Failure(f"node c ended with {code}: {last}")
    erin.wait_for_end()
    alice.wait_for("erin", "left")
    cluster.replace("c")


def refusals(cluster, processes):
    """Processes that cannot be nodes say why in one line."""
    urls = cluster.nats.urls()
    nobody = "nats://127.0.0.1:1"
    for arguments, expected in [
        (["--cluster", nobody, "--node", "x"], "cannot connect to NATS"),
        (["--cluster", OldNats("2.9.10").url(), "--node", "x"], "2.9.10 is too old"),
        (["--cluster", urls], "needs a name"),
        (["--node", "x"], "no servers of NATS"),
        (["--cluster", urls, "--node", "x.y"], "letters, digits"),
        (
            ["--cluster", urls, "--node", "x", "--nats-credentials", "/nonexistent"],
            "cannot read the credentials",
        ),
        (["--cluster", urls, "--node", "x", "--store", "/nonexistent/file"], "--store memory"),
    ]:
        command = [cluster.program, "serve", "--listen", "tcp://127.0.0.1:0", *arguments]
        process = Process("a process that cannot be a node", command)
        processes.append(process)
        code, last = process.wait()
        if code == 0 or expected not in last:
            raise Failure(f"{arguments} ended with {code}: {last}")
        print("  " + last)


def pause_node(cluster, alice):
    """A node that stands still for longer than the others wait."""
    frank = json_client(cluster.nodes["b"].address, "frank")
    alice.wait_for("frank", "joined")
    process = cluster.nodes["b"].process
    process.signal(signal.SIGSTOP)
    alice.wait_for("frank", "left")
    cluster.watchers.pop("b")
    process.signal(signal.SIGCONT)
    frank.wait_for_end()
    code, last = process.wait()
    if code == 0 or "silent for too long" not in last:
        raise Failure(f"node b ended with {code}: {last}")
    print("  " + last)
    cluster.replace("b")
    cluster.compare_later()


def wait_for_refusal(cluster, name, client):
    """Waits until a node refuses commands. One that was given before waits for the stream."""
    process = cluster.nodes[name].process
    process.wait_for("the cluster takes no commands")
    client.say("is anybody there?", "refused")
    answer = json.loads(client.wait_for('"ref":"refused"'))
    if answer["type"] != "error" or answer["code"] != "try_again":
        raise Failure(f"node {name} answers {answer}")
    print("  " + json.dumps(answer))


def divide(cluster, carol):
    """A node that is divided from the servers refuses commands, and stops after that."""
    cluster.nodes["a"].process.skip()
    for proxy in cluster.proxies:
        proxy.freeze()
    wait_for_refusal(cluster, "a", cluster.divided)
    carol.wait_for("grace", '"user_left"')
    code, last = cluster.nodes["a"].process.wait()
    if code == 0:
        raise Failure("the divided node ended without an error")
    print("  " + last)
    for proxy in cluster.proxies:
        proxy.thaw()
    cluster.watchers.pop("a")
    cluster.replace("a")
    cluster.compare_later()


def lose_majority(cluster):
    """Without two of three servers nothing is acknowledged; after that all goes on."""
    heidi = json_client(cluster.nodes["c"].address, "heidi")
    cluster.nodes["c"].process.skip()
    for number in (0, 1):
        cluster.nats.servers[number].signal(signal.SIGSTOP)
    wait_for_refusal(cluster, "c", heidi)
    before = len(cluster.ledger.snapshot())
    for number in (0, 1):
        cluster.nats.servers[number].signal(signal.SIGCONT)
    cluster.nodes["c"].process.wait_for("the cluster takes commands again")
    cluster.compare_later()
    print(f"  {before} messages before, {len(cluster.ledger.snapshot())} after that")


def delete_stream(cluster):
    print("  " + cluster.nats.delete_stream("chat-main")[:100].strip())
    for name in "abc":
        code, last = cluster.nodes[name].process.wait()
        if code == 0 or "stream" not in last:
            raise Failure(f"node {name} ended with {code}: {last}")
        print(f"  node {name}: {last}")
    # The snapshots are those of the old stream.
    code, last = cluster.start("a").process.wait()
    if code == 0 or "delete the bucket" not in last:
        raise Failure(f"a node of a new stream ended with {code}: {last}")
    print(f"  node a, started again: {last}")


def run(program, folder, processes, is_short):
    def step(title):
        print(f"{time.monotonic() - begun:6.1f} s  {title}", flush=True)

    begun = time.monotonic()
    step("three servers and three nodes start")
    cluster = Cluster(program, folder, processes)
    step("clients of three nodes talk")
    alice, _, carol = talk(cluster)
    step("an account of one node logs in on the others")
    log_in(cluster)
    step("a node is killed, and started again")
    dave = kill_node(cluster, alice, carol)
    step("snapshots are stored, and a new node begins with one")
    take_snapshots(cluster, alice)
    step("a node is removed")
    remove_node(cluster, alice)
    step("servers of NATS are killed, and started again")
    kill_servers(cluster, alice, carol, [0] if is_short else [0, 1, 2])
    step("a node is stopped, and started again")
    cluster.watchers.pop("c")
    carol.socket.close()
    stop_node(cluster, alice)
    step("processes that cannot be nodes end with one line")
    refusals(cluster, processes)
    if not is_short:
        step("a node is paused until the others close its sessions")
        dave.socket.close()
        pause_node(cluster, alice)
        step("two servers of NATS are paused")
        lose_majority(cluster)
        step("a node is divided from the servers")
        carol = json_client(cluster.nodes["c"].address, "carol")
        cluster.divided = json_client(cluster.nodes["a"].address, "grace")
        divide(cluster, carol)
    step("all clients have received the same")
    count = cluster.compare_later()
    for talker in cluster.talkers:
        talker.stop()
    count = cluster.compare()
    print(f"  {count} acknowledged messages: none lost, none doubled, one order")
    if not is_short:
        step("the stream is deleted")
        delete_stream(cluster)
    step("done")


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    is_short = "--short" in sys.argv[3:]
    # The nodes and servers end with this program, also if it is told to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    processes = []
    try:
        run(program, folder, processes, is_short)
    except Failure as failure:
        for process in processes:
            print(f"--- {process.name}", *process.log[-15:], sep="\n", file=sys.stderr)
        sys.exit(f"FAILED: {failure}")
    finally:
        for process in processes:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


main()
