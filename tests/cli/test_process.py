"""The program as a process: streams, exit codes, signals, a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import signal

BY_SERVICE = ("costs", "by-service", "--start", "2026-10-01", "--end", "2026-11-01")


def test_json_is_the_only_thing_on_stdout(start, monkeypatch):
    monkeypatch.setenv("FINOPS_LOG_LEVEL", "DEBUG")
    process = start(*BY_SERVICE, "--json")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert out.count("\n") == 1
    assert json.loads(out)["data"]["items"]


def test_a_wrong_setting_is_one_line_and_exit_2_and_never_its_value(start, monkeypatch):
    monkeypatch.setenv("FINOPS_SECRET_KEY", "hunter2")
    process = start("doctor")
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (2, "")
    assert err == "finops: FINOPS_SECRET_KEY: must be at least 32 characters and not the example value\n"


def test_no_data_is_exit_3_to_a_shell(start):
    process = start(*BY_SERVICE, "--tenant", "acme")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 3
    assert out == "service\tcost\tcurrency\n"
    assert "No costs are stored for tenant acme" in err


def test_a_reader_that_leaves_early_gets_no_traceback(start):
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = start(*BY_SERVICE, "--granularity", "daily", stdout=write_end)
    os.close(write_end)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def read_until_closed(screen: int, *, stop: bytes = b"") -> bytes:
    """What a program writes to a terminal, until it ends or writes `stop`."""
    shown = b""
    while not (stop and stop in shown):
        try:
            piece = os.read(screen, 65536)
        except OSError:  # Linux's way of telling that the other end closed
            break
        if not piece:
            break
        shown += piece
    return shown


def test_a_terminal_sees_progress_and_ctrl_c_ends_quietly_with_130(own_house, start):
    screen, terminal = pty.openpty()
    process = start("costs", "refresh", "--force", "--since", "2026-01-01", stderr=terminal)
    os.close(terminal)
    progress = read_until_closed(screen, stop=b"/")
    process.send_signal(signal.SIGINT)
    rest = read_until_closed(screen).decode()
    os.close(screen)
    out, _ = process.communicate(timeout=120)
    assert re.search(rb"\d+/", progress)
    assert (process.returncode, out) == (130, "")
    assert rest.rstrip().endswith("finops: interrupted")
    assert "Traceback" not in rest


def test_a_terminal_gets_an_aligned_table_with_a_total(start):
    screen, terminal = pty.openpty()
    process = start(*BY_SERVICE, stdout=terminal)
    os.close(terminal)
    shown = read_until_closed(screen).decode()
    os.close(screen)
    process.communicate(timeout=120)
    lines = shown.replace("\r\n", "\n").splitlines()
    assert lines[0].split() == ["service", "cost", "currency"]
    total = next(line for line in lines if line.startswith("Total"))
    assert re.search(r"\b\d{3},\d{3}\.\d{2}  USD$", total)
    assert len({line.rindex(" ") for line in lines if line.endswith(" USD")}) == 1
    assert "\t" not in shown
