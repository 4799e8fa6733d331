"""The tables on the terminal."""

from .contestants import RAW


def rate(value):
    if value is None:
        return "-"
    if value >= 1e6:
        return f"{value / 1e6:.2f} M/s"
    return f"{value / 1e3:.1f} k/s" if value >= 1e4 else f"{value:.0f} /s"


def microseconds(nanoseconds):
    if nanoseconds is None:
        return "-"
    value = nanoseconds / 1000
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def render(header, lines):
    """Columns as wide as they need to be; the first is left-aligned, the others right-aligned."""
    widths = [max(len(str(line[column])) for line in [header, *lines]) for column in range(len(header))]
    def text(line):
        first = str(line[0]).ljust(widths[0])
        return "  ".join([first, *(str(cell).rjust(width) for cell, width in zip(line[1:], widths[1:]))]).rstrip()
    return "\n".join([text(header), "  ".join("-" * width for width in widths), *(text(line) for line in lines)])


def of_experiment(experiment):
    header = ["", "rate", "spread", "of raw epoll" if experiment.reference == RAW else "", "p50 us", "p99 us", "p99.9 us",
              "server cpu", "load cpu"]
    lines = []
    for name in experiment.contestants:
        if not experiment.values(name):
            continue
        ratio = experiment.ratio(name) if experiment.reference else None
        def value(key, form):
            known = any(key in sample[name] for sample in experiment.samples if name in sample)
            return form(experiment.median(name, key)) if known else "-"
        percent = "{:.0%}".format
        lines.append([name, rate(experiment.median(name)), f"+-{experiment.spread(name):.0%}",
                      f"{ratio:.2f}" if ratio is not None else "", value("p50", microseconds),
                      value("p99", microseconds), value("p99_9", microseconds), value("server_cpu", percent),
                      value("cpu", percent)])
    title = experiment.title + (f"  ({len(experiment.disturbed)} disturbed rounds repeated)" if experiment.disturbed else "")
    return f"\n{title}\n{render(header, lines)}" if lines else ""


def of_targets(rows):
    lines = []
    for row in rows:
        value = "; ".join(part.text for part in row.parts)
        target = "; ".join(part.target for part in row.parts)
        note = "; ".join(part.note for part in row.parts if part.note)
        lines.append([row.measure, value, target, "yes" if row.met else "NO", note])
    return render(["measure", "value", "target", "met", ""], lines)


def of_micro(micro):
    return render(["microbenchmark", "ns each"], [[entry["name"], f"{entry['nanoseconds']:.1f}"] for entry in micro])


def of_counts(counts):
    lines = [[name.replace("_", " "), f"{value:,.3f}"] for name, value in counts.items() if isinstance(value, (int, float))]
    return render(["count", "value"], lines)
