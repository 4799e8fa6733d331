"""A chart of shares as bars, in a file of its own: it has to be read on a light page and on a dark one."""

import html

WIDTH, LABELS, RIGHT = 800, 330, 70
FULL = WIDTH - LABELS - RIGHT  # pixels of 100 %
TOP, GAP, BAR, THIN = 26, 10, 18, 9

COLOURS = {"Redis": "#d9822b", "gRPC": "#8e6bbf"}


def draw(groups, first):
    """`groups` maps a label to {name: share}; the bar of `first` is the thick one."""
    parts, y = [], TOP
    for label, shares in groups.items():
        parts.append(f'<text class="label" x="{LABELS - 12}" y="{y + 12.5}">{html.escape(label)}</text>')
        width = shares[first] * FULL
        parts += [_bar(y, BAR, width, "#2f81c7"),
                  f'<text class="value" x="{LABELS + width - 7:.1f}" y="{y + 12.5}">{_percent(shares[first])}</text>']
        y += BAR + 2
        for name, share in shares.items():
            if name == first:
                continue
            after = FULL if share > 0.8 else share * FULL  # or the text would stand on the line
            parts += [_bar(y, THIN, share * FULL, COLOURS[name]),
                      f'<text class="peer" x="{LABELS + after + 7:.1f}" y="{y + 8.5}">{name} {_percent(share)}</text>']
            y += THIN + 2
        y += GAP
    line = LABELS + FULL
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img">
<title>Rate of an echo, as a share of a raw epoll loop's</title>
<style>
text {{ font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #7d8590; }}
.label {{ text-anchor: end; }}
.value {{ text-anchor: end; font-weight: 600; fill: #ffffff; }}
.peer {{ font-size: 11px; }}
.limit {{ text-anchor: middle; }}
line {{ stroke: #7d8590; stroke-dasharray: 3 3; }}
</style>
<line x1="{line}" x2="{line}" y1="{TOP - 6}" y2="{y}"/>
<text class="limit" x="{line}" y="14">raw epoll loop</text>
{chr(10).join(parts)}
</svg>
"""


def _bar(y, thickness, width, colour):
    return f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{thickness}" rx="2" fill="{colour}"/>'


def _percent(share):
    return f"{share * 100:.0f} %"
