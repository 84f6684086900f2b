"""How a benchmark ends when it is asked to."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[1])
from _start import start

def works():
    print("at work", flush=True)
    time.sleep(60)

def swallows():
    while True:
        try:
            works()
        except BaseException:
            print("swallowed", flush=True)

def clears_up():
    try:
        works()
    finally:
        print("cleared up", flush=True)

def main(arguments):
    {what}()

start(main, grace={grace})
"""


@pytest.mark.parametrize(
    ("what", "grace", "said", "status"),
    [
        ("swallows", 1, "swallowed\nat work\n", -signal.SIGTERM),
        ("clears_up", 60, "cleared up\n", 128 + signal.SIGTERM),
    ],
)
def test_a_request_to_end_is_the_end_whoever_swallows_it(
    what: str, grace: float, said: str, status: int
) -> None:
    command = [sys.executable, "-c", PROGRAM.format(what=what, grace=grace), str(BENCHMARKS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == said
        assert process.wait(60) == status
