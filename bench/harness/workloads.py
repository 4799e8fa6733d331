"""Every workload with its contestants."""

import functools
import resource

from .contestants import (ASIO, BASELINES, CAPNP, COROUTINE, GRPC, NATS, OURS, PEERS, RAW, REDIS, SOCKET_LOOP, ZEROMQ)
from .programs import LOAD_CORE, SERVER_CORE, options, run, run_together
from .rounds import Experiment

MIB = 1024 * 1024


class Settings:
    """Durations and repetitions."""

    def __init__(self, short):
        self.short = short
        self.rounds = 3 if short else 5
        self.duration = 300 if short else 1000   # milliseconds
        self.warm_up = 100 if short else 200

    @property
    def timing(self):
        return {"duration": self.duration, "warm_up": self.warm_up}


class Workloads:
    def __init__(self, field, settings):
        self.field = field
        self.settings = settings

    def all(self):
        return [*self.echoes(), *self.tasks(), *self.behaviour(), *self.cores(), *self.clients(),
                *self.fan_outs(), *self.streams(), *self.pings(), *self.depths()]

    def _contestants(self, names, **wanted):
        settings = {**self.settings.timing, **wanted}
        return {name: (lambda name=name: self.field.load(name, **settings)) for name in names if self.field.runs(name)}

    def echoes(self):
        everyone = [*BASELINES, OURS, *PEERS]
        few = [*BASELINES, OURS, REDIS]
        cells = [(1, 1, 64, everyone), (64, 1, 64, everyone), (1, 32, 64, everyone),
                 (64, 32, 64, [*everyone, COROUTINE]), (1, 256, 16, everyone), (64, 32, 4096, everyone)]
        if not self.settings.short:
            cells += [(1, 1, 4096, everyone), (64, 1, 4096, everyone), (1, 32, 4096, everyone)]
        for connections, depth, payload, names in cells:
            size = f"{payload // 1024} KiB" if payload >= 1024 else f"{payload} B"
            contestants = self._contestants(names, connections=connections, depth=depth, payload=payload)
            yield Experiment(f"echo_{connections}x{depth}_{payload}", f"{connections}x{depth} {size}", contestants, RAW)
        yield Experiment("echo_1MiB", "4x1 1 MiB", self._contestants(few, connections=4, payload=MIB), RAW)
        names = [RAW, ASIO, OURS, REDIS, ZEROMQ, NATS]
        contestants = self._contestants(names, connections=64, depth=64, rate=20_000)
        yield Experiment("open_loop", "open loop: 20,000 requests/s over 64 connections", contestants)

    def tasks(self):
        timing = self.settings.timing
        order = {"task": "order", "json": 1, "body": '{"id":7,"symbol":"ECHO","quantity":3,"price":250}',
                 "expect": '{"id":7,"total":750,"accepted":true}'}
        yield Experiment("json_task", "typed JSON task", {
            "1x32": lambda: self.field.load(OURS, depth=32, **order, **timing),
            "64x32": lambda: self.field.load(OURS, connections=64, depth=32, **order, **timing)})
        yield Experiment("timer_task", "task that waits 1 ms", {
            "1,000 in flight": lambda: self.field.load(OURS, task="wait", depth=1000, **timing)})
        yield Experiment("deadlines", "64x32 64 B, calls with a deadline and without", {
            "with": lambda: self.field.load(OURS, connections=64, depth=32, **timing),
            "without": lambda: self.field.load(OURS, connections=64, depth=32, deadline=0, **timing)})

    def behaviour(self):
        timing = {"duration": max(500, self.settings.duration), "warm_up": self.settings.warm_up}
        def client_beside(name, flood):
            return lambda: self.field.load(name, flood=flood, **timing)
        yield Experiment("fairness", "an echo client at 1x1, alone and beside one that pipelines 256 deep", {
            f"{name}, {how}": client_beside(name, flood)
            for name in (RAW, OURS) for how, flood in (("alone", 0), ("beside a flood", 256))})
        def connects(name, hello):
            return lambda: self.field.load(name, mode="connect", hello=hello, **timing)
        yield Experiment("connect", "connect, call, close, one after another", {
            RAW: connects(RAW, 0), f"{RAW}, with HELLO": connects(RAW, 1), ASIO: connects(ASIO, 0),
            OURS: connects(OURS, 1)}, RAW)

    def cores(self):
        """The CPU-bound task; and the same work in bare processes, which is the most that the machine can do."""
        path, both = self.field.toolbox.path("work"), {SERVER_CORE, LOAD_CORE}
        iterations = functools.cache(lambda: int(run([path, "--calibrate", 50])))  # only once, when first needed
        duration = max(500, self.settings.duration)
        def served(threads):
            def measure():
                server = self.field.server(OURS, f"{OURS}, {threads} threads", cores=both if threads > 1 else {SERVER_CORE},
                                           arguments={"threads": threads, "work_iterations": iterations()})
                return self.field.load(OURS, server, both, task="work", connections=16, depth=8, duration=duration,
                                       warm_up=self.settings.warm_up)
            return measure
        def bare(cores):
            def measure():
                command = [path, "--iterations", iterations(), "--duration", duration]
                return {"rate": sum(run_together(command, cores)) * 1000 / duration}
            return measure
        yield Experiment("cores", "CPU-bound task (50 us)", {
            "1 thread": served(1), "2 threads": served(2), "bare loop, 1 core": bare([SERVER_CORE]),
            "bare loop, 2 cores": bare([SERVER_CORE, LOAD_CORE])})

    def clients(self):
        timing = self.settings.timing
        def client(program, server, **wanted):
            return lambda: self.field.client(program, server, **wanted, **timing)
        peers = {name: program for name, program in
                 ((REDIS, "redis_client"), (ZEROMQ, "zeromq_client"), (GRPC, "grpc_client"), (CAPNP, "capnp_client"))
                 if self.field.runs(name) and self.field.toolbox.has(program)}
        yield Experiment("client_sequential", "client API, one call after another", {
            "blocking sockets, on raw epoll": client("raw_client", RAW),
            "Boost.Asio coroutine, on raw epoll": client("asio_client", RAW),
            OURS: client("echosocket_client", OURS),
            **{name: client(program, name) for name, program in peers.items()}})
        for depth in (32, 1024):
            yield Experiment(f"client_{depth}", f"client API, {depth:,} calls in flight on one connection", {
                OURS: client("echosocket_client", OURS, depth=depth),
                **{name: client(program, name, depth=depth) for name, program in peers.items()}})

    def fan_outs(self):
        """Every message goes to every connection; `depth` messages are outstanding at a time."""
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200
        by = {SOCKET_LOOP: "loop", OURS: "group"}
        def told(name, connections, depth):
            def measure():
                sender = self.field.server(name, f"fan-out by {by[name]}", program="fanout", arguments={"by": by[name]})
                return run([self.field.toolbox.path("fanout_receivers"), *options(
                    {"address": sender.address, "connections": connections, "depth": depth, **self.settings.timing})])
            return measure
        for asked, rounds in ((1_000, None), (10_000, 1 if self.settings.short else None)):
            connections = min(asked, most)
            yield Experiment(f"fanout_{asked}", f"64 B notified to {connections:,} connections, deliveries", {
                f"{name}, {depth} outstanding": told(name, connections, depth) for depth in (1, 64) for name in by},
                rounds=rounds)

    def streams(self):
        by = {SOCKET_LOOP: ("loop", "loop"), OURS: ("sink", "source")}
        def streamed(name, payload):
            sender_by, taker_by = by[name]
            def measure():
                sender = self.field.server(name, f"stream by {sender_by}", program="stream_server",
                                           arguments={"by": sender_by})
                return run([self.field.toolbox.path("stream_client"), *options(
                    {"address": sender.address, "by": taker_by, "payload": payload, **self.settings.timing})])
            return measure
        for name, payload, size in (("stream_64", 64, "64 B"), ("stream_64k", 64 * 1024, "64 KiB")):
            yield Experiment(name, f"stream of {size} items from the server, items",
                             {each: streamed(each, payload) for each in by}, SOCKET_LOOP)

    def pings(self):
        def pinged(transfer):
            def measure():
                server = self.field.server(OURS, f"{OURS}, messages of 128 MiB", arguments={"max_message": 128 * MIB})
                return run([self.field.toolbox.path("ping_beside_transfer"), *options(
                    {"address": server.address, "transfer": transfer, "duration": max(700, self.settings.duration),
                     "warm_up": self.settings.warm_up})])
            return measure
        yield Experiment("ping_beside_transfer", "$ping each millisecond, alone and beside a 64 MiB call on its connection", {
            f"{OURS}, alone": pinged(0), f"{OURS}, beside a transfer": pinged(64 * MIB)})

    def depths(self):
        """For the plot of throughput by depth."""
        short = self.settings.short
        names = [RAW, ASIO, OURS, REDIS, ZEROMQ]
        for depth in (1, 4, 16, 64, 256, 1024) if short else (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024):
            contestants = self._contestants(names, depth=depth, payload=64)
            yield Experiment(f"depth_{depth}", f"1x{depth} 64 B", contestants, rounds=1 if short else 3)
