"""A user of the page, in a browser without a window that its driver controls."""

import json
import re
import subprocess
import time
from urllib.request import Request, urlopen

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# The name of an element's id in the protocol of WebDriver.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    """The process of the driver."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for line in self.process.stdout:
            if match := re.search(rb"started successfully on port (\d+)", line):
                self.address = f"http://127.0.0.1:{int(match[1])}/session"
                break
        else:
            raise SystemExit("chromedriver does not start")

    def end(self):
        self.process.terminate()
        self.process.wait()


class Page:
    """A user of the page, with the interface of the other users."""

    def __init__(self, driver, name, port, patience):
        self.name, self.patience = name, patience
        self.session = driver.address
        options = {"goog:chromeOptions": {"args": FLAGS}}
        opened = self.call("", capabilities={"alwaysMatch": options})
        self.session += "/" + opened["sessionId"]
        self.call("/url", url=f"http://127.0.0.1:{port}/")
        self.type("#nickname", name + "\n")
        self.expect_element("#status[data-state=online][data-ready=true]")

    def send(self, line):
        self.type("#composer", line + "\n")

    def expect(self, pattern):
        """Waits for a pattern in the conversation that is shown."""
        log = "return document.querySelector('#messages').innerText"
        self.until(lambda: re.search(pattern, self.script(log)), pattern)

    def expect_element(self, selector):
        found = f"return document.querySelector({json.dumps(selector)}) !== null"
        self.until(lambda: self.script(found), selector)

    def end(self):
        request = Request(self.session, method="DELETE")
        urlopen(request, timeout=self.patience).close()

    def type(self, selector, text):
        self.expect_element(selector)
        element = self.call("/element", using="css selector", value=selector)[ELEMENT]
        self.call(f"/element/{element}/value", text=text.replace("\n", "\ue007"))

    def until(self, holds, what):
        end = time.monotonic() + self.patience
        while not holds():
            if time.monotonic() > end:
                page = self.script("return document.body.innerText")
                raise SystemExit(f"{self.name}: no {what!r} in\n{page}")
            time.sleep(0.05)

    def script(self, script):
        return self.call("/execute/sync", script=script, args=[])

    def call(self, path, **body):
        data = json.dumps(body).encode()
        request = Request(self.session + path, data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=self.patience) as answer:
            return json.load(answer)["value"]
