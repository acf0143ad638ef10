"""Starts this server for irctest, the public test suite of IRC servers.

`scripts/irctest FOLDER` runs the suite with this controller. The suite starts one server for each
test, and finds the port, the password and the like in the arguments of `run`.
"""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.patma import ANYSTR, StrRe
from irctest.specifications import Capabilities, OptionalBehaviors

# The program under test.
CHAT = Path(os.environ["CHAT_PROGRAM"])

# The settings that the suite expects: its operator is `operuser` with `operpassword`, and it has
# no limits on loopback.
CONFIG = """
[irc]
server_name = "My.Little.Server"
network = "Test"
motd = "motd.txt"
operators = { operuser = "%(operator)s" }

[limits]
commands_per_second = 0
creator_status = "operator"
nickname_length = 16
channel_name_length = 28

[accounts]
register = "open"
login_burst = 0
weak_passwords = true
"""


class ChatController(BaseServerController, DirectoryBasedController):
    """Starts one server for each test, with a configuration in a folder of its own."""

    software_name = "chat"
    _port_wait_interval = 0.01
    supported_sasl_mechanisms = {"PLAIN", "SCRAM-SHA-256"}
    supports_sts = True
    extban_mute_char = "m"

    # Tests of these may not be skipped.
    capabilities = frozenset(
        (
            Capabilities.ACCOUNT_NOTIFY,
            Capabilities.ACCOUNT_TAG,
            Capabilities.AWAY_NOTIFY,
            Capabilities.BATCH,
            Capabilities.ECHO_MESSAGE,
            Capabilities.EXTENDED_JOIN,
            Capabilities.EXTENDED_MONITOR,
            Capabilities.LABELED_RESPONSE,
            Capabilities.MESSAGE_TAGS,
            Capabilities.MULTI_PREFIX,
            Capabilities.SERVER_TIME,
            Capabilities.SETNAME,
        )
    )
    optional_behaviors = frozenset(
        (
            OptionalBehaviors.BAN_EXCEPTION_MODE,
            OptionalBehaviors.CAP_REQ_MINUS,
            OptionalBehaviors.ELIST_U,
            OptionalBehaviors.INVITE_EXCEPTION_MODE,
            OptionalBehaviors.MULTI_JOIN,
            OptionalBehaviors.MULTI_KICK,
            OptionalBehaviors.MULTI_PRIVMSG,
        )
    )
    isupport = {
        "BOT": "B",
        "CASEMAPPING": "ascii",
        "ELIST": StrRe(".*U.*"),
        "INVEX": "I",
        "MONITOR": ANYSTR,
        "MSGREFTYPES": "msgid,timestamp",
        "PREFIX": "(qov)~@+",
        "STATUSMSG": "~@+",
        "TARGMAX": ANYSTR,
        "UTF8ONLY": None,
        "WHOX": None,
    }

    def run(
        self,
        hostname,
        port,
        *,
        password,
        ssl,
        run_services,
        faketime,
        websocket_hostname=None,
        websocket_port=None,
    ):
        self.hostname, self.port = hostname, port
        self.create_config()
        self.write("motd.txt", "hello\n")
        config = CONFIG % {"operator": operator_hash()}
        if password:
            # The key belongs to the first table.
            config = config.replace("[irc]\n", f'[irc]\npassword = "{password}"\n')
        self.write("chat.toml", config)
        scheme = "irc"
        self.arguments = []
        if faketime and shutil.which("faketime"):
            self.arguments = ["faketime", "-f", faketime]
            self.faketime_enabled = True
        self.arguments += [CHAT, "serve", "--config", self.directory / "chat.toml"]
        self.arguments += ["--store", self.directory / "chat.db"]
        if ssl:
            self.gen_ssl()
            scheme = "ircs"
            self.arguments += ["--tls-cert", self.pem_path, "--tls-key", self.key_path]
        self.arguments += ["--listen", f"{scheme}://{hostname}:{port}"]
        _, self.text_port = self.get_hostname_and_port()
        self.arguments += ["--listen", f"tcp://127.0.0.1:{self.text_port}"]
        if websocket_port:
            self.arguments += ["--listen", f"ws://{websocket_hostname}:{websocket_port}"]
        self.start()

    def start(self):
        self.proc = self.execute(self.arguments)

    def restart(self):
        """Stops the server, and starts it again on the same data."""
        self.kill_proc()
        self.port_open = False
        self.start()
        self.wait_for_port()

    def write(self, name, text):
        with self.open_file(name, "w") as file:
            file.write(text)

    def wait_for_services(self):
        """Accounts belong to the server, so that nothing else has to start."""

    def registerUser(self, case, username, password=None):
        """Registers an account as a user of the text dialect does."""
        self.wait_for_port()
        with socket.create_connection(("127.0.0.1", self.text_port), timeout=10) as client:
            lines = client.makefile("rw", encoding="utf-8", newline="\n")
            lines.write(f"/register {username} {password}\n")
            lines.flush()
            for line in lines:
                if "egistered" in line or "account" in line:
                    break
            lines.write("/quit\n")
            lines.flush()
            lines.read()


def operator_hash():
    """Returns the hash of the operator's password; the same for all tests of a run."""
    known = os.environ.get("CHAT_OPERATOR_HASH")
    if known is None:
        command = [CHAT, "hash"]
        run = subprocess.run(command, input=b"operpassword\n", capture_output=True, check=True)
        known = os.environ["CHAT_OPERATOR_HASH"] = run.stdout.decode().strip()
    return known


def get_irctest_controller_class():
    return ChatController
