#!/usr/bin/env python3
"""Looks at every page of `wsl serve` in Chromium: pages.py WSL FOLDER

FOLDER gets a zoo of networks that WSL trains and one of 10 000 small models with names like scripts; what
is there already is used again. Every page must load without an error in the console and without a request
to another host, labels of figures must not overlap, text from the index must stay text, and keys, colours,
forms and tokens must do what they are for. Times are printed, not judged."""
import concurrent.futures
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from chromium import Chromium
from make_index import HOSTILE

ROOT = pathlib.Path(__file__).resolve().parents[2]
failures = []


def check(holds, words):
    if not holds:
        failures.append(words)
        print("FAILED:", words)


class Served:
    """`wsl serve` on any free port."""

    def __init__(self, wsl, index, *options):
        self.process = subprocess.Popen(
            [wsl, "serve", index, "--port", "0", "--json", "--quiet", *options],
            stdout=subprocess.PIPE, text=True)
        text = ""
        while True:
            text += self.process.stdout.readline()
            try:
                self.about = json.loads(text)
                break
            except json.JSONDecodeError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{index} is not served: {text}")
        self.url = self.about["url"].split("?")[0].rstrip("/")

    def get(self, path, **headers):
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        check(self.process.wait(10) == 0, "Ctrl-C does not end with 0")


def question(path, **items):
    return path + "?" + urllib.parse.urlencode(items)


# Pairs of labels of one figure that lie on each other by more than a pixel and a half.
OVERLAPS = """(() => {
  const found = [];
  for (const svg of document.querySelectorAll('figure svg')) {
    const all = Array.from(svg.querySelectorAll('text')).map((text) =>
      [text.textContent, text.getBoundingClientRect()]).filter(([words]) => words.trim());
    for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
      const [a, b] = [all[i][1], all[j][1]];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // A line's box is taller than its letters.
      if (wide > 1.5 && tall > 4) found.push(all[i][0] + ' | ' + all[j][0]);
    }
    const box = svg.getBoundingClientRect();
    for (const [words, text] of all)
      if (text.left < box.left - 1 || text.right > box.right + 1 || text.bottom > box.bottom + 1)
        found.push('outside: ' + words);
  }
  return found.slice(0, 5);
})()"""

# The least contrast between text and page, over tables and figures (WCAG 2: 4.5 is enough).
CONTRAST = """(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = light(getComputedStyle(document.body).backgroundColor);
  const of = (colour) => {
    const [a, b] = [light(colour), page].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const all = [];
  document.querySelectorAll('main p, main a:not(.button), td, th, dt, dd, label').forEach((one) =>
    all.push([of(getComputedStyle(one).color), one.textContent.slice(0, 30)]));
  document.querySelectorAll('svg text').forEach((one) =>
    all.push([of(getComputedStyle(one).fill), one.textContent.slice(0, 30)]));
  return all.length ? all.sort((x, y) => x[0] - y[0])[0] : [21, ''];
})()"""


def look(browser, served, path, overlaps=True):
    """Opens a page and checks what holds for all."""
    browser.events.clear()
    took = browser.open(served.url + path)
    name = urllib.parse.unquote(path)[:100]
    for event in browser.events:
        method, facts = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            check(False, f"{name}: exception {facts['exceptionDetails'].get('text')}")
        if method == "Log.entryAdded" and facts["entry"]["level"] == "error":
            # The browser calls an answer of 400 an error, which it is meant to be.
            if "status of 4" not in facts["entry"]["text"]:
                check(False, f"{name}: {facts['entry']['text']}")
        if method == "Runtime.consoleAPICalled" and facts["type"] == "error":
            check(False, f"{name}: console error")
        if method == "Network.requestWillBeSent":
            url = facts["request"]["url"]
            check(url.startswith(served.url + "/"), f"{name}: a request to {url}")
    title = browser.evaluate("document.title")
    check(title not in ("owned", "1", ""), f"{name}: a script has run: {title}")
    check(browser.evaluate("document.querySelectorAll('main script, main img, main svg[onload]').length") == 0,
          f"{name}: markup from the index is there")
    check(browser.evaluate("!document.querySelector('[onmouseover], [onerror], [onload]')"),
          f"{name}: a handler from the index is there")
    if overlaps:
        found = browser.evaluate(OVERLAPS)
        check(not found, f"{name}: labels overlap: {found}")
    return took


