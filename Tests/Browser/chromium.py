"""Drives a Chromium without a window through its pipe for developers: no library is needed."""
import json
import os
import shutil
import subprocess
import tempfile
import time


class Chromium:
    """A browser with one page."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise SystemExit("there is no chromium; Tools/setup.sh chromium installs it")
        self.folder = tempfile.TemporaryDirectory()
        their_in, self.out = os.pipe()
        self.into, their_out = os.pipe()

        def descriptors():
            # The pipe is at 3 and 4; what is there may be the other's end.
            first, second = os.dup(their_in), os.dup(their_out)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--disable-background-networking", "--disable-component-update", "--no-first-run",
             "--disable-extensions", "--window-size=1300,900", f"--user-data-dir={self.folder.name}"],
            close_fds=False, preexec_fn=descriptors, stderr=subprocess.DEVNULL)
        os.close(their_in)
        os.close(their_out)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(domain + ".enable")

    def close(self):
        try:
            self.call("Browser.close")
        finally:
            self.process.wait(10)
            self.folder.cleanup()

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        wanted = self.number
        while True:
            answer = self.read()
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.rest:
            piece = os.read(self.into, 1 << 16)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.rest += piece
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def wait(self, method):
        """Waits for an event that has not been seen yet."""
        while True:
            for place, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(place)
            self.events.append(self.read())

    def forget(self, method):
        self.events = [event for event in self.events if event.get("method") != method]

    def open(self, address):
        """Goes to an address; how many milliseconds the document took."""
        self.forget("Page.loadEventFired")
        self.call("Page.navigate", url=address)
        self.wait("Page.loadEventFired")
        return self.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")

    def evaluate(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, key, text=None):
        """Presses a key; a letter is its own text."""
        text = text if text is not None else key if len(key) == 1 else ""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27}
        common = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper()))}
        self.call("Input.dispatchKeyEvent", type="keyDown", text="\r" if key == "Enter" else text,
                  **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def settle(self, condition, seconds=5):
        """Waits until an expression holds; whether it did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.evaluate(condition):
                    return True
            except RuntimeError:
                pass  # Between two pages there is none to ask.
            time.sleep(0.02)
        return False
