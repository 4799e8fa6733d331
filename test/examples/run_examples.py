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
import zlib

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


class Chatter:
    """Somebody in the chat, who leaves at the end."""

    def __init__(self, server, name):
        self.process = subprocess.Popen([f"{directory}/chat_client", server.address, name, "room"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def says(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hears(self):
        return self.process.stdout.readline().rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=patience)


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

    def test_server_calls_client(self):
        said = run("server_calls_client").splitlines()
        self.assertEqual(sorted(said[:-1]), ['attic: unknown_task: no task is named "temperature"; known are: none',
                                             "cellar: 12.000000", "kitchen: 22.500000"])
        self.assertEqual(said[-1], "average: 17.250000")

    def test_chat(self):
        with Server("chat_server") as server, Chatter(server, "Ada") as ada:
            self.assertEqual(ada.hears(), "in the room: 1")
            with Chatter(server, "Bob") as bob:
                self.assertEqual(bob.hears(), "in the room: 2")
                self.assertEqual(ada.hears(), "Bob has come")
                bob.says("hello")
                self.assertEqual(ada.hears(), "Bob: hello")
                ada.says("hello yourself")
                self.assertEqual(bob.hears(), "Ada: hello yourself")
            self.assertEqual(ada.hears(), "Bob has gone")

    def test_price_feed(self):
        self.assertEqual(run("price_feed"), "ABC closes at 50000\nXYZ closes at 50000\n"
                                            "100000 prices, most gave way to later ones\n")

    def test_ask_the_room(self):
        said = run("ask_the_room").splitlines()
        self.assertEqual(sorted(said[:-1]), ["Ada: yes", "Bob: no", "Cyd: yes"])
        self.assertEqual(said[-1], "2 to 1 of 4 members")

    def test_file_transfer(self):
        data = os.urandom(2_500_000)
        with tempfile.TemporaryDirectory() as where:
            with open(f"{where}/data", "wb") as file:
                file.write(data)
            said = run("file_transfer", "data", where=where).splitlines()
            with open(f"{where}/data.stored", "rb") as stored, open(f"{where}/data.back", "rb") as back:
                self.assertTrue(stored.read() == data and back.read() == data)
        checksum = f"checksum {zlib.crc32(data)} at both ends"
        self.assertEqual(said, ["data.stored: 1 MiB", "data.stored: 2 MiB", f"sent, {checksum}",
                                "data.back: 1 MiB", "data.back: 2 MiB", f"received, {checksum}"])

    def test_reconnect(self):
        self.assertEqual(run("reconnect"), "connected\nthe kitchen prepares soup\nlost: connection_lost\nconnected\n"
                                           "order 1 is served\n1 order was made\n")

    def test_every_example_is_run(self):
        with open(__file__) as this:
            named = set(re.findall(r'(?:Server|run)\("(\w+)"|\{directory\}/(\w+)"', this.read()))
        self.assertEqual({first or second for first, second in named}, set(os.listdir(directory)))


if __name__ == "__main__":
    unittest.main()
