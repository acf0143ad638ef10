"""The library pydle as a client: arguments HOST PORT NICKNAME [ACCOUNT PASSWORD].

Commands come on the standard input, and all lines of the server go to the standard output.
"""

import asyncio
import sys

import pydle


class Client(pydle.Client):
    async def on_raw(self, message):
        print(message._raw.strip(), flush=True)
        await super().on_raw(message)

    async def on_message(self, target, by, message):
        print("message:", target, by, message, flush=True)


async def main(host, port, nickname, account=None, password=None):
    client = Client(
        nickname,
        realname=nickname,
        sasl_username=account,
        sasl_password=password,
        sasl_mechanism="PLAIN",
    )
    await client.connect(host, int(port), tls=False)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().strip():
        command, _, rest = line.partition(" ")
        if command == "/say":
            target, _, text = rest.partition(" ")
            await client.message(target, text)
        elif command == "/join":
            await client.join(rest)
        elif command == "/nick":
            await client.set_nickname(rest)
        elif command == "/quit":
            return await client.quit(rest)
        else:
            await client.raw(f"{rest}\r\n")


asyncio.run(main(*sys.argv[1:]))
