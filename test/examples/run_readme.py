#!/usr/bin/env python3
"""Runs the README's server and client, together and each without what it needs: run_readme.py SERVER CLIENT."""

import os
import socket
import subprocess
import sys
import unittest

server, client = sys.argv[1:3]
patience = 30  # seconds for any program, however slow its sanitizer


def on_port(port):
    return dict(os.environ, PAGE_PORT=str(port))


def run(program, port):
    return subprocess.run([program], env=on_port(port), capture_output=True, text=True, timeout=patience)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_until_open(port, process):
    while process.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            pass
    raise AssertionError(f"the server ended with {process.returncode}")


class Readme(unittest.TestCase):
    def test_the_client_calls_the_server(self):
        port = free_port()
        serving = subprocess.Popen([server], env=on_port(port))
        try:
            wait_until_open(port, serving)
            said = run(client, port)
        finally:
            serving.kill()
            serving.wait()
        self.assertEqual((said.stdout, said.stderr, said.returncode), ("olleH\n", "", 0))

    def test_a_server_without_its_port_says_so_and_fails(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            said = run(server, port)
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"127.0.0.1:{port}", said.stderr)

    def test_a_client_without_a_server_says_so_and_fails(self):
        port = free_port()
        said = run(client, port)
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"127.0.0.1:{port}", said.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
