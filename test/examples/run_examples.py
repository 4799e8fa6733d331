#!/usr/bin/env python3
"""Runs the examples as their headings say and checks what they print: run_examples.py DIRECTORY [TEST...]."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

directory = os.path.abspath(sys.argv.pop(1))
patience = 60  # seconds for any program, however slow its sanitizer


class Server:
    """A running example that printed the address it listens on."""

    def __init__(self, name, address="127.0.0.1:0"):
        self.process = subprocess.Popen([f"{directory}/{name}", address], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().removeprefix("listening on ").strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def run(name, *arguments, lines="", where=None):
    """What the example prints, given `lines` to read."""
    done = subprocess.run(
        [f"{directory}/{name}", *arguments], input=lines, capture_output=True, text=True, timeout=patience, cwd=where
    )
    if done.returncode != 0:
        raise AssertionError(f"{name} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Examples(unittest.TestCase):
    def test_echo(self):
        with Server("echo_server") as server:
            said = run("echo_client", server.address, lines="Hello\n\nprost ✨\n")
        self.assertEqual(said, "connected to Master\nHello\n\nprost ✨\n")

    def test_echo_over_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as where, Server("echo_server", f"unix:{where}/echo") as server:
            self.assertEqual(server.address, f"unix:{where}/echo")
            self.assertIn("Hello\n", run("echo_client", server.address, lines="Hello\n"))

    def test_async_tasks(self):
        self.assertEqual(run("async_tasks"), "menu: breakfast, all day\nbreakfast: coffee and an egg\n")

    def test_embedding(self):
        said = run("embedding").splitlines()
        self.assertEqual([line for line in said if "measured" in line],
                         ["measured 20.5", "measured 21", "measured 21.5"])
        self.assertEqual(said[-1], "client sees 21.5")

    def test_typed_tasks(self):
        first, second = run("typed_tasks").splitlines()
        self.assertEqual(first, "Ada pays 15")
        self.assertEqual(second, "bad_request: argument 2: expected "
                                 "list<{name: string, count: integer, price: number}>, got 42")

    def test_many_clients(self):
        self.assertEqual(run("many_clients"), "100 clients, 2000 right replies of 2000\n")

    def test_remote_shell(self):
        with Server("remote_shell_server") as server:
            begun = time.monotonic()
            said = run("remote_shell_client", server.address, lines="echo a  b\nrm -rf x\nsleep 50\necho still here\n")
            self.assertLess(time.monotonic() - begun, 40)
        output = said.split("EchoSocket$ ")[1:]
        self.assertEqual(output[0], "a b\n")
        self.assertEqual(output[1], "not_allowed: only date, echo, ls, sleep and uname run here\n")
        self.assertRegex(output[2], "^deadline_exceeded")
        self.assertEqual(output[3], "still here\n")

    def test_picture(self):
        with Server("picture_server") as server, tempfile.TemporaryDirectory() as where:
            said = run("picture_client", server.address, lines="circle\nhexagon\nsquare\n", where=where)
            with open(f"{where}/picture-1.svg") as circle, open(f"{where}/picture-2.svg") as square:
                self.assertRegex(circle.read(), r"(?s)^<svg .*<circle.*</svg>\n$")
                self.assertRegex(square.read(), r"(?s)^<svg .*<rect.*</svg>\n$")
        self.assertIn("bad_request: shape: expected circle, square or triangle", said)

    def test_graceful_shutdown(self):
        with Server("graceful_shutdown") as server:
            call = subprocess.Popen([f"{directory}/../echosocket", "call", server.address, "work"],
                                    stdout=subprocess.PIPE, text=True)
            self.assertRegex(server.process.stdout.readline(), "^working for ")
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(call.communicate(timeout=patience)[0].strip(), "done")
            self.assertEqual(server.process.communicate(timeout=patience)[0], "1 drained, 0 cancelled\n")
            self.assertEqual(server.process.returncode, 0)

    def test_every_example_is_run(self):
        with open(__file__) as this:
            named = set(re.findall(r'(?:Server|run)\("(\w+)"', this.read()))
        self.assertEqual(named, set(os.listdir(directory)))


if __name__ == "__main__":
    unittest.main()
