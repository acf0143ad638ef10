"""The bouncer ZNC, and a client behind it: arguments HOME PORT NICKNAME [ACCOUNT PASSWORD].

Commands come on the standard input, and all lines that ZNC passes on go to the standard output.
"""

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

CONFIG = """
Version = 1.8.2
<Listener l>
    Port = %(own)s
    Host = 127.0.0.1
    IPv4 = true
    IPv6 = false
    SSL = false
</Listener>
<User me>
    Nick = %(nick)s
    AltNick = %(nick)s_
    Ident = %(nick)s
    RealName = %(nick)s
    Pass = plain#secret
    LoadModule = controlpanel
    <Network test>
        Server = 127.0.0.1 %(port)s
        FloodRate = 100.00
        FloodBurst = 100
        JoinDelay = 0
        %(sasl)s
    </Network>
</User>
"""


def main(home, port, nickname, account=None, password=None):
    home = Path(home)
    (home / "configs").mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    sasl = ""
    if account:
        sasl = "LoadModule = sasl"
        data = home / "users/me/networks/test/moddata/sasl"
        data.mkdir(parents=True)
        pairs = {"username": account, "password": password, "mechanisms": "PLAIN"}
        lines = [f"{name} {value}\n" for name, value in pairs.items()]
        (data / ".registry").write_text("".join(lines))
    config = CONFIG % {"own": own, "port": port, "nick": nickname, "sasl": sasl}
    (home / "configs/znc.conf").write_text(config)
    program = subprocess.Popen(
        ["znc", "-f", "-r", "-d", str(home)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        talk(connect(own, program), nickname)
    finally:
        program.terminate()
        program.wait(timeout=30)


def connect(port, program):
    while program.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("znc has ended")


def talk(connection, nickname):
    lines = connection.makefile("rw", encoding="utf-8", newline="\n")
    for line in ["PASS me/test:secret", f"NICK {nickname}", f"USER {nickname} 0 * :{nickname}"]:
        lines.write(f"{line}\r\n")
    lines.flush()
    threading.Thread(target=show, args=(lines,), daemon=True).start()
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        if command == "/say":
            target, _, text = rest.partition(" ")
            rest, command = f"{target} :{text}", "/privmsg"
        if command == "/quit":
            # QUIT ends only the connection to the bouncer.
            lines.write(f"PRIVMSG *status :disconnect {rest}\r\n")
            lines.flush()
            time.sleep(1)
            return
        lines.write(f"{rest}\r\n" if command == "/quote" else f"{command[1:].upper()} {rest}\r\n")
        lines.flush()


def show(lines):
    for line in lines:
        if line.startswith("PING"):
            lines.write(line.replace("PING", "PONG"))
            lines.flush()
        print(line.strip(), flush=True)


main(*sys.argv[1:])
