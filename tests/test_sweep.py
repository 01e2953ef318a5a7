"""Sweeps: every run is what `simulate` gives, made once, kept whatever happens."""

import json
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from ptce_funding.allocation import allocate, allocated
from ptce_funding.awards import Award
from ptce_funding.call import prepare
from ptce_funding.errors import AuditError, InputError, InternalError, ScenarioError
from ptce_funding.messages import message
from ptce_funding.scenario_files import read_scenario
from ptce_funding.settlement import grants_of
from ptce_funding.sweeping import runs as runs_module
from ptce_funding.sweeping.runs import Run, figures, packed, start_of
from ptce_funding.sweeping.store import Results, content, read
from ptce_funding.sweeping.sweep import sweep, tables_of
from ptce_funding.sweeping.workers import Job, Setting, versions, work
from sweep_cases import TABLE, Here, envelope, small, write_table


def swept(folder: Path, *vary: dict[str, Any], name: str = "s.sqlite", **more: Any) -> tuple[Results, list[Job]]:
    """Sweep the small call; return results and jobs."""
    crew = more.pop("crew", None) or Here()
    resumed, solver = more.pop("is_resumed", False), more.pop("solver", None)
    scenario = small(folder, *vary, **more)
    found = sweep(scenario, tables_of(), folder / name, hire=crew, is_resumed=resumed, solver=solver)
    return found, crew.jobs


def refusal(folder: Path, *vary: dict[str, Any], **more: Any) -> str:
    """Return what is wrong with a sweep."""
    with pytest.raises(InputError) as raised:
        swept(folder, *vary, **more)
    return raised.value.render()


# ------------------------------------------------------------------------------------------------------------------- runs


def test_every_run_is_what_simulate_gives(tmp_path: Path) -> None:
    """Value, bound, awards and figures of each cell are those of the scenario with its values."""
    rules = [[], [{"name": "one", "measure": "count", "max": 1}]]
    found, _ = swept(tmp_path, envelope(50_000, 100_000), {"path": "rules", "values": rules})
    assert [cell.kind for cell in found.cells] == ["base"] + 4 * ["grid"]
    for cell in found.cells:
        scenario = found.scenario
        for axis, value in zip(found.axes, cell.values, strict=True):
            scenario = scenario if value is None else scenario.override(axis.path, value)
        allocation = allocate(scenario, tables_of()(scenario))
        run = cell.run
        assert (run.status, run.value, run.bound, run.gap) == (
            allocation.status.value,
            allocation.value,
            allocation.bound,
            allocation.gap,
        )
        assert run.awards() == allocation.awards
        assert run.indicators == figures(allocation)
        assert cell.seconds is not None
    # By hand: 3 + 2 with both, 3 with one.
    assert [cell.run.value for cell in found.cells] == [5, 3, 3, 5, 3]


def test_figures(tmp_path: Path) -> None:
    """By hand: b and c get 50 k€ each; in order of name, and what does not apply is not there."""
    found, _ = swept(tmp_path, envelope(50_000))
    told = found.cells[0].run.indicators
    assert list(told) == sorted(told)
    expected = {
        "granted": 100_000,
        "unspent": 0,
        "charged": 0,
        "supported": 2,
        "mean_grant": 50_000.0,
        "regions": 2,
        "granted.region.Corse": 50_000,
        "supported.region.Normandie": 0,
        "supported.phase.project": 1,
        "jobs": 5.0,
        "jury.supported": 2,
        "jury.value": 5.0,
        "committed.year.2020": 100_000,
        "received": 4,
    }
    assert {name: told[name] for name in expected} == expected
    assert "labelled" not in told
    assert found.cells[0].run.awards() == (
        Award("b", "v", "", 2020, "", 50_000),
        Award("c", "v", "", 2020, "", 50_000),
    )
    assert found.candidates == ("a", "b", "c", "d")
    assert found.meta["solver"] == found.scenario.solve.solver


