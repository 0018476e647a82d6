# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of tests/bench/cvip, and its goals."""

import statistics

HEADINGS = ("", "runs", "new: median", "worst", ">1 s", "failed", "established: median", "worst", "lost")
OURS = "HAS"
JITTER_MS = 50  # below it a pause is the machine's: five kernels share its processors


def label(name, interval_ms):
    return f"{name}, {interval_ms} ms" if interval_ms else name


def cell(value):
    return "-" if value is None else f"{value:.0f}"


def by_peer(lines):
    """{(peer, interval): {phase: lines}}, in the order measured."""
    found = {}
    for line in lines:
        found.setdefault((line["peer"], line["interval_ms"]), {}).setdefault(line["phase"], []).append(line)
    return found


def summary(lines):
    new = [line["new_gap_ms"] for line in lines]
    established = [line["established_gap_ms"] for line in lines if line["established_gap_ms"] is not None]
    return {
        "runs": len(lines), "new_median": statistics.median(new), "new_worst": max(new),
        "slow": sum(line["new_slow"] for line in lines), "failed": sum(line["new_failed"] for line in lines),
        "established_median": statistics.median(established) if established else None,
        "established_worst": max(established, default=None),
        "lost": sum(line["established_lost"] for line in lines),
    }


def print_rows(title, rows):
    print(f"\n{title}")
    widths = [max([len(HEADINGS[0])] + [len(name) for name, _ in rows])] + [len(text) for text in HEADINGS[1:]]
    print("  ".join(f"{text:{width}}" if not at else f"{text:>{width}}"
                    for at, (text, width) in enumerate(zip(HEADINGS, widths))))
    for name, row in rows:
        cells = [name] + [cell(value) for value in row.values()]
        print("  ".join(f"{text:{width}}" if not at else f"{text:>{width}}"
                        for at, (text, width) in enumerate(zip(cells, widths))))


def show(lines):
    """Prints the tables, the ratios and the goals."""
    found = by_peer(lines)
    titles = {"crash": "the active master loses power (gaps in ms; counts over all runs)",
              "failback": "it comes back and gets the service again",
              "nothing": "nothing happens, for comparison"}
    summaries = {phase: {peer: summary(phases[phase]) for peer, phases in found.items() if phase in phases}
                 for phase in titles}
    for phase, title in titles.items():
        if summaries[phase]:
            print_rows(title, [(label(*peer), row) for peer, row in summaries[phase].items()])
    ours = next((row for peer, row in summaries["crash"].items() if peer[0] == OURS), None)
    if ours is None:
        return
    ratios(ours, summaries["crash"])
    goals(ours, summaries)


def ratios(ours, crashes):
    print(f"\nmedian gap of new connections against {OURS}")
    for peer, row in crashes.items():
        if peer[0] != OURS and ours["new_median"] > 0:
            print(f"  {label(*peer)}: {row['new_median'] / ours['new_median']:.2f} times as long")


def goals(ours, summaries):
    """The goals of the figures: told, not asserted."""
    back = next((row for peer, row in summaries["failback"].items() if peer[0] == OURS), None)
    rival = summaries["crash"].get(("keepalived", 30))
    print("\ngoals")
    if rival:
        goal(ours["new_median"] <= rival["new_median"], "median gap of new connections not above keepalived's at 30 ms",
             f"{ours['new_median']:.0f} ms, {rival['new_median']:.0f} ms")
    goal(ours["new_worst"] < 250, "worst gap of new connections under 250 ms", f"{ours['new_worst']:.0f} ms")
    established = ours["established_worst"]
    goal(established is not None and established <= 300,
         "established connections: one retransmission at most (300 ms)", f"{cell(established)} ms")
    goal(ours["lost"] == 0, "no established connection lost", str(ours["lost"]))
    if back:
        goal(back["lost"] + back["failed"] == 0, "no connection lost when a master comes back",
             f"{back['lost']} established, {back['failed']} new")
        goal(back["new_worst"] <= JITTER_MS, "no gap when a master comes back",
             f"{back['new_worst']:.0f} ms; a pause below {JITTER_MS} ms is the machine's")


def goal(reached, what, figure):
    print(f"  {'reached' if reached else 'MISSED ':7}  {what}: {figure}")
