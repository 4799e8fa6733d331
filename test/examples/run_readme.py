#!/usr/bin/env python3
"""Runs the README's server and then its client: run_readme.py SERVER CLIENT."""

import os
import socket
import subprocess
import sys


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_until_open(port, server):
    while server.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            pass
    sys.exit(f"the server ended with {server.returncode}")


def main():
    port = free_port()
    environment = dict(os.environ, PAGE_PORT=str(port))
    server = subprocess.Popen([sys.argv[1]], env=environment)
    try:
        wait_until_open(port, server)
        said = subprocess.run([sys.argv[2]], env=environment, capture_output=True, text=True, timeout=30)
    finally:
        server.kill()
        server.wait()
    if (said.stdout, said.returncode) != ("olleH\n", 0):
        sys.exit(f"the client ended with {said.returncode}: {said.stdout}{said.stderr}")


main()
