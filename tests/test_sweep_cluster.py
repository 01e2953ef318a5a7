"""A sweep on a Dask cluster: a real scheduler and workers on loopback."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ptce_funding.cli.main import run
from ptce_funding.errors import InputError, InternalError
from ptce_funding.sweeping.store import content, read
from ptce_funding.sweeping.sweep import sweep, tables_of
from ptce_funding.sweeping.workers import Tls, cluster, processes
from sweep_cases import Here, envelope, hearing_interrupts, small, write_call

pytest.importorskip("distributed")
# What Dask leaves open when it is stopped in haste is its own affair.
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix knows them"),
    pytest.mark.filterwarnings("default"),
]

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that starts a Dask command; all of them are ended with the test."""
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "20s")
    begun: list[subprocess.Popen[bytes]] = []

    def started(*words: str) -> "subprocess.Popen[bytes]":
        with (tmp_path / f"dask-{len(begun)}.log").open("wb") as log:
            command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
            begun.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path))
        return begun[-1]

    yield started
    for process in reversed(begun):
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scheduler(start: Start, *more: str, protocol: str = "tcp") -> tuple[str, "subprocess.Popen[bytes]"]:
    """Start a scheduler; return its address."""
    port = free_port()
    words = ["scheduler", "--host", f"{protocol}://127.0.0.1", "--port", str(port), *more]
    return f"{protocol}://127.0.0.1:{port}", start(*words)


def worker(start: Start, address: str, *more: str, nanny: bool = False) -> "subprocess.Popen[bytes]":
    """Start a worker."""
    return start("worker", address, "--nthreads", "1", *([] if nanny else ["--no-nanny"]), *more)


def test_one_of_two_workers_is_killed(tmp_path: Path, start: Start) -> None:
    """Nothing is lost: the store is that of a sweep on this machine."""
    address, _ = scheduler(start)
    first, _ = worker(start, address), worker(start, address)
    scenario = small(tmp_path, envelope(*range(30_000, 150_000, 1_000)))
    killed: list[int] = []

    def stab(done: int, of: int, without: int) -> None:
        if done >= 20 and not killed:
            killed.append(done)
            first.send_signal(signal.SIGKILL)

    found = sweep(scenario, tables_of(), tmp_path / "a.sqlite", hire=cluster(address), progress=stab)
    assert killed
    assert first.wait() == -signal.SIGKILL
    assert not found.pending
    assert {cell.run.status for cell in found.cells} == {"optimal"}
    sweep(scenario, tables_of(), tmp_path / "b.sqlite", hire=Here())
    assert content(tmp_path / "a.sqlite") == content(tmp_path / "b.sqlite")


def test_the_scheduler_is_killed(tmp_path: Path, start: Start) -> None:
    """The sweep stops with a clear error, and goes on without a cluster."""
    address, process = scheduler(start)
    worker(start, address)
    scenario = small(tmp_path, envelope(*range(30_000, 150_000, 1_000)))

    def stab(done: int, of: int, without: int) -> None:
        if done >= 10:
            process.kill()

    with pytest.raises(InternalError, match="The workers were lost"):
        sweep(scenario, tables_of(), tmp_path / "a.sqlite", hire=cluster(address), progress=stab)
    assert len(read(tmp_path / "a.sqlite").cells) >= 10
    found = sweep(scenario, tables_of(), tmp_path / "a.sqlite", hire=processes(1), is_resumed=True)
    assert not found.pending


def test_interrupted_on_a_cluster(tmp_path: Path, start: Start) -> None:
    """Ctrl-C lets the cluster go on with other things, and the store go on later."""
    address, _ = scheduler(start)
    worker(start, address)
    write_call(tmp_path)
    words = [
        "sweep",
        "small.toml",
        "--vary",
        "envelope.total=30e3:200e3:400",
        "--cluster",
        address,
        "--out",
        "s.sqlite",
    ]
    with hearing_interrupts():
        process = subprocess.Popen(
            [sys.executable, "-m", "ptce_funding", *words],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
    end = time.monotonic() + 60
    while not (tmp_path / "s.sqlite").exists() or (tmp_path / "s.sqlite").stat().st_size < 120_000:
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "--resume" in told
    assert "Traceback" not in told
    found = read(tmp_path / "s.sqlite")
    assert found.cells
    assert found.pending


def test_commands_of_the_documentation(tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler, a worker of two processes with nannies, and the command line, as docs/sweep.md says."""
    address, _ = scheduler(start)
    worker(start, address, "--nworkers", "2", nanny=True)
    monkeypatch.chdir(tmp_path)
    write_call(tmp_path)
    assert run(["sweep", "small.toml", "--vary", "value.fixed=0.3,0.6", "--cluster", address]) == 0
    assert len(read(tmp_path / "small.sweep.sqlite").cells) == 3


def test_tls(tmp_path: Path, start: Start) -> None:
    """With certificates the connection is encrypted; without them, or in the clear, it is refused."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
    subprocess.run([*words, "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    files = ["--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key]
    address, _ = scheduler(start, *files, protocol="tls")
    worker(start, address, *files)
    scenario = small(tmp_path, envelope(50_000, 60_000))
    tls = Tls(certificate, certificate, key)
    found = sweep(scenario, tables_of(), tmp_path / "a.sqlite", hire=cluster(address, tls))
    assert [cell.run.status for cell in found.cells] == ["optimal"] * 3
    for other, given in [(address, None), (address.replace("tls", "tcp"), tls)]:
        with pytest.raises(InputError, match="No Dask scheduler answers at"):
            sweep(scenario, tables_of(), tmp_path / "b.sqlite", hire=cluster(other, given))


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear message, and no store is begun."""
    import dask

    scenario = small(tmp_path, envelope(50_000))
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        for address in (f"tcp://127.0.0.1:{free_port()}", "nonsense://x", "tcp://"):
            with pytest.raises(InputError, match="No Dask scheduler answers at"):
                sweep(scenario, tables_of(), tmp_path / "a.sqlite", hire=cluster(address))
    assert not (tmp_path / "a.sqlite").exists()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="install ptce-fund with the extra “dask”"):
        sweep(scenario, tables_of(), tmp_path / "a.sqlite", hire=cluster("tcp://x:1"))
