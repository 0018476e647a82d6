#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A client's programs during publications: nfs_reader.py DIRECTORY, until SIGTERM; then one JSON object.

keeper   has an unchanged file open and reads it (O_DIRECT), each millisecond
stater   stats it
opener   opens, reads and closes the file that each publication changes
follower has that file open all the time, and looks whether what it reads fits its attributes

The changed file is named "changed": lines "version N", all the same N, more of them from version to version."""
import json
import mmap
import os
import signal
import sys
import time

ended = []


def numbers(data):
    """The versions in the file's content; complete lines only."""
    return {int(line.split()[1]) for line in data.split(b"\n") if line.startswith(b"version ")}


class Reader:
    def __init__(self, directory):
        self.unchanged = os.path.join(directory, "unchanged")
        self.changed = os.path.join(directory, "changed")
        self.kept = os.open(self.unchanged, os.O_RDONLY | os.O_DIRECT)
        self.followed = os.open(self.changed, os.O_RDONLY)
        self.buffer = mmap.mmap(-1, 4096)
        os.preadv(self.kept, [self.buffer], 0)
        self.content = bytes(self.buffer)
        self.last = 0
        self.result = {"backwards": 0, "mixed": 0, "stale": 0, "versions": 0, "last": 0}

    def keeper(self):
        os.preadv(self.kept, [self.buffer], 0)
        if bytes(self.buffer) != self.content:
            raise OSError(0, "wrong content")

    def stater(self):
        os.stat(self.unchanged)

    def opener(self):
        with open(self.changed, "rb", buffering=0) as stream:
            found = numbers(stream.read())
        self.result["mixed"] += len(found) != 1
        if found and max(found) < self.last:
            self.result["backwards"] += 1
        if found and max(found) > self.last:
            self.last = max(found)
            self.result["versions"] += 1

    def follower(self):
        """Size and content of one version belong together: a version N has N * 16 lines."""
        size = os.fstat(self.followed).st_size
        data = os.pread(self.followed, 1 << 20, 0)
        if size == os.fstat(self.followed).st_size and len(data) != size:
            self.result["stale"] += 1


def main():
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    reader = Reader(sys.argv[1])
    names = ("keeper", "stater", "opener", "follower")
    counts = {name: {"operations": 0, "errors": 0, "first_error": None, "gaps_ms": []} for name in names}
    print("ready", os.getpid(), file=sys.stderr, flush=True)
    while not ended:
        for name in names:
            start = time.monotonic()
            count = counts[name]
            try:
                getattr(reader, name)()
            except OSError as error:
                count["errors"] += 1
                count["first_error"] = count["first_error"] or str(error)
                if name == "follower":
                    os.close(reader.followed)
                    reader.followed = os.open(reader.changed, os.O_RDONLY)
            count["operations"] += 1
            count["gaps_ms"].append((time.monotonic() - start) * 1000)
        time.sleep(0.001)
    for count in counts.values():
        gaps = sorted(count.pop("gaps_ms"))
        count["median_ms"] = round(gaps[len(gaps) // 2], 1)
        count["longest_ms"] = [round(gap) for gap in gaps[-20:]]
    reader.result["last"] = reader.last
    # a new program, after all publications: no old page may be left in the client's memory
    with open(reader.changed, "rb") as stream:
        reader.result["at_the_end"] = sorted(numbers(stream.read()))
    print(json.dumps({**counts, **reader.result}))


main()
