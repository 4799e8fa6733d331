"""Line plots as inline SVG."""

import html
import math

WIDTH, HEIGHT = 860, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 16, 48

COLOURS = {"EchoSocket": "#d1495b", "raw epoll": "#7a7a7a", "Boost.Asio by hand": "#2e86ab", "Redis": "#e0862f",
           "ZeroMQ": "#5b8c5a", "NATS": "#8e6bbf", "gRPC": "#3aa6a1", "Cap'n Proto": "#a8793e"}


class Axis:
    """A logarithmic scale from a value to a position in pixels."""

    def __init__(self, lowest, highest, start, end):
        self.low, self.high = math.log10(lowest), math.log10(highest)
        self.start, self.end = start, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low or 1)
        return self.start + share * (self.end - self.start)


def lines(series, x_label, y_label, x_ticks, y_text):
    """`series` maps names to [(x, y)], both logarithmic; `x_ticks` is [(x, text)]."""
    series = {name: [(x, y) for x, y in points if x > 0 and y > 0] for name, points in series.items()}
    series = {name: points for name, points in series.items() if points}
    if not series:
        return "<p>Not measured.</p>"
    xs = [x for points in series.values() for x, _ in points] + [x for x, _ in x_ticks]
    ys = [y for points in series.values() for _, y in points]
    across = Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    up = Axis(min(ys) * 0.85, max(ys) * 1.15, HEIGHT - BOTTOM, TOP)
    parts = [_grid(across, up, x_ticks, _decades(min(ys) * 0.85, max(ys) * 1.15), y_text),
             _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label, "middle"),
             f'<text class="axis" transform="translate(14 {(HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
             f"{html.escape(y_label)}</text>"]
    ends = _spread_labels({name: up.place(points[-1][1]) for name, points in series.items()})
    for name, points in series.items():
        colour = COLOURS.get(name, "#999")
        path = " ".join(f"{'M' if i == 0 else 'L'}{across.place(x):.1f} {up.place(y):.1f}" for i, (x, y) in enumerate(points))
        weight = 3 if name == "EchoSocket" else 1.6
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{weight}"><title>{html.escape(name)}'
                     "</title></path>")
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{ends[name] + 4:.1f}" fill="{colour}">{html.escape(name)}</text>')
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'


def _grid(across, up, x_ticks, y_ticks, y_text):
    parts = []
    for value in y_ticks:
        y = up.place(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(LEFT - 6, y + 4, y_text(value), "end"))
    for value, text in x_ticks:
        x = across.place(value)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 16, text, "middle"))
    return "".join(parts)


def _decades(low, high):
    found = [factor * 10**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
             for factor in (1, 2, 5)]
    return [value for value in found if low <= value <= high]


def _spread_labels(places):
    """Labels at the lines' ends, moved apart if they would overlap."""
    moved, last = {}, -math.inf
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        last = max(place, last + 15)
        moved[name] = last
    return moved


def _text(x, y, text, anchor):
    return f'<text class="axis" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'
