"""The contestants: how each server is started and put under load."""

import time

from .programs import Server, free_port, installed, options, run

RAW = "raw epoll"
ASIO = "Boost.Asio by hand"
OURS = "EchoSocket"
SOCKET_LOOP = "socket loop"
COROUTINE = "EchoSocket, coroutine"
REDIS = "Redis"
ZEROMQ = "ZeroMQ"
NATS = "NATS"
GRPC = "gRPC"
CAPNP = "Cap'n Proto"

BASELINES = [RAW, ASIO]
PEERS = [REDIS, ZEROMQ, NATS, GRPC, CAPNP]

_PROGRAMS = {RAW: "raw_epoll_server", ASIO: "asio_server", OURS: "echosocket_server", ZEROMQ: "zeromq_server",
             GRPC: "grpc_server", CAPNP: "capnp_server"}
DIALECTS = {REDIS: "resp", ZEROMQ: "zmtp", NATS: "nats"}
_CLIENTS = {GRPC: "grpc_client", CAPNP: "capnp_client"}


class Field:
    """All contestants that can run; their servers are started on first use."""

    def __init__(self, toolbox):
        self.toolbox = toolbox
        self.servers = {}

    def runs(self, name):
        return name not in self.toolbox.skipped

    def start(self, name, **extra):
        """Starts a server of its own, which the caller must stop."""
        if name == REDIS:
            port = free_port()
            return Server(name, [installed("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                                 "--appendonly", "no", "--maxclients", "15000"], port=port)
        if name == NATS:
            return self._start_nats()
        arguments = options(extra.pop("arguments", {}))
        return Server(name, [*extra.pop("prefix", []), self.toolbox.path(extra.pop("program", None) or _PROGRAMS[name]), *arguments], **extra)

    def _start_nats(self):
        port = free_port()
        broker = Server(NATS, [installed("nats-server"), "-a", "127.0.0.1", "-p", str(port)], port=port)
        command = [self.toolbox.path("nats_responder"), "--address", broker.address]
        broker.helpers.append(Server("NATS responder", command))
        return broker

    def server(self, name, key=None, **extra):
        """The server that all measurements of this run with the same `key` share."""
        key = key or name
        if key not in self.servers:
            self.servers[key] = self.start(name, **extra)
        return self.servers[key]

    def stop(self):
        for server in self.servers.values():
            server.stop()
        self.servers.clear()

    def load(self, name, server=None, cores=None, **wanted):
        """Puts a contestant under load; returns the load's report."""
        task = {COROUTINE: {"task": "echo_coroutine"}}.get(name, {})
        server = server or self.server(OURS if name == COROUTINE else name)
        if name in _CLIENTS:
            known = {key: wanted[key] for key in ("connections", "depth", "payload", "duration", "warm_up") if key in wanted}
            command = [self.toolbox.path(_CLIENTS[name]), "--address", server.address, *options(known)]
        else:
            settings = {"address": server.address, "dialect": DIALECTS.get(name, "frames"), "buckets": 1, **task, **wanted}
            command = [self.toolbox.path("load"), *options(settings)]
        used, began = server.seconds(), time.monotonic()
        report = run(command, cores)
        report["server_cpu"] = (server.seconds() - used) / (time.monotonic() - began)
        return report

    def client(self, program, server_name, **wanted):
        """Runs a contestant's own client against a server."""
        server = self.server(server_name)
        return run([self.toolbox.path(program), "--address", server.address, *options(wanted)])
