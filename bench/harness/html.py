"""The report: one page that needs nothing from anywhere else."""

from html import escape

from . import plot, table

STYLE = """
:root { color-scheme: light dark; --line: #8884; --weak: #888; --good: #2a8f4f; --bad: #c8372d; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 980px; margin: 2em auto; padding: 0 1em; }
h2 { margin-top: 2.2em; } h3 { margin: 1.6em 0 .3em; font-size: 1em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .2em .8em .2em 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
td:first-child, th:first-child { text-align: left; } th { font-weight: 600; }
.note, .weak { color: var(--weak); } .yes { color: var(--good); } .no { color: var(--bad); font-weight: 700; }
svg { width: 100%; height: auto; font-size: 12px; } svg .grid { stroke: var(--line); } svg .axis { fill: var(--weak); }
"""


def report(results, rows):
    about = results.machine
    repeated, kept, total = results.disturbed()
    machine = (f"{about['cpu']}, {about['cores']} cores{', virtual' if about['virtual'] else ''}, {about['memory_gib']} GiB; "
               f"{about['system']}, kernel {about['kernel']}; {about['compiler']}; {about['date']}")
    rounds = (f"{total} rounds, each with every program in turn; {repeated} more were disturbed by other load and repeated, "
              f"{kept} stayed disturbed. Server on one core, load on another. {results.seconds:.0f} s in all.")
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>EchoSocket benchmark</title><style>{STYLE}</style>
<h1>EchoSocket benchmark</h1>
<p>{escape(machine)}</p><p class="weak">{escape(rounds)}</p>
<h2>What was to be reached</h2>{_targets(rows)}
<h2>Latency</h2>
<h3>1x1, 64 B: one request at a time</h3>{_latency(results.experiment("echo_1x1_64"))}
<h3>Open loop: 20,000 requests/s over 64 connections, counted from when each was due</h3>
{_latency(results.experiment("open_loop"))}
<h2>Throughput by depth</h2><p class="weak">One connection, 64 B.</p>{_depths(results)}
<h2>Every workload</h2>{"".join(_experiment(e) for e in results.experiments.values() if not e.name.startswith("depth_"))}
<h2>Counts</h2>{_plain_table(["", "value"], _counts(results.counts))}
<h2>Microbenchmarks</h2>{_plain_table(["", "ns each"], [[m["name"], f"{m['nanoseconds']:.1f}"] for m in results.micro])}
{_problems(results)}
</html>
"""


def _targets(rows):
    lines = []
    for row in rows:
        note = "".join(f'<div class="note">{escape(part.note)}</div>' for part in row.parts if part.note)
        lines.append(f"<tr><td>{escape(row.measure)}{note}<td>{escape('; '.join(p.text for p in row.parts))}"
                     f"<td>{escape('; '.join(p.target for p in row.parts))}"
                     f'<td class="{"yes" if row.met else "no"}">{"yes" if row.met else "no"}')
    return f"<table><tr><th>measure<th>value<th>target<th>met{''.join(lines)}</table>"


def _latency(experiment):
    """From the median round: one that was really measured, unlike a mean of percentiles."""
    if experiment is None:
        return "<p>Not measured.</p>"
    series = {}
    for name in experiment.contestants:
        runs = sorted((sample[name] for sample in experiment.samples if name in sample), key=lambda run: run["p50"])
        if runs:
            series[name] = _percentiles(runs[len(runs) // 2]["buckets"])
    ticks = [(1, "0"), (2, "p50"), (10, "p90"), (100, "p99"), (1000, "p99.9"), (10000, "p99.99")]
    return plot.lines(series, "share of the requests", "latency in us", ticks, lambda value: f"{value:g}")


def _percentiles(buckets):
    total = sum(count for _, count in buckets)
    points, seen = [], 0
    for highest, count in buckets:
        seen += count
        rest = 1 - seen / total
        if rest > 0:
            points.append((1 / rest, highest / 1000))
    return points or [(1, buckets[-1][0] / 1000)]


def _depths(results):
    series = {}
    ticks = []
    for experiment in results.experiments.values():
        if not experiment.name.startswith("depth_"):
            continue
        depth = int(experiment.name.removeprefix("depth_"))
        ticks.append((depth, str(depth)))
        for name in experiment.contestants:
            if experiment.values(name):
                series.setdefault(name, []).append((depth, experiment.median(name)))
    return plot.lines(series, "requests under way", "requests/s", ticks, _short_number)


def _short_number(value):
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g} k"


def _experiment(experiment):
    lines = [line for line in table.of_experiment(experiment).splitlines() if line]
    return f"<h3>{escape(lines[0])}</h3><pre>{escape(chr(10).join(lines[1:]))}</pre>" if lines else ""


def _counts(counts):
    return [[name.replace("_", " "), f"{value:,.3f}"] for name, value in counts.items() if isinstance(value, (int, float))]


def _plain_table(header, lines):
    head = "".join(f"<th>{escape(cell)}" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in line) for line in lines)
    return f"<table><tr>{head}{body}</table>" if lines else "<p>Not measured.</p>"


def _problems(results):
    lines = [f"skipped: {name}: {why}" for name, why in results.skipped.items()]
    lines += [f"failed: {what}: {why}" for what, why in results.all_failures().items()]
    return f"<h2>Left out</h2><pre>{escape(chr(10).join(lines))}</pre>" if lines else ""
