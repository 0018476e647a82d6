# SPDX-License-Identifier: GPL-2.0-or-later
"""git clone and tar on a mount, again and again, while the file servers die (tests/lab/node/nfs_trees)."""

import os
import pathlib
import shutil
import subprocess
import tempfile

CACHE = pathlib.Path(os.environ.get("HAS_LAB_CACHE", "/var/cache/has-lab"))
TREE = CACHE / "scenarios-tree.tar"  # a part of the kernel's sources; a node sees the host's files
REPOSITORY = CACHE / "scenarios-tree.git"
KERNEL = pathlib.Path("/usr/src/linux-source-6.12.tar.xz")
PARTS = ("linux-source-6.12/fs/nfsd", "linux-source-6.12/fs/lockd")


def make():
    """A part of the kernel's sources as a tar archive and as a git repository; once for all runs."""
    if TREE.exists() and REPOSITORY.exists():
        return
    work = pathlib.Path(tempfile.mkdtemp(prefix="tree-", dir=CACHE))
    try:
        subprocess.run(["tar", "-C", work, "-xf", KERNEL, *PARTS], check=True)
        subprocess.run(["tar", "-C", work / PARTS[0].split("/")[0], "-cf", work / "tar", "fs"], check=True)
        git = ["git", "-c", "user.name=lab", "-c", "user.email=lab@localhost", "-C", work / PARTS[0].split("/")[0]]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "a part of the kernel"]):
            subprocess.run([*git, *words], check=True)
        subprocess.run(["git", "clone", "-q", "--bare", work / PARTS[0].split("/")[0], work / "git"], check=True)
        shutil.rmtree(REPOSITORY, ignore_errors=True)
        os.rename(work / "git", REPOSITORY)
        os.rename(work / "tar", TREE)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def start(directory, other, work):
    """Shell that begins it in a directory of a client, which is also there as other; work: where it writes of itself."""
    return f"setsid /usr/lib/has-lab/nfs_trees {directory} {other} {work} {TREE} {REPOSITORY} > /dev/null 2>&1 < /dev/null & " \
           f"echo $! > {work}/trees.pid"


def figures(execute, work):
    """How many rounds were right, the exceptions in words, and the fault."""
    return {"rounds": int(execute(f"cat {work}/trees.rounds")),
            "excepted": execute(f"cat {work}/trees.excepted").splitlines(),
            "fault": execute(f"cat {work}/trees.err").strip()}


def check(name, found, deaths):
    """At a server's death one call is without its answer, and one file is being written: so many rounds are excepted."""
    excepted = sum(line.startswith("round ") for line in found["excepted"])
    assert not found["fault"] and found["rounds"] and excepted <= deaths, f"{name}: {found}"