def test_never_solved_twice(tmp_path: Path) -> None:
    """The scenario's own value is the base run; a resumed sweep makes only what is new."""
    found, jobs = swept(tmp_path, envelope(50_000, 100_000, 60_000))
    assert len(found.cells) == 4
    assert found.cells[0].run == found.cells[2].run
    assert [job.changes for job in jobs] == [{}, {"envelope.total": 50_000}, {"envelope.total": 60_000}]
    _, jobs = swept(tmp_path, envelope(50_000, 100_000, 60_000), is_resumed=True)
    assert jobs == []
    found, jobs = swept(tmp_path, envelope(60_000, 70_000), is_resumed=True)
    assert [job.changes for job in jobs] == [{"envelope.total": 70_000}]
    assert [cell.values for cell in found.cells] == [(None,), (60_000,), (70_000,)]
    # What no cell asks for is kept for the day that one does.
    assert len(content(tmp_path / "s.sqlite")["run"]) == 4
    _, jobs = swept(tmp_path, envelope(50_000), is_resumed=True)
    assert jobs == []


def test_what_decides_a_result_is_in_its_hash(tmp_path: Path) -> None:
    """Candidates, criteria and solver each make another run."""
    scenario = small(tmp_path, envelope(50_000))

    def made(folder: Path = tmp_path, **more: Any) -> int:
        crew = Here()
        sweep(more.pop("scenario", scenario), tables_of(), tmp_path / "h.sqlite", hire=crew, is_resumed=True, **more)
        return len(crew.jobs)

    assert made() == 2
    assert made() == 0
    assert made(solver="ranking") == 2
    write_table(tmp_path, text=TABLE.replace("a,emerging,1", "a,emerging,9"))
    assert made() == 2
    criteria = tmp_path / "own.toml"
    criteria.write_text('format = 1\nname = "own"\n', encoding="utf-8")
    own = scenario.override("eligibility.criteria", str(criteria))
    assert made(scenario=own) == 2
    test = 'tests = [{ column = "jobs", min = 2 }]'
    criteria.write_text(
        f'format = 1\nname = "own"\n[[criteria]]\nname = "j"\nstatus = "hard"\n{test}\n', encoding="utf-8"
    )
    assert made(scenario=own) == 2
    assert made(scenario=own) == 0


def test_base_run_first_and_left_to_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the base run left is the same for every other run, made now or kept."""
    monkeypatch.setattr("ptce_funding.solvers.LARGE", 1)
    scenario = small(tmp_path, envelope(50_000, 60_000))
    crew = Here(stop_after=2)
    with pytest.raises(KeyboardInterrupt):
        sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=crew)
    found, jobs = swept(tmp_path, envelope(50_000, 60_000), is_resumed=True)
    assert crew.jobs[0].start is None
    base = prepare(scenario, tables_of()(scenario))
    assert crew.jobs[1].start == start_of(found.cells[0].run, base) == jobs[0].start is not None
    assert len(jobs) == 1


def test_runs_begin_with_the_prices_of_the_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They change how long a proof takes, not what is proved."""
    cold, _ = swept(tmp_path, envelope(50_000, 60_000, 100_000), name="cold.sqlite")
    monkeypatch.setattr("ptce_funding.solvers.LARGE", 1)
    warm, jobs = swept(tmp_path, envelope(50_000, 60_000, 100_000), name="warm.sqlite")
    assert jobs[1].start is not None
    assert any(jobs[1].start.prices.values())
    assert {cell.run.hash for cell in warm.cells[1:3]}.isdisjoint(cell.run.hash for cell in cold.cells)
    assert all(job.start is None for job in swept(tmp_path, envelope(50_000), name="highs.sqlite", solver="highs")[1])
    assert [cell.run.value for cell in warm.cells] == [cell.run.value for cell in cold.cells]
    assert [cell.run.awards() for cell in warm.cells] == [cell.run.awards() for cell in cold.cells]


