"""The library `irc` of PyPI as a client: arguments HOST PORT NICKNAME [ACCOUNT PASSWORD].

Commands come on the standard input, and all that the library tells goes to the standard output.
"""

import os
import sys
import threading

import irc.client


class Client(irc.client.SimpleIRCClient):
    def on_all(self, _connection, event):
        print(event.type, event.source, event.target, *event.arguments, flush=True)

    def on_disconnect(self, _connection, _event):
        # The library would wait for further connections.
        os._exit(0)


def main(host, port, nickname, account=None, password=None):
    client = Client()
    client.reactor.add_global_handler("all_events", client.on_all)
    client.connect(
        host, int(port), nickname, password=password, username=nickname, sasl_login=account
    )
    threading.Thread(target=read, args=(client.connection,), daemon=True).start()
    client.start()


def read(connection):
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        if command == "/say":
            target, _, text = rest.partition(" ")
            connection.privmsg(target, text)
        elif command == "/quit":
            connection.quit(rest)
        else:
            connection.send_raw(rest if command == "/quote" else f"{command[1:].upper()} {rest}")


main(*sys.argv[1:])
