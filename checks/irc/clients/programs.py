"""How to start each client: functions of a folder, an address, a nickname and perhaps an account.

Each returns the arguments of a process that takes commands as lines on its standard input.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent


def library(script):
    def start(folder, port, nickname, account):
        interpreter = "node" if script.endswith(".js") else sys.executable
        return [interpreter, HERE / script, "127.0.0.1", str(port), nickname, *account]

    return start


def irssi(folder, port, nickname, account):
    home = folder / f"irssi-{nickname}"
    home.mkdir()
    sasl = ""
    if account:
        sasl = f'sasl_mechanism = "PLAIN"; sasl_username = "{account[0]}"; '
        sasl += f'sasl_password = "{account[1]}";'
    (home / "config").write_text(
        'servers = ( { address = "127.0.0.1"; port = "%d"; chatnet = "test"; '
        'autoconnect = "yes"; } );\n'
        'chatnets = { test = { type = "IRC"; cmdmax = "10"; cmdspeed = "10"; %s }; };\n'
        'settings = { core = { nick = "%s"; user_name = "%s"; real_name = "%s"; }; };\n'
        % (port, sasl, nickname, nickname, nickname)
    )
    return [sys.executable, HERE / "terminal.py", "irssi", "--home", home]


def in_folder(script):
    def start(folder, port, nickname, account):
        home = folder / f"{script}-{nickname}"
        return [sys.executable, HERE / script, home, str(port), nickname, *account]

    return start


CLIENTS = {
    "irc": library("pypi_irc.py"),
    "pydle": library("pydle_client.py"),
    "irc-framework": library("irc_framework.js"),
    "irssi": irssi,
    "weechat": in_folder("weechat.py"),
    "znc": in_folder("znc.py"),
}