def test_awards_as_grants_and_back(tmp_path: Path) -> None:
    """Awards of a call are its grants; those of another call are none of it where they do not fit."""
    scenario = small(tmp_path)
    table = tables_of()(scenario)
    allocation = allocate(scenario, table)
    grants = grants_of(allocation.call, allocation.awards)
    assert grants is not None
    assert int(grants.sum()) * scenario.envelope.grant_step == allocation.granted
    first = allocation.awards[0]
    for other in ({"candidate": "nobody"}, {"volet": "none"}, {"year": 1}, {"grant": 1}, {"grant": 10**9}):
        assert grants_of(allocation.call, [replace(first, **other)]) is None


def test_the_allocation_of_the_base_stands_where_the_search_ends_with_less(tmp_path: Path) -> None:
    """Grants known already, better than what the jury's list and a search without time find."""
    scenario = small(tmp_path).override("solve.time_limit", 1e-9)
    call = prepare(scenario, tables_of()(scenario))
    best = allocate(small(tmp_path), call.candidates)
    hurried = allocated(call, "highs", best.grants)
    assert hurried.value == best.value


# ------------------------------------------------------------------------------------------------- cells without allocation


def test_refused_and_infeasible_cells_stay(tmp_path: Path) -> None:
    """Each with its reason, in both languages."""
    target = {"name": "t", "measure": "count", "min": 2}
    found, _ = swept(
        tmp_path, {"path": "value.fixed", "values": [0.5, 1.2]}, envelope(40_000, 100_000), targets=[target]
    )
    told = [(cell.run.status, cell.run.reason) for cell in found.cells]
    assert [status for status, _ in told] == ["optimal", "infeasible", "optimal", "invalid", "invalid"]
    assert told[1][1] is not None
    assert told[1][1].render("en") == "No allocation keeps all the rules of the scenario “small”."
    assert told[3][1] is not None
    assert told[3][1].render("en") == "value.fixed: Found 1.2, expected a number of at most 1."
    assert told[3][1].render("fr") != told[3][1].render("en")
    assert found.cells[3].run.awards() == ()
    assert found.cells[3].seconds is None


def test_values_that_the_candidates_lack(tmp_path: Path) -> None:
    """What only shows against the table makes an invalid cell as well."""
    regions = [{"region": "Corse"}, {"region": "Corsica"}]
    rules = [[{"name": "r", "measure": "count", "max": 1, "where": where}] for where in regions]
    found, _ = swept(tmp_path, {"path": "rules", "values": rules})
    assert [cell.run.status for cell in found.cells] == ["optimal", "optimal", "invalid"]


