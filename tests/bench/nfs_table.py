# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of tests/bench/nfs, and its goals."""

import statistics

THESIS = "the thesis measured 450 to 700 ms (4.8.2)"
HEADINGS = ("fault", "NFS", "peer, setting", "runs", "reader: median", "worst", "writer: median", "worst",
            "to nfshad", "decision to I/O: median", "worst", "errors")
STAGES = "servers: median of each step, s"
OURS = "nfsha, nfshad"
GOALS = (("crash", "gap_ms", 150, "a crashed server, probes each 20 ms: gap at most 150 ms"),
         ("crash", "resumed_ms", 50, "a crashed server: at most 50 ms from the decision to resumed I/O"),
         ("move", "gap_ms", 100, "a planned move: gap under 100 ms"))


def key(line):
    return line["fault"], line["version"], line["peer"], line["setting"]


def by_case(lines):
    """{(fault, version, peer, setting): lines}, in the order measured."""
    found = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return found


def values(lines, name):
    return [line[name] for line in lines if line.get(name) is not None]


def gaps(lines):
    """The longer one of both."""
    return [max(line["reader_ms"], line["writer_ms"]) for line in lines]


def pair(numbers):
    return [f"{statistics.median(numbers):.0f}", f"{max(numbers):.0f}"] if numbers else ["-", "-"]


def stages(lines):
    """The servers' part of a take-over: when each step was done, in the order of time."""
    times = {}
    for line in lines:
        for name, seconds in line.get("stages", {}).items():
            times.setdefault(name, []).append(seconds)
    medians = sorted((statistics.median(found), name) for name, found in times.items())
    return ", ".join(f"{name} {seconds:.1f}" for seconds, name in medians)


def row(case, lines, ours, titles):
    fault, version, peer, setting = case
    ratio = f"{statistics.median(gaps(lines)) / statistics.median(gaps(ours)):.1f}" if ours else "-"
    return [titles[fault], version, f"{peer}, {setting}" if setting else peer, str(len(lines)),
            *pair(values(lines, "reader_ms")), *pair(values(lines, "writer_ms")), ratio,
            *pair(values(lines, "resumed_ms")), str(sum(line["errors"] for line in lines))]


def rows(lines, titles):
    found = by_case(lines)
    result = []
    for fault in titles:
        for case, measured in found.items():
            if case[0] == fault:
                ours = next((them for other, them in found.items() if other[:3] == (fault, case[1], OURS)), None)
                line = row(case, measured, ours, titles)
                result.append(line + [stages(measured)] if any("stages" in one for one in lines) else line)
    return result


def text_table(headings, cells):
    widths = [max(len(text) for text in column) for column in zip(headings, *cells)]
    return "\n".join("  ".join(f"{text:>{width}}" if 2 < at < len(HEADINGS) else f"{text:{width}}"
                               for at, (text, width) in enumerate(zip(line, widths)))
                     for line in (headings, *cells))


def markdown(headings, cells):
    return "\n".join("| " + " | ".join(line) + " |"
                     for line in (headings, ["---"] * len(headings), *cells))


def show(lines, titles, report):
    """Prints the table and what of the goals was reached; the table again as Markdown into the report."""
    if not lines:
        return
    cells = rows(lines, titles)
    headings = HEADINGS
    if any("stages" in line for line in lines):
        headings = (*HEADINGS, STAGES)
    loads = values(lines, "load")
    title = (f"longest gap in ms between two reads or two writes with fsync, one each ms; {THESIS}; "
             f"load average {min(loads):.1f} to {max(loads):.1f}")
    print(f"\n{title}\n{text_table(headings, cells)}")
    with open(report, "a", encoding="utf-8") as out:
        out.write(f"{title}\n\n{markdown(headings, cells)}\n\n")
    goals(by_case(lines))


def goals(found):
    """The goals of the figures: told, not asserted."""
    if not any(fault == case[0] for fault, *_ in GOALS for case in found):
        return
    print("\ngoals")
    for fault, figure, limit, what in GOALS:
        for (case, version, peer, _), lines in found.items():
            if case == fault and peer.startswith("nfsha") and (figure == "gap_ms" or values(lines, figure)):
                numbers = gaps(lines) if figure == "gap_ms" else values(lines, figure)
                print(f"  {'reached' if max(numbers) <= limit else 'MISSED ':7}  {what}, NFS {version}, {peer}: median "
                      f"{statistics.median(numbers):.0f}, worst {max(numbers):.0f} ms")
