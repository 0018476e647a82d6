# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of tests/bench/ports, and its goals."""

import statistics

OURS = "erd"
CARRIER, SILENT = "carrier lost", "silent"
THESIS = "the thesis measured 350 to 400 ms (4.8.1.1)"
HEADINGS = ("", "runs", "median", "worst", "to erd", "failback: median", "worst", "nothing: median", "worst")


def label(line):
    return f"{line['fault']}: {line['peer']}, {line['setting']}"


def by_peer(lines):
    """{(fault, peer, setting): {phase: gaps}}, in the order measured, with the peer's interval and goal."""
    found = {}
    for line in lines:
        phases = found.setdefault((line["fault"], line["peer"], line["setting"]),
                                  {"interval_ms": line["interval_ms"], "goal_ms": line["goal_ms"]})
        phases.setdefault(line["phase"], []).append(line["gap_ms"])
    return {peer: phases for peer, phases in found.items() if "fault" in phases}


def figures(gaps):
    return [f"{statistics.median(gaps):.1f}", f"{max(gaps):.1f}"] if gaps else ["-", "-"]


def row(peer, phases, ours):
    """The cells of one peer. ours: erd's median with the same fault, the same interval if it has one; or None."""
    median = statistics.median(phases["fault"])
    ratio = f"{median / ours:.2f}" if ours else "-"
    return [f"{peer[1]}, {peer[2]}", str(len(phases["fault"])), *figures(phases["fault"]), ratio,
            *figures(phases.get("failback")), *figures(phases.get("nothing"))]


def reference(found, fault, interval_ms):
    """erd's median to compare with: with the same interval of probes, else its first one."""
    ours = [phases for peer, phases in found.items() if peer[:2] == (fault, OURS)]
    same = [phases for phases in ours if phases["interval_ms"] == interval_ms and fault == SILENT]
    return statistics.median((same or ours)[0]["fault"]) if ours else None


def show(lines):
    """Prints the table, and what of the goals was reached."""
    found = by_peer(lines)
    for fault in (CARRIER, SILENT):
        rows = [row(peer, phases, reference(found, fault, phases["interval_ms"]))
                for peer, phases in found.items() if peer[0] == fault]
        if rows:
            print_rows(f"{fault}: longest gap in ms between answers to a probe each 1 ms; {THESIS}", rows)
    goals(found)


def print_rows(title, rows):
    print(f"\n{title}")
    widths = [max(len(text) for text in column) for column in zip(HEADINGS, *rows)]
    for cells in [HEADINGS, *rows]:
        print("  ".join(f"{text:>{width}}" if at else f"{text:{width}}"
                        for at, (text, width) in enumerate(zip(cells, widths))))


def goals(found):
    """The goals of the figures: told, not asserted."""
    ours = {peer: phases for peer, phases in found.items() if peer[1] == OURS}
    if not ours:
        return
    print("\ngoals")
    for (fault, _, setting), phases in ours.items():
        worst, limit = max(phases["fault"]), phases["goal_ms"]
        goal(worst <= limit, f"{fault}, {setting}: worst at most {limit:.0f} ms", f"{worst:.1f} ms")
    compare(found, next((phases["fault"] for peer, phases in ours.items() if peer[0] == CARRIER), None))


def compare(found, ours):
    """With the setting of bonding that has the shortest median."""
    rivals = [phases["fault"] for peer, phases in found.items() if peer[:2] == (CARRIER, "bonding")]
    if not rivals or not ours:
        return
    best = min(rivals, key=statistics.median)
    for name, of in (("median", statistics.median), ("worst", max)):
        goal(of(ours) <= of(best), f"carrier lost: {name} not above bonding's best setting",
             f"{of(ours):.1f} ms, {of(best):.1f} ms")


def goal(reached, what, figure):
    print(f"  {'reached' if reached else 'MISSED ':7}  {what}: {figure}")