def pages(models, x):
    chosen = [("model", name) for name in models]
    return [
        "/", "/?where=" + urllib.parse.quote("bytes > 0") + "&sort=-name&size=25",
        "/?where=" + urllib.parse.quote("no such column"), "/?column=name,file,bytes&page=99",
        *[question("/model", name=name) for name in models],
        "/compare", "/compare?" + urllib.parse.urlencode(chosen),
        "/compare?" + urllib.parse.urlencode(chosen + [("all", "1")]),
        "/scatter", question("/scatter", x=x, y="bytes", color="name"),
        question("/scatter", x=x, y="test_accuracy", color=x, xlog=1),
        question("/scatter", x=x, y="no_such_column"),
        "/parallel", question("/parallel", column="name,bytes,format," + x, color=x),
        "/lineage", question("/lineage", where="0"), "/index", "/nothing", "/model?name=nothing",
    ]


def colours(browser, served, paths):
    for scheme in ["light", "dark"]:
        browser.call("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        for path in paths:
            browser.open(served.url + path)
            least, words = browser.evaluate(CONTRAST)
            check(least >= 4.5, f"{scheme} {path}: contrast {least:.1f} of '{words}'")
        shade = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        check((shade == "rgb(255, 255, 255)") == (scheme == "light"), f"{scheme}: page is {shade}")
        # The choice wins over the system, stays, and can be taken back.
        browser.open(served.url + "/")
        browser.key("t")
        other = "dark" if scheme == "light" else "light"
        check(browser.settle(f"document.documentElement.dataset.theme === '{other}'"),
              f"{scheme}: t does not choose {other}")
        browser.open(served.url + "/scatter")
        turned = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        check(turned != shade, f"{scheme}: the choice is lost on the next page")
        browser.evaluate("document.querySelector('.theme a').click()")
        check(browser.settle("location.pathname === '/scatter' && !document.documentElement.dataset.theme"),
              f"{scheme}: the system's colours do not come back")
    browser.call("Emulation.setEmulatedMedia", features=[])


def keyboard(browser, served):
    browser.open(served.url + "/")
    browser.key("Tab")
    check(browser.evaluate("document.activeElement.className") == "skip", "Tab does not begin at the skip link")
    browser.key("/")
    check(browser.evaluate("document.activeElement.id") == "filter", "/ does not reach the filter")
    browser.type("width = 64")
    browser.key("Enter")
    check(browser.settle("location.search.includes('where=width')"), "Enter does not filter")
    browser.settle("document.readyState === 'complete'")
    browser.key("j")
    browser.key("x")
    check(browser.evaluate("document.querySelectorAll('tbody input:checked').length") == 1, "x chooses nothing")
    check("model=" in browser.evaluate("location.search"), "the choice is not in the address")
    browser.key("n")
    check(browser.settle("location.search.includes('page=2') && location.search.includes('model=')"),
          "n does not lead to the next page with the choice")
    browser.settle("document.readyState === 'complete'")
    browser.key("j")
    browser.key("j")
    browser.key("x")
    browser.key("c")
    check(browser.settle("location.pathname === '/compare' && document.querySelectorAll('thead th').length === 2"),
          "c does not compare the two that were chosen on two pages")


def sorting(browser, served):
    browser.open(served.url + question("/", where="width = 32", column="test_accuracy"))
    values = "Array.from(document.querySelectorAll('tbody td.n')).map((cell) => Number(cell.textContent))"
    for direction, sign in [("ascending", 1), ("descending", -1)]:
        browser.evaluate("document.querySelectorAll('thead a')[1].click()")
        check(browser.settle(f"!!document.querySelector('th[aria-sort={direction}]')"), f"no {direction} order")
        numbers = [sign * number for number in browser.evaluate(values)]
        check(numbers == sorted(numbers) and len(numbers) == 50, f"the order is not {direction}")


def refused(served):
    status, headers, _ = served.get("/", Host="evil.example")
    check(status == 403, f"another host's name is answered with {status}")
    for path in ["/", "/model?name=nothing", "/models.csv", "/scatter.svg"]:
        _, headers, _ = served.get(path)
        policy = headers["Content-Security-Policy"] or ""
        check("default-src 'none'" in policy and "unsafe" not in policy, f"{path}: policy {policy}")
        check(headers["X-Content-Type-Options"] == "nosniff", f"{path}: no nosniff")


def token(wsl, index, browser):
    served = Served(wsl, index, "--host", "0.0.0.0")
    served.url = f"http://127.0.0.1:{served.about['port']}"
    given = served.about["token"]
    check(served.get("/")[0] == 401, "no token is needed")
    check(served.get("/?token=" + "0" * 64)[0] == 401, "a wrong token is taken")
    browser.open(f"{served.url}/?token={given}&size=25")
    check(browser.evaluate("location.search") == "?size=25", "the token stays in the address")
    check(browser.evaluate("document.querySelector('h1').textContent") == "Models", "the token opens nothing")
    browser.open(served.url + "/index")
    check(browser.evaluate("document.querySelector('h1').textContent") == "Index", "the cookie opens nothing")
    served.end()


def markup(served, paths):
    if not shutil.which("tidy"):
        return print("no tidy: the markup is not checked")
    for path in paths:
        page = served.get(path)[2]
        words = subprocess.run(["tidy", "-q", "-e", "--drop-empty-elements", "no"], input=page,
                               capture_output=True, text=True).stderr
        # It does not know all of SVG, and takes bare lists of one cell as empty.
        found = [line for line in words.splitlines()
                 if "Error" in line or "Warning" in line and not re.search(r"proprietary|summary", line)]
        check(not found, f"{path}: {found[:3]}")


def readers(served):
    for path in ["/", question("/", where="test_accuracy > 0.9"), "/model?name=model-00100"]:
        begin = time.monotonic()

        def one(_):
            at = time.monotonic()
            return served.get(path)[0], time.monotonic() - at

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(one, range(100)))
        check(all(status == 200 for status, _ in answers), f"100 readers of {path}: not all are answered")
        times = sorted(seconds for _, seconds in answers)
        print(f"100 readers of {path}: {time.monotonic() - begin:.2f} s together, median "
              f"{1000 * times[50]:.0f} ms, slowest {1000 * times[-1]:.0f} ms")