def test_a_failed_run_stays_and_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go on; --resume tries it once more."""

    def broken(call: Any, *rest: Any, **more: Any) -> Any:
        if call.scenario.envelope.total == 50_000:
            raise AuditError(message("The result failed its audit: {faults:list}.", faults=["x"]))
        if call.scenario.envelope.total == 60_000:
            raise IndexError(7)
        return allocated(call, *rest, **more)

    monkeypatch.setattr(runs_module, "allocated", broken)
    found, _ = swept(tmp_path, envelope(50_000, 60_000, 70_000))
    assert [cell.run.status for cell in found.cells] == ["optimal", "failed", "failed", "optimal"]
    reasons = [str(cell.run.reason and cell.run.reason.render("en")) for cell in found.cells[1:3]]
    assert reasons == ["The result failed its audit: x.", "The program failed: IndexError: 7."]
    monkeypatch.undo()
    found, jobs = swept(tmp_path, envelope(50_000, 60_000, 70_000), is_resumed=True)
    assert len(jobs) == 2
    assert all(cell.run.status == "optimal" for cell in found.cells)


def test_a_scenario_that_refuses_everything(tmp_path: Path) -> None:
    """Each fault once, before anything is solved or written."""
    crew = Here()
    told = refusal(tmp_path, {"path": "value.fixed", "values": [1.2, 1.5]}, crew=crew)
    assert told.splitlines() == [
        "value.fixed: Found 1.2, expected a number of at most 1.",
        "value.fixed: Found 1.5, expected a number of at most 1.",
    ]
    assert crew.jobs == []
    assert not (tmp_path / "s.sqlite").exists()
    assert refusal(tmp_path) == "sweep.vary: Nothing is varied: state a [[sweep.vary]], or --vary “path=values”."
    assert "Unknown key" in refusal(tmp_path, {"path": "envelope.totl", "values": [1]})
    with pytest.raises(ScenarioError):
        swept(tmp_path, envelope(50_000), solver="nobody")
    assert not (tmp_path / "s.sqlite").exists()


def test_parameters_that_only_fit_together(tmp_path: Path) -> None:
    """Alone each value of either axis is refused; together some are not."""
    years = {"path": "years", "values": [1, 2]}
    tranches = {"path": "envelope.tranches", "values": [[1.0], [0.5, 0.5]]}
    found, _ = swept(tmp_path, years, tranches)
    assert [cell.run.status for cell in found.cells] == ["optimal", "optimal", "invalid", "invalid", "optimal"]


# --------------------------------------------------------------------------------------------------- frontier and tables


def test_frontier(tmp_path: Path) -> None:
    """By hand: two yearly tranches of 30 k€ fund d alone; 60 k€ in any year fund b. Without tranches both are one run."""
    envelope_of_two_years = {"total": 100_000, "grant_step": 10_000, "tranches": [0.5, 0.5], "carry_over": False}
    frontier = {"frontier": True}
    found, jobs = swept(
        tmp_path, envelope(60_000, 100_000), table=frontier, years=2, envelope=envelope_of_two_years, name="t.sqlite"
    )
    assert [(cell.kind, cell.values[0], cell.run.value) for cell in found.cells] == [
        ("base", None, 5),
        ("grid", 60_000, 1),
        ("grid", 100_000, 5),
        ("frontier:tranches", 60_000, 1),
        ("frontier:tranches", 100_000, 5),
        ("frontier:total", 60_000, 3),
        ("frontier:total", 100_000, 5),
    ]
    assert len(jobs) == 4
    found, jobs = swept(tmp_path, envelope(60_000, 100_000), table=frontier)
    assert (len(found.cells), len(jobs)) == (7, 2)


def test_other_tables(tmp_path: Path) -> None:
    """A varied table is read where it is varied; one that is not there makes an invalid cell."""
    other = write_table(tmp_path, "other.csv", TABLE + "e,project,9,10000,10000,Corse,1\n")
    axis = {"path": "candidates.file", "values": [str(other), str(tmp_path / "none.csv")]}
    found, jobs = swept(tmp_path, axis)
    assert [cell.run.status for cell in found.cells] == ["optimal", "optimal", "invalid"]
    assert "e" in {award.candidate for award in found.cells[1].run.awards()}
    assert found.candidates == ("a", "b", "c", "d", "e")
    assert [job.candidates is None for job in jobs] == [True, False]


def test_a_table_is_read_as_each_scenario_reads_it(tmp_path: Path) -> None:
    """A column that only a varied rule sums is read as a number there, as `simulate` would."""
    write_table(tmp_path, "own.csv", TABLE.replace("jobs\n", "poids\n"))
    rules = [[], [{"name": "r", "measure": "poids", "max": 2}]]
    scenario = small(tmp_path, {"path": "rules", "values": rules}).override(
        "candidates.file", str(tmp_path / "own.csv")
    )
    found = sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=Here())
    assert [cell.run.value for cell in found.cells] == [5, 5, 3]


# ------------------------------------------------------------------------------------------------------------------ faults


def test_a_worker_of_another_version(tmp_path: Path) -> None:
    """It says so and makes nothing."""
    scenario = small(tmp_path, envelope(50_000))
    setting = Setting(scenario, tables_of()(scenario), None, (("ptce-fund", "0.0"),))
    with pytest.raises(InternalError, match=r"A worker has other versions: ptce-fund .*; expected ptce-fund 0\.0\."):
        work(setting, Job("h", {}, None, None))
    assert dict(versions())["ptce-fund"] != "0.0"


class Failing(Here):
    """Its second job ends with an error, after the first was done."""

    def __init__(self, error: BaseException, deadly: tuple[type[Exception], ...] = ()) -> None:
        super().__init__()
        self.error, self.deadly = error, deadly

    @contextmanager
    def __call__(self, setting: Setting) -> Any:
        """Open the crew."""
        with super().__call__(setting) as crew:

            def submit(job: Job) -> "Future[tuple[Run, float]]":
                future = crew.submit(job)
                if len(self.jobs) != 2:
                    return future
                bad: Future[tuple[Run, float]] = Future()
                bad.set_exception(self.error)
                return bad

            yield replace(crew, submit=submit, lost=(BrokenProcessPool,), deadly=self.deadly)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BrokenProcessPool(), "The workers were lost"),
        (
            ModuleNotFoundError("No module named 'ptce_funding'"),
            "The workers cannot make the runs: ModuleNotFoundError",
        ),
    ],
)
def test_lost_workers(tmp_path: Path, error: BaseException, told: str) -> None:
    """The sweep stops with a clear error; what was done is kept."""
    with pytest.raises(InternalError, match=told):
        swept(tmp_path, envelope(50_000, 60_000), crew=Failing(error))
    found = read(tmp_path / "s.sqlite")
    assert (len(found.cells), found.pending) == (1, 2)
    found, jobs = swept(tmp_path, envelope(50_000, 60_000), is_resumed=True)
    assert (len(found.cells), found.pending, len(jobs)) == (3, 0, 2)


def test_a_run_that_kills_its_workers(tmp_path: Path) -> None:
    """On a cluster it fails alone."""
    found, _ = swept(tmp_path, envelope(50_000, 60_000), crew=Failing(OSError(), (OSError,)))
    assert [cell.run.status for cell in found.cells] == ["optimal", "failed", "optimal"]


def test_progress(tmp_path: Path) -> None:
    """Done, all, and those without an allocation; what was kept counts as done."""
    told: list[tuple[int, int, int]] = []
    scenario = small(tmp_path, envelope(40_000, 100_000), targets=[{"name": "t", "measure": "count", "min": 2}])
    for _ in range(2):
        sweep(
            scenario,
            tables_of(),
            tmp_path / "s.sqlite",
            hire=Here(),
            is_resumed=True,
            progress=lambda *each: told.append(each),
        )
    assert told == [(0, 2, 0), (1, 2, 0), (2, 2, 1), (2, 2, 1)]


def test_runs_are_stored_in_both_languages_and_whole() -> None:
    """Packed awards come back as they were."""
    rows = [("é,\"'", "v", "", 2020, "État", 1_000)]
    run = Run("h", "optimal", None, 1.0, 1.0, 0.0, {}, packed(rows))
    assert run.awards() == (Award(*rows[0]),)
    assert json.dumps(run.indicators) == "{}"


def test_national_call(tmp_path: Path) -> None:
    """The first national call: the base run is its result, and more money never lowers the value."""
    scenario = read_scenario(ROOT / "scenarios" / "aap-2013.toml").override(
        "sweep", {"vary": [{"path": "envelope.total", "low": 1e6, "high": 5e6, "count": 5}]}
    )
    found = sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=Here())
    values = [cell.run.value or 0.0 for cell in found.cells[1:]]
    assert values == sorted(values)
    assert found.cells[0].run == found.cells[3].run
    assert round(values[2], 2) == 2167.41
