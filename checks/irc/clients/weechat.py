"""WeeChat without a screen: arguments HOME PORT NICKNAME [ACCOUNT PASSWORD].

Lines of the standard input go into its FIFO, and what it logs goes to the standard output.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path


def commands(port, nickname, account, password):
    yield "/set logger.file.flush_delay 0"
    yield "/set logger.level.core 9"
    yield f"/server add test 127.0.0.1/{port} -notls -nicks={nickname} -username={nickname}"
    yield "/set irc.server.test.capabilities *"
    yield "/set irc.server.test.anti_flood_prio_high 0"
    if account:
        yield f"/set irc.server.test.sasl_username {account}"
        yield f"/set irc.server.test.sasl_password {password}"
    yield "/connect test"


def main(home, port, nickname, account=None, password=None):
    home = Path(home)
    arguments = ["weechat-headless", "-d", str(home)]
    for command in commands(port, nickname, account, password):
        arguments += ["-r", command]
    program = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    threading.Thread(target=show_logs, args=(home, program), daemon=True).start()
    fifo = home / f"weechat_fifo_{program.pid}"
    while not fifo.exists() and program.poll() is None:
        time.sleep(0.05)
    for line in sys.stdin:
        line = line.strip().replace("/say ", "/msg ", 1)
        with fifo.open("w") as pipe:
            pipe.write(f"irc.server.test *{line}\n")
        if line.startswith("/quit"):
            break
    program.wait(timeout=30)


def show_logs(home, program):
    shown = {}
    while program.poll() is None:
        for log in [*home.glob("logs/*.weechatlog"), *home.glob("weechat.log")]:
            with log.open("rb") as file:
                file.seek(shown.get(log, 0))
                sys.stdout.buffer.write(file.read())
                shown[log] = file.tell()
        sys.stdout.flush()
        time.sleep(0.1)


main(*sys.argv[1:])