def main():
    wsl, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    small, big = folder / "demo" / "zoo.sqlite", folder / "many" / "zoo.sqlite"
    if not small.exists():
        for spec in ["digits-mlp", "digits-tree", "digits-cnn"]:
            subprocess.run([wsl, "zoo", "build", ROOT / f"zoo-specs/{spec}.yaml", "-o", small.parent / "zoo",
                            "--resume"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([wsl, "zoo", "index", small.parent / "zoo", "-o", small], check=True)
        subprocess.run([wsl, "zoo", "scan", small, "--metrics", "statistics,norms,spectrum"], check=True)
    if not big.exists():
        subprocess.run([pathlib.Path(__file__).parent / "make_index.py", wsl, big.parent], check=True)
    browser = Chromium()
    try:
        served = Served(wsl, small)
        mine = pages(["digits-tree-root", "digits-mlp-seed0", "digits-cnn-resnet-seed0-width8",
                      "digits-tree-few-seed0"], "spectrum_alpha")
        for path in mine:
            look(browser, served, path)
        colours(browser, served, [mine[0], mine[4], "/scatter?color=generation", "/lineage", "/index"])
        markup(served, mine)
        served.end()

        served = Served(wsl, big)
        print(f"first page: {browser.open(served.url + '/'):.0f} ms")
        took = browser.open(served.url + question("/", where="test_accuracy > 0.9 and width = 64", sort="-test_accuracy"))
        print(f"filter over 10 000 models: {took:.0f} ms")
        theirs = pages(HOSTILE + ["model-00100"], "learning_rate")
        for path in theirs:
            look(browser, served, path)
        markup(served, theirs)
        keyboard(browser, served)
        sorting(browser, served)
        refused(served)
        readers(served)
        served.end()
        token(wsl, small, browser)
    finally:
        browser.close()
    print(f"{len(mine) + len(theirs)} pages were looked at; {len(failures)} things are wrong")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
