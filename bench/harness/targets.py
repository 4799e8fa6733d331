"""The targets, row by row, and whether they were met."""

from dataclasses import dataclass, field

from .contestants import COROUTINE, GRPC, OURS, RAW, REDIS, SOCKET_LOOP


@dataclass
class Part:
    """One figure of a row."""
    value: float | None
    target: str
    limit: float
    at_most: bool = False
    note: str = ""

    @property
    def met(self):
        if self.value is None:
            return False
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def text(self):
        if self.value is None:
            return "not measured"
        return f"{self.value:,.0f}" if abs(self.value) >= 1000 else f"{self.value:.3g}"


def at_least(value, limit, note="", unit=""):
    return Part(value, f">= {limit:,}{unit}", limit, note=note)


def at_most(value, limit, note="", unit=""):
    return Part(value, f"<= {limit:,}{unit}", limit, at_most=True, note=note)


@dataclass
class Row:
    name: str
    measure: str
    parts: list = field(default_factory=list)

    @property
    def met(self):
        return all(part.met for part in self.parts)

    def as_json(self):
        values = [None if part.value is None else round(part.value, 4) for part in self.parts]
        target = "; ".join(part.target for part in self.parts)
        return {"name": self.name, "measure": self.measure, "value": values[0] if len(values) == 1 else values,
                "target": target, "met": self.met, "notes": [part.note for part in self.parts if part.note]}


def ratio_of(a, b):
    return a / b if a is not None and b else None


def rows(results):
    """Every row of the table; `results` holds experiments and counts by name, None if one was not measured."""
    def ratio(name, contestant=OURS, other=None, key="rate"):
        experiment = results.experiment(name)
        return experiment.ratio(contestant, other, key) if experiment else None

    def median(name, contestant=OURS, key="rate"):
        experiment = results.experiment(name)
        return experiment.median(contestant, key) if experiment else None

    count = results.count
    compiled = count("compile_seconds")
    fair_alone, fair_beside = (median("fairness", f"{OURS}, {how}", "p99") for how in ("alone", "beside a flood"))
    fairness = ratio("fairness", f"{OURS}, beside a flood", f"{OURS}, alone", "p99")
    microseconds = "" if fairness is None else f"{fair_beside / 1000:.0f} us against {fair_alone / 1000:.0f} us"
    machine = ratio("cores", "bare loop, 2 cores", "bare loop, 1 core")
    bound = "" if machine is None else f"the same work in bare processes: {machine:.2f}"

    return [
        Row("1x1", "1x1 64 B p50 against raw epoll over the same frames",
            [at_most(ratio("echo_1x1_64", key="p50"), 1.10)]),
        Row("64x1", "64x1 64 B rate against raw epoll", [at_least(ratio("echo_64x1_64"), 0.82)]),
        Row("1x32", "1x32 64 B rate against raw epoll", [at_least(ratio("echo_1x32_64"), 0.70)]),
        Row("64x32", "64x32 64 B rate against raw epoll; against Redis",
            [at_least(ratio("echo_64x32_64"), 0.55), at_least(ratio("echo_64x32_64", OURS, REDIS), 2.2, unit=" x Redis")]),
        Row("1x256", "1x256 16 B rate against raw epoll", [at_least(ratio("echo_1x256_16"), 0.40)]),
        Row("4KiB", "64x32 4 KiB rate against raw epoll", [at_least(ratio("echo_64x32_4096"), 0.80)]),
        Row("1MiB", "1 MiB echo, bytes/s against raw epoll", [at_least(ratio("echo_1MiB"), 0.85)]),
        Row("coroutine", "coroutine handler that does not suspend, against a plain function, 64x32",
            [at_least(ratio("echo_64x32_64", COROUTINE, OURS), 0.90)]),
        Row("client_p50", "client API, sequential 64 B p50, against a raw Asio coroutine client on the raw epoll server",
            [at_most(ratio("client_sequential", OURS, "Boost.Asio coroutine, on raw epoll", "p50"), 1.20)]),
        Row("client_rate", "client API, 1,024 in flight on one connection, calls/s; against gRPC's",
            [at_least(median("client_1024"), 1_000_000),
             at_least(ratio("client_1024", OURS, GRPC), 10, unit=" x gRPC")]),
        Row("allocations", "heap allocations per raw 64 B echo in steady state, server; client",
            [at_most(rounded(count("server_allocations")), 0), at_most(rounded(count("client_allocations")), 1)]),
        Row("syscalls", "system calls per request at 1x32; at 64x32",
            [at_most(rounded(count("system_calls_1x32")), 0.16), at_most(rounded(count("system_calls_64x32")), 0.08)]),
        Row("connect", "connect + hello + call + close, one after another, against raw epoll's connect + echo + close",
            [at_least(ratio("connect"), 0.80)]),
        Row("idle", "user-space bytes per idle connection, 10,000 of them",
            [at_most(count("idle_bytes"), 2048, count("idle_note") or "")]),
        Row("fairness", "p99 of an echo client at 1x1 while another connection pipelines 256 deep without end, in its p99 alone",
            [at_most(fairness, 3, microseconds)]),
        Row("cores", "CPU-bound task (50 us), 2 threads against 1",
            [at_least(ratio("cores", "2 threads", "1 thread"), 1.8, bound)]),
        Row("compile", "hello-world server (user's file only), compile time against a plain Boost.Asio coroutine server's",
            [at_most(ratio_of(*compiled) if compiled else None, 1.0,
                     f"{compiled[0]:.1f} s against {compiled[1]:.1f} s" if compiled else "")]),
        *two_way_rows(count, median, ratio),
    ]


