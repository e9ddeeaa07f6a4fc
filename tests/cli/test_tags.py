"""`tags`: the documents of the API, a pipe, policies in and out, lists for whoever mends tags."""

from __future__ import annotations

import csv
import json
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from finops.facade import open_finops
from finops.tagging.fixing import FIX_COLUMNS
from tests import stocked
from tests.api import estate
from tests.api.conftest import client_of, conforms

if TYPE_CHECKING:
    from pathlib import Path

AWS = {"tags": {"owner": {"tag_key": {"@@assign": "Owner"}, "tag_value": {"@@assign": ["data-*"]}}}}


def point_at(place: Path, patch: pytest.MonkeyPatch) -> None:
    for name, value in {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(place), "FINOPS_TENANT": estate.TENANT}.items():
        patch.setenv(name, value)


@pytest.fixture
def house(monkeypatch) -> Path:
    """An inventory to read; the environment points at it."""
    point_at(estate.folder(), monkeypatch)
    return estate.folder()


@pytest.fixture
def own_house(tmp_path, monkeypatch) -> Path:
    """A copy to write to."""
    place = tmp_path / "data"
    shutil.copytree(estate.folder(), place)
    point_at(place, monkeypatch)
    return place


def served(place: Path, path: str, params: Any) -> dict[str, Any]:
    with closing(open_finops(stocked.settings(place, tenant=estate.TENANT))) as finops:
        answer = client_of(finops).get(path, params={"tenant": estate.TENANT, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_check_gives_the_document_of_the_api_and_says_that_it_is_partial(house, run):
    said = run("tags", "check", "--by", "account", "--verdict", "missing", "--json")
    assert said.code == 3  # three accounts cannot be entered
    assert said.document == served(house, "/api/tag-compliance", {"by": "account", "verdict": "missing"})
    conforms(said.document, "TagCompliance")


def test_check_without_what_cannot_be_entered_is_whole(house, run):
    said = run("tags", "check", "--account", estate.FIRST)
    assert said.code == 0
    assert said.out.splitlines()[0].startswith("asset_id\t")
    assert "comply" in said.err


def test_check_by_group_is_a_table_of_groups(house, run):
    lines = run("tags", "check", "--by", "service").out.splitlines()
    assert lines[0].split("\t")[0] == "group"
    assert {line.split("\t")[0] for line in lines[1:]} == {"ec2", "s3"}


@pytest.mark.parametrize(
    "options",
    [("--by", "colour"), ("--verdict", "good"), ("--key", "Nope"), ("--limit", "0"), ("--cursor", "x")],
)
def test_what_nobody_knows_is_a_usage_error(house, run, options):
    said = run("tags", "check", *options)
    assert said.code == 2
    assert said.out == ""


def test_a_policy_goes_in_and_comes_out(own_house, run, tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(AWS))
    said = run("tags", "policy", "import", str(file), "--note", "from AWS", "--json")
    assert said.code == 0
    assert (said.document["data"]["version"], said.document["data"]["note"]) == (1, "from AWS")
    exported = run("tags", "policy", "export")
    assert json.loads(exported.out) == AWS
    run("tags", "policy", "export", "--out", str(tmp_path / "out.json"))
    assert json.loads((tmp_path / "out.json").read_text()) == AWS
    assert run("tags", "policy", "show", "--json").document["data"]["policy"]["rules"][0]["values"] == ["data-*"]
    assert "version 1" in run("tags", "policy", "show").err
    late = run("tags", "policy", "import", str(file), "--over", "0")
    assert late.code == 2
    assert "version 1 was saved meanwhile" in late.err


def test_what_starter_prints_can_be_imported(own_house, run, tmp_path):
    file = tmp_path / "starter.json"
    file.write_text(run("tags", "policy", "starter").out)
    assert run("tags", "policy", "import", str(file)).code == 0
    told = run("tags", "policy", "show")
    assert [line.split("\t")[0] for line in told.out.splitlines()[1:]] == [
        "Environment",
        "Owner",
        "CostCenter",
        "Application",
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"tags": []}', '{"rules": [{"key": ""}]}', "\x00"])
def test_a_policy_that_is_none_is_refused(own_house, run, tmp_path, text):
    file = tmp_path / "policy.json"
    file.write_text(text)
    assert run("tags", "policy", "import", str(file)).code == 2
    assert "starter policy" in run("tags", "policy", "show").err


def test_fix_lists_are_files_and_change_nothing(house, run, tmp_path):
    said = run("tags", "fix-list", "--out", str(tmp_path / "fix.csv"), "--account", estate.FIRST)
    assert said.code == 0
    assert "Nothing was changed" in said.out + said.err
    rows = list(csv.reader((tmp_path / "fix.csv").open(newline="", encoding="utf-8")))
    assert tuple(rows[0]) == FIX_COLUMNS
    assert run("tags", "fix-list", "--out", str(tmp_path / "fix.sh"), "--format", "cli", "--key", "Owner").code in {
        0,
        3,
    }
    assert (tmp_path / "fix.sh").read_text().startswith("#")


def test_suggest_tells_how_good_it_is(house, run):
    said = run("tags", "suggest", "--key", "Owner", "--account", estate.OPEN[1], "--json")
    assert said.code == 0
    conforms(said.document, "TagSuggestions")
    assert run("tags", "suggest", "--key", "Nope").code == 2


def test_evaluate_keeps_a_day_of_the_trend(own_house, run, monkeypatch):
    monkeypatch.setenv("FINOPS_TENANT", "default")
    said = run("tags", "evaluate", "--json")
    assert (said.code, said.document["data"]["status"]) == (1, "failed")  # nothing is listed in the demo's tenant
    assert "inventory discover" in said.document["meta"]["failures"][0]["message"]


def test_an_autopsy_that_nothing_can_answer_is_partial(house, run):
    said = run("tags", "autopsy", "--key", "Owner")
    assert said.code == 3
    assert "bill" in said.err
