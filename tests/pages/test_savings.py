"""Savings over hand-made findings: figures as the facade has them, links that hold, deeds that are kept."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from finops.model.findings import FindingStatus, Verdict
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from pages.ui import finding_table, numbers
from tests.pages.conftest import ROOT, figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, addresses, button, table
from tests.pages.wasteful import BUCKET, IDLE, MISSING, PROD, VOLUME, checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.facade import Finops
    from finops.waste.listing import Standing

PAGE = "pages/savings.py"


@pytest.fixture(scope="module")
def waste_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    """The demo with findings; read only."""
    place = tmp_path_factory.mktemp("waste") / "data"
    shutil.copytree(checked(), place)
    with settled(place) as finops:
        yield finops


def findings(finops: Finops, only: FindingFilter | None = None, **more: Any) -> tuple[Standing, ...]:
    return finops.waste.findings("demo", FindingQuestion(only or FindingFilter(), **more)).items


def named(finops: Finops, name: str) -> Standing:
    only = FindingFilter(verdicts=(), search=name)
    return findings(finops, only, statuses=())[0]


def finding_page(finops: Finops, name: str, **params: list[str]) -> AppTest:
    return opened(PAGE, {"finding": [named(finops, name).finding.fingerprint], **params})


def cells(app: AppTest) -> dict[str, str]:
    """Label and value of every line of facts."""
    rows = [row for one in app.table for _, row in one.value.iterrows()]
    return {plain(str(row["label"])): plain(str(row["value"])) for row in rows}


def chart_alts(app: AppTest) -> str:
    return plain(" ".join(chart.proto.alt for chart in app.get("plotly_chart")))


# What it shows


def test_it_states_what_could_be_saved_and_how_it_comes_back(waste_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    total = waste_house.waste.findings("demo").totals.by_currency["USD"]
    assert total.commitment == 100
    shown = figures(app)
    assert shown["You could save"] == f"{numbers.short_money(total.net)}/mo"
    assert shown["Cash now"] == f"{numbers.short_money(total.net - 100)}/mo"
    assert plain(app.metric[1].proto.delta_description) == "$100 frees commitment"
    assert plain(app.metric[0].delta).endswith("% of spend")
    assert numbers.exact_money(total.gross) in plain(app.metric[0].proto.help)


def test_it_counts_what_has_no_dollars_and_what_cannot_be_judged(waste_house: Finops) -> None:
    app = opened(PAGE)
    found = waste_house.waste.findings("demo")
    assert figures(app)["Open findings"] == str(found.total) == "6"
    assert plain(app.metric[2].proto.delta_description) == "1 no $, 1 unclear"


def test_what_came_true_is_unknown_until_something_is_followed(waste_house: Finops) -> None:
    app = opened(PAGE)
    assert figures(app)["Realised"] == "—"
    assert plain(app.metric[3].proto.delta_description) == "nothing followed yet"


def test_the_trend_is_the_latest_run_against_the_first_within_thirty_days(waste_house: Finops) -> None:
    assert ":small[:gray[+$75.50 since 10 Nov]]" in words(opened(PAGE))


def test_the_table_shows_the_largest_first_and_a_dash_without_dollars(waste_house: Finops) -> None:
    rows = table(opened(PAGE))
    assert list(rows["resource"]) == ["batch-runner", "old-reporter", "late", "forgotten", "fresh", "raw-events"]
    assert list(rows["saving"])[:3] == [562.1, 100.0, 75.5]
    assert rows["saving"].isna().tolist() == [False] * 5 + [True]
    assert [cell[0] for cell in rows["basis"]] == [
        "Measured",
        "Derived",
        "Measured",
        "Measured",
        "Derived",
        "No dollar basis",
    ]
    assert list(rows["owner"])[3] == "data", "the resource's own tag, as nobody is assigned"
    assert list(rows.columns) == list(finding_table.COLUMNS)
    assert "1–6 of 6 findings" in words(opened(PAGE))


def test_beside_the_table_checks_are_ranked_by_what_they_save(waste_house: Finops) -> None:
    assert "Idle EC2 instance saves most: $662.10 a month." in chart_alts(opened(PAGE))


def test_it_names_who_denies_what(waste_house: Finops) -> None:
    app = opened(PAGE)
    assert plain(app.warning[0].value).startswith("**1 of 8 accounts partly seen.** sandbox denies")
    assert f"grant `{MISSING}` to the role" in words(app)


def test_it_says_where_figures_come_from(waste_house: Finops) -> None:
    period = waste_house.costs.resource_period("demo")
    assert period is not None
    text = words(opened(PAGE))
    assert "Checked 20 Nov, 06:00 UTC with 3 checks" in text
    assert plain(f"bills of {numbers.days(period, today=waste_house.now().date())}") in text


# Links and filters


EVERYTHING = {
    "search": ["batch"],
    "min_saving": ["50.00"],
    "check": [IDLE],
    "account": [PROD],
    "region": ["us-east-1"],
    "category": ["idle"],
    "severity": ["high"],
    "status": ["open", "snoozed", "reopened"],
    "verdict": ["flagged", "undetermined"],
    "sort": ["name"],
    "order": ["desc"],
}


def test_a_link_reproduces_every_filter_and_the_widgets_show_it(waste_house: Finops) -> None:
    app = opened(PAGE, EVERYTHING)
    assert sound(app)
    assert {name: sorted(values) for name, values in link(app).items()} == {
        name: sorted(values) for name, values in EVERYTHING.items()
    }
    assert list(table(app)["resource"]) == ["batch-runner"]
    assert app.text_input(key="savings.search").value == "batch"
    assert app.number_input(key="savings.min_saving").value == 50.0
    assert app.multiselect(key="savings.check").value == [IDLE]
    assert app.multiselect(key="savings.severity").value == ["high"]
    before = link(app)
    assert link(app.run()) == before, "nothing drifts when the page is drawn again"


def test_a_widget_rewrites_the_link(waste_house: Finops) -> None:
    app = opened(PAGE)
    app.multiselect(key="savings.check").select(VOLUME).run()
    assert link(app) == {"check": [VOLUME]}
    app.number_input(key="savings.min_saving").set_value(20).run()
    assert link(app) == {"check": [VOLUME], "min_saving": ["20.00"]}
    assert list(table(app)["resource"]) == ["late", "forgotten"]
    app.selectbox(key="savings.sort").select("name").run()
    assert link(app)["sort"] == ["name"]
    assert list(table(app)["resource"]) == ["forgotten", "late"]
    app.segmented_control(key="savings.order").set_value("desc").run()
    assert list(table(app)["resource"]) == ["late", "forgotten"]


def test_what_cannot_be_judged_is_shown_when_asked_for(waste_house: Finops) -> None:
    app = opened(PAGE, {"verdict": ["undetermined"]})
    assert list(table(app)["resource"]) == ["silent"]
    assert [cell[0] for cell in table(app)["status"]] == ["Undetermined"]
    fine = opened(PAGE, {"verdict": ["ok"], "status": [str(status) for status in FindingStatus]})
    assert list(table(fine)["resource"]) == ["quiet-one"]


def test_an_empty_list_says_which_filter_to_loosen_and_does_it(waste_house: Finops) -> None:
    app = opened(PAGE, {"check": [BUCKET], "min_saving": ["10"]})
    assert sound(app)
    assert "No finding matches **Saving from** $10.00, **Check** S3 bucket without lifecycle rules." in words(app)
    button(app, "Drop saving from $10.00: 1 finding").click().run()
    assert link(app) == {"check": [BUCKET]}
    assert list(table(app)["resource"]) == ["raw-events"]


def test_a_hostile_link_falls_back_with_a_notice(waste_house: Finops) -> None:
    bad = HOSTILE[0]
    wrong = {"sort": [bad], "page": [bad], "finding": [bad], "min_saving": ["NaN"], bad: ["1"], "region": [bad]}
    app = opened(PAGE, {**wrong, "status": [bad], "category": [bad]})
    assert sound(app)
    text = words(app)
    for said in ("sort must be one of", "min_saving must be an amount", "status must be among", "category must be"):
        assert f"The link's {said}" in text
    assert f"**Region** {bad}" in text, "no finding is there, and the filter says so"
    assert not any("](https" in str(part.value) for part in [*app.markdown, *app.info, *app.warning])


def test_export_links_name_tenant_filters_order_and_format(waste_house: Finops) -> None:
    app = opened(PAGE, {"account": [PROD], "min_saving": ["10"]})
    files = [address for address in addresses(app) if address.startswith("/api/findings?")]
    assert [re.search(r"format=(\w+)", address)[1] for address in files] == ["csv", "xlsx", "json"]  # type: ignore[index]
    wanted = f"tenant=demo&account={PROD}&min_saving=10.00&status=open&status=reopened&sort=monthly_saving&order=desc"
    assert all(wanted in address for address in files)


# One finding


def test_a_finding_shows_its_evidence_and_what_to_do(waste_house: Finops) -> None:
    app = finding_page(waste_house, "batch-runner")
    assert sound(app)
    assert plain(app.subheader[1].value) == "Idle EC2 instance"
    text = words(app)
    assert "**batch-runner**" in text
    assert "**$562.10 a month**" in text
    assert ":green-badge[Measured]" in text
    assert "Open · first seen 50 days ago" in text
    assert named(waste_house, "batch-runner").finding.message[:40] in text
    alts = chart_alts(app)
    assert "CPU average and CPU maximum, %, 6–19 Nov" in alts
    assert "CPU average limit 5%, CPU maximum limit 10%" in alts
    assert "aws ec2 stop-instances --instance-ids id-batch-runner --region us-east-1" in app.code[0].value
    assert "This tool changes nothing in AWS" in text
    assert any(address.startswith("https://us-east-1.console.aws.amazon.com/ec2/") for address in addresses(app))
    assert cells(app)[":gray[Its own bill, a month]"] == "$562.10"
    assert cells(app)[":gray[Instance type]"] == "m6i.4xlarge"


def test_the_evidence_chart_draws_thresholds_as_dashed_lines_within_the_window(waste_house: Finops) -> None:
    app = finding_page(waste_house, "batch-runner")
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    evidence = next(spec for spec in specs if len(spec["layout"].get("shapes", [])) == 2)
    lines = evidence["layout"]["shapes"]
    assert evidence["layout"]["height"] == 190
    assert {(line["line"]["dash"], line["y0"]) for line in lines} == {("dash", 5), ("dash", 10)}
    assert len(evidence["data"][0]["x"]) == 14, "the days that the check looks at"


def test_without_dollars_it_says_so(waste_house: Finops) -> None:
    text = words(finding_page(waste_house, "raw-events"))
    assert ":gray-badge[No dollar basis]" in text
    assert "nothing says how many dollars" in text


def test_an_undetermined_resource_can_be_opened_but_not_acted_upon(waste_house: Finops) -> None:
    app = finding_page(waste_house, "silent", verdict=["undetermined"])
    assert sound(app)
    assert ":gray-badge[Undetermined]" in words(app)
    assert not [one for one in app.button if plain(one.label) in {"Resolve", "Dismiss", "Snooze"}]


def test_a_link_to_a_finding_ends_picking_several(waste_house: Finops) -> None:
    wanted = named(waste_house, "late").finding
    state: Any = {"savings.several": True}
    assert plain(opened(PAGE, **state).subheader[1].value) == "Select findings"
    app = opened(PAGE, {"finding": [wanted.fingerprint]}, **state)
    assert plain(app.subheader[1].value) == wanted.title
    assert app.toggle(key="savings.several").value is False


def test_a_link_to_a_finding_that_is_not_here_says_so(waste_house: Finops) -> None:
    app = opened(PAGE, {"finding": ["0" * 32]})
    assert sound(app)
    assert "The finding that the link opens is not known here" in words(app)
    assert "finding" not in link(app)


def test_another_filter_closes_the_finding_and_another_order_keeps_it(waste_house: Finops) -> None:
    app = finding_page(waste_house, "batch-runner")
    app.selectbox(key="savings.sort").select("region").run()
    assert "finding" in link(app)
    button(app, "Close").click().run()
    assert "finding" not in link(app)
    again = finding_page(waste_house, "batch-runner")
    again.multiselect(key="savings.account").select(PROD).run()
    assert "finding" not in link(again)


# Rights


@pytest.mark.parametrize("persona", ["analyst", "manager", "admin", "nobody"])
def test_it_opens_for_every_persona_asks_for_its_right_and_sends_no_paid_request(
    waste_house: Finops, persona: str
) -> None:
    before = waste_house.health.report("demo").spent
    app = opened(PAGE, {"tenant": ["demo"]}, persona=persona, tenant="someone-elses")
    assert sound(app)
    assert waste_house.health.report("demo").spent == before
    assert "right=Right.VIEW_FINDINGS" in (ROOT / PAGE).read_text("utf-8")


def without_rights() -> None:
    from finops import facade
    from finops.model.findings import FindingStatus
    from finops.model.people import Person
    from pages.ui import finding_deeds
    from pages.ui.page import Context

    nobody = Person("persona:none", "Nobody", "none")  # type: ignore[arg-type]
    target = finding_deeds.Target(("0" * 32,), frozenset({FindingStatus.OPEN}))
    finding_deeds.row(Context(facade.shared(), nobody, "demo"), target)


def test_who_may_not_act_sees_no_deed(waste_house: Finops) -> None:
    app = AppTest.from_function(without_rights).run()
    assert sound(app)
    assert not app.button


def test_only_who_may_run_checks_is_offered_a_run(waste_house: Finops) -> None:
    labels = {
        persona: {plain(one.label) for one in opened(PAGE, persona=persona).button}
        for persona in ("analyst", "manager")
    }
    assert "Run all checks" in labels["manager"]
    assert "Run all checks" not in labels["analyst"]


# Thresholds


def tried(app: AppTest) -> tuple[str, str, str]:
    shown = figures(app)
    return shown["Flagged now"], shown["With these"], shown["Difference"]


def test_the_thresholds_are_those_of_the_open_finding_and_judge_again_at_once(waste_house: Finops) -> None:
    app = finding_page(waste_house, "batch-runner")
    assert app.selectbox(key="savings.try.check").value == IDLE
    assert tried(app) == ("2", "2", "$0/mo")
    app.slider(key=f"savings.try.{IDLE}.cpu_average").set_value(7.0).run()
    found = waste_house.waste.back_test("demo", IDLE, {"cpu_average": 7.0})
    assert found.today is not None
    assert tried(app) == ("2", "3", "+$300/mo") == ("2", str(found.today.tried.findings), "+$300/mo")
    text = words(app)
    assert "instance/quiet-one" in text
    assert "Now 2 findings and $662.10 a month; with these 3 and $962.10." in chart_alts(app)
    assert waste_house.waste.findings("demo").total == 6, "nothing is stored"
    button(app, "Reset").click().run()
    assert tried(app) == ("2", "2", "$0/mo")
    assert "Try out: nothing is saved" in text


def test_stricter_thresholds_drop_findings_by_name_over_all_runs(waste_house: Finops) -> None:
    app = opened(PAGE, {})
    app.selectbox(key="savings.try.check").select(VOLUME).run()
    app.slider(key=f"savings.try.{VOLUME}.unattached_days").set_value(50).run()
    assert tried(app)[:2] == ("3", "1")
    labels = [plain(one.label) for one in app.expander]
    assert "Would be dropped: 2" in labels
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    lines = next(spec for spec in specs if [one.get("name") for one in spec["data"]] == ["Now", "With these"])
    assert [one["x"] for one in lines["data"]] == [["2026-10-01", "2026-11-10", "2026-11-20"]] * 2
    assert lines["data"][0]["y"] == [28.25, 28.25, 103.75]
    assert lines["data"][1]["y"] == [20.25, 20.25, 20.25]


# What the checks can see


def test_the_matrix_says_in_words_where_a_check_was_denied(waste_house: Finops) -> None:
    rows = opened(PAGE).dataframe[-1].value.set_index("check")
    assert rows.loc["Unattached EBS volume", "124312431243"][0] == "Denied"
    assert rows.loc["Unattached EBS volume", PROD] == ["OK"]
    states = waste_house.waste.coverage("demo").states
    named = {region for check, account, region in states if (check, account) == (VOLUME, "124312431243")}
    assert rows.loc["Unattached EBS volume", "124312431243"][1:] == [f"1/{len(named)}"]
    assert "1 denied" in words(opened(PAGE))


def test_the_verdict_of_a_finding_is_that_of_the_tenant_s_thresholds(waste_house: Finops) -> None:
    order = FindingOrder(limit=None)
    found = findings(waste_house, FindingFilter(verdicts=()), statuses=(), order=order)
    assert {one.finding.name for one in found if one.finding.verdict is Verdict.UNDETERMINED} == {"silent"}
    assert sum(one.finding.monthly_saving for one in found) == Decimal("765.85")