def two_way_rows(count, median, ratio):
    def fanout(connections, note=""):
        name = f"fanout_{connections}"
        def beside_loop(depth):
            return ratio(name, f"{OURS}, {depth} outstanding", f"{SOCKET_LOOP}, {depth} outstanding")
        one, many = (median(name, f"{OURS}, {depth} outstanding") for depth in (1, 64))
        told = "" if None in (one, many) else (f"{one:,.0f} deliveries/s; with 64 outstanding {many:,.0f}, "
                                               f"{beside_loop(64):.2f} of the loop")
        return Row(name, f"64 B notified to {connections:,} connections, one message at a time, against a loop of send",
                   [at_least(beside_loop(1), 0.7, "; ".join(filter(None, (told, note))))])
    def us(contestant):
        value = median("ping_beside_transfer", f"{OURS}, {contestant}", "p99")
        return "-" if value is None else f"{value / 1000:.0f} us"
    items, mib = median("stream_64"), median("stream_64k", key="mib_per_second")
    small = ratio("stream_64")
    back = count("reconnect_1000") or {}
    return [
        fanout(1_000), fanout(10_000, count("idle_note") or ""),
        Row("stream_64", "stream of 64 B items from the server, items/s", [at_least(
            items, 0, "" if small is None else f"{small:.2f} of a socket copy, one send for each item")]),
        Row("stream_64k", "stream of 64 KiB items from the server, bytes/s against a socket copy",
            [at_least(ratio("stream_64k"), 0.8, "" if mib is None else f"{mib:,.0f} MiB/s")]),
        Row("ping_beside_transfer", "p99 of $ping while a 64 MiB call runs on the same connection, in its p99 alone",
            [at_most(ratio("ping_beside_transfer", f"{OURS}, beside a transfer", f"{OURS}, alone", "p99"), 3,
                     f"{us('beside a transfer')} against {us('alone')}")]),
        Row("reconnect_1000", "clients back after a server's restart, of 1,000; most attempts of one client",
            [at_least(back.get("back"), 1_000, f"all back {back['seconds']:.2f} s after the restart" if back else ""),
             at_most(back.get("attempts_most"), back.get("attempts_bound", 0),
                     f"{back['attempts_mean']:.2f} on average, {back['attempts_bound']} are the policy's bound" if back else "")]),
    ]


def rounded(value):
    return None if value is None else round(value, 3)


def needed_for(name):
    """The experiments and counts that a row is made of."""
    return {
        "1x1": ["echo_1x1_64"], "64x1": ["echo_64x1_64"], "1x32": ["echo_1x32_64"], "64x32": ["echo_64x32_64"],
        "1x256": ["echo_1x256_16"], "4KiB": ["echo_64x32_4096"], "1MiB": ["echo_1MiB"],
        "coroutine": ["echo_64x32_64", "instructions_function", "instructions_coroutine"],
        "client_p50": ["client_sequential"], "client_rate": ["client_1024"],
        "allocations": ["server_allocations", "client_allocations"],
        "syscalls": ["system_calls_1x32", "system_calls_64x32"], "connect": ["connect"], "idle": ["idle_bytes"],
        "fairness": ["fairness"], "cores": ["cores"], "compile": ["compile_seconds"],
    }.get(name, [name])
