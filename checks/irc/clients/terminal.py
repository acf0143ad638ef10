"""Runs a program in a pseudo-terminal: arguments PROGRAM ARGUMENT ….

Lines of the standard input are typed into it, and its screen goes to the standard output.
"""

import os
import pty
import select
import sys


def main(arguments):
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm", LINES="50", COLUMNS="200", LANG="C.UTF-8")
        os.execvp(arguments[0], arguments)
    sources = [terminal, 0]
    while terminal in sources:
        for ready in select.select(sources, [], [])[0]:
            try:
                data = os.read(ready, 65536)
            except OSError:  # The program has ended.
                data = b""
            if ready == 0:
                # The end of the line is the key Enter.
                # In irssi, what is said without a name goes to the current window.
                os.write(terminal, data.replace(b"/say ", b"/msg ").replace(b"\n", b"\r"))
            else:
                os.write(1, data)
            if not data:
                sources.remove(ready)
    os.waitpid(child, 0)


main(sys.argv[1:])
