"""Inventory over the demo's estate: figures as the facade has them, links that hold, rights that are asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.model.assets import AssetFilter, AssetQuestion, ChangeKind, Lifecycle, TagTerm
from pages.ui import asset_names, asset_table, numbers
from tests.pages.conftest import figures, link, opened, plain, sound, words

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops

PAGE = "pages/inventory.py"
WEEK_AGO = datetime(2026, 11, 13, 9, tzinfo=UTC)
HOSTILE = (
    "![x](https://host.invalid/a.png)",
    "<img src=https://host.invalid/b.png>",
    ":material/home: :red[x] $x^2$ a -> b [l](https://host.invalid) `c`",
    "\u202eevil\u202c \U0001f600 " + "x" * 300,
)


def table(app: AppTest) -> Any:
    return app.dataframe[0].value


def assets(finops: Finops, only: AssetFilter | None = None, **more: Any) -> tuple[Any, int]:
    page = finops.inventory.page(AssetQuestion("demo", only or AssetFilter(), **more))
    return page.items, page.total


def button(app: AppTest, label: str) -> Any:
    return next(one for one in app.button if plain(one.label) == label)


def addresses(app: AppTest) -> list[str]:
    """Where the link buttons lead."""
    return [one.proto.url for one in app.get("link_button")]


# What it shows


def test_it_states_how_many_assets_there_are_of_how_many_kinds(house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    counts = house.inventory.counts("demo", AssetFilter(), ("lifecycle", "kind"))
    assert figures(app)["Active assets"] == f"{counts['lifecycle']['active']:,}"
    base = plain(app.metric[0].proto.delta_description)
    assert base == f"{len(counts['kind'])} kinds · {counts['lifecycle']['missing']} missing"


def test_it_states_what_came_and_went_within_a_week(house: Finops) -> None:
    shown = figures(opened(PAGE))
    events = house.inventory.changes("demo", since=WEEK_AGO, limit=5000)
    for label, kinds in (("Appeared", {"appeared", "back"}), ("Disappeared", {"missing", "gone"})):
        wanted = {change.asset_id for change, _ in events if change.kind in kinds}
        assert shown[f"{label}, 7 days"] == str(len(wanted)) != "0"


def test_the_untagged_are_counted_among_those_whose_tags_are_known(house: Finops) -> None:
    app = opened(PAGE)
    without = assets(house, AssetFilter(tags=(TagTerm("Environment", ("",)),)))[1]
    carrying = assets(house, AssetFilter(tags=(TagTerm("Environment", ("",), exclude=True),)))[1]
    share = Decimal(without) / (without + carrying) * 100
    assert figures(app)["Without Environment"] == numbers.percent(share)
    assert plain(app.metric[3].proto.delta_description).startswith(f"{without:,} assets")


def test_the_table_shows_the_dearest_first_fifty_at_a_time(house: Finops) -> None:
    app = opened(PAGE)
    wanted, total = assets(house, sort="cost", descending=True)
    assert list(table(app)["name"]) == [asset.name or asset.resource_id for asset in wanted]
    assert list(table(app).columns) == list(asset_table.DEFAULT)
    assert f"1–50 of {total:,}" in words(app)


def test_the_head_says_which_days_the_costs_are_of(house: Finops) -> None:
    period = house.costs.resource_period("demo")
    assert period is not None
    days = numbers.days(period, today=house.now().date())
    app = opened(PAGE)
    settings = json.loads(app.dataframe[0].proto.columns)
    assert settings["cost"]["label"] == f"Cost {days}, $"
    asset = assets(house, sort="cost", descending=True)[0][0]
    cells = [plain(str(cell)) for one in opened(PAGE, {"asset": [asset.asset_id]}).table for cell in one.value["label"]]
    assert f":gray[Cost, {plain(days)}]" in cells


def test_pages_turn_and_one_that_is_not_there_is_the_last(house: Finops) -> None:
    wanted, total = assets(house, sort="name", offset=50)
    app = opened(PAGE, {"sort": ["name"], "page": ["2"]})
    assert list(table(app)["name"]) == [asset.name or asset.resource_id for asset in wanted]
    assert f"51–100 of {total:,}" in words(app)
    last = opened(PAGE, {"sort": ["name"], "page": ["9999"]})
    assert f"–{total:,} of {total:,}" in words(last)
    assert link(last)["page"] == [str(-(-total // 50))]


def test_beside_the_table_assets_are_counted_by_service(house: Finops) -> None:
    app = opened(PAGE, {"by": ["region"]})
    assert app.segmented_control(key="inventory.by").value == "region"
    counts = house.inventory.counts("demo", AssetFilter(), ("region",))["region"]
    most = max(counts, key=lambda region: counts[region])
    (chart,) = app.get("plotly_chart")
    assert f"{most}: {counts[most]:,} of {sum(counts.values()):,} assets" in plain(chart.proto.alt)


def test_it_names_who_denies_what_and_what_to_grant(house: Finops) -> None:
    app = opened(PAGE)
    standing = house.inventory.standing("demo")
    said = plain(app.warning[0].value)
    assert said.startswith(f"**{len(standing.failed)} of 8 accounts partly read.** sandbox denies")
    text = words(app)
    sandbox = next(account for account in house.inventory.accounts("demo") if account.name == "sandbox")
    for failure in standing.failures:
        assert plain(failure.message)[:40] in text
        if failure.missing_action:
            assert f"**sandbox ({sandbox.id})**" in text
            assert f"grant `{failure.missing_action}` to the role" in text


def test_a_filter_on_what_was_read_in_full_brings_no_warning(house: Finops) -> None:
    app = opened(PAGE, {"service": ["redshift"]})
    assert sound(app)
    assert not app.warning


# Links and filters


EVERYTHING = {
    "search": ["prod"],
    "account": ["105810581058"],
    "service": ["ec2", "rds"],
    "kind": ["ec2:instance"],
    "region": ["us-east-1"],
    "state": ["running"],
    "lifecycle": ["active"],
    "tag": ["Environment=production", "Environment="],
    "exclude_tag": ["Owner=nobody"],
    "older_than_days": ["1"],
    "newer_than_days": ["3000"],
    "min_cost": ["0.01"],
    "max_cost": ["99999.00"],
    "sort": ["created"],
    "order": ["asc"],
    "since": ["monday"],
    "by": ["account"],
    "change": ["missing"],
}
ONLY = AssetFilter(
    search="prod",
    accounts=("105810581058",),
    services=("ec2", "rds"),
    kinds=("ec2:instance",),
    regions=("us-east-1",),
    states=("running",),
    lifecycles=(Lifecycle.ACTIVE,),
    tags=(TagTerm("Environment", ("production", "")), TagTerm("Owner", ("nobody",), exclude=True)),
    older_than_days=1,
    newer_than_days=3000,
    min_cost=Decimal("0.01"),
    max_cost=Decimal(99999),
)


def test_a_link_reproduces_every_filter_and_the_widgets_show_it(house: Finops) -> None:
    app = opened(PAGE, EVERYTHING)
    assert sound(app)
    assert link(app) == EVERYTHING
    wanted, total = assets(house, ONLY, sort="created")
    assert total > 0
    assert list(table(app)["name"]) == [asset.name for asset in wanted]
    assert app.text_input(key="inventory.search").value == "prod"
    assert app.multiselect(key="inventory.account").value == ["105810581058"]
    assert app.multiselect(key="inventory.tag:Environment").value == ["production", ""]
    assert app.toggle(key="inventory.tag_excluded:Owner").value is True
    assert app.number_input(key="inventory.older").value == 1
    assert app.number_input(key="inventory.min_cost").value == 0.01
    again = app.run()
    assert link(again) == EVERYTHING, "nothing drifts when the page is drawn again"
    assert figures(again)["Active assets"] == f"{total:,}", "key figures are those of the list"


def test_a_widget_rewrites_the_link_and_starts_at_the_first_page(house: Finops) -> None:
    app = opened(PAGE, {"page": ["3"]})
    app.multiselect(key="inventory.region").select("us-east-1").run()
    assert link(app) == {"region": ["us-east-1"]}
    app.text_input(key="inventory.search").set_value("  orders   db ").run()
    assert link(app)["search"] == ["orders db"]
    app.number_input(key="inventory.older").set_value(30).run()
    app.multiselect(key="inventory.tag_keys").select("Owner").run()
    app.multiselect(key="inventory.tag:Owner").select("").run()
    assert link(app)["older_than_days"] == ["30"]
    assert link(app)["tag"] == ["Owner="]
    wanted = AssetFilter("orders db", regions=("us-east-1",), tags=(TagTerm("Owner", ("",)),), older_than_days=30)
    total = assets(house, wanted)[1]
    assert figures(app)["Active assets"] == f"{assets(house, replace(wanted, lifecycles=(Lifecycle.ACTIVE,)))[1]:,}"
    assert (f"of {total:,}" in words(app)) or total == 0


def test_kinds_are_those_of_the_chosen_services(house: Finops) -> None:
    app = opened(PAGE, {"kind": ["ec2:instance", "rds:db"]})
    app.multiselect(key="inventory.service").select("rds").run()
    offered = app.multiselect(key="inventory.kind")
    assert offered.value == ["rds:db"]
    assert link(app) == {"service": ["rds"], "kind": ["rds:db"]}
    assert set(offered.options) <= {
        asset_names.kind_name(kind) for kind in house.inventory.counts("demo", AssetFilter())["kind"] if "rds:" in kind
    } | {asset_names.kind_name("rds:db")}


def test_another_column_goes_its_own_way_and_can_be_turned_round(house: Finops) -> None:
    app = opened(PAGE)
    app.selectbox(key="inventory.sort").select("name").run()
    assert link(app) == {"sort": ["name"]}
    app.segmented_control(key="inventory.order").set_value("desc").run()
    assert link(app) == {"sort": ["name"], "order": ["desc"]}
    wanted, _ = assets(house, sort="name", descending=True)
    assert list(table(app)["name"]) == [asset.name or asset.resource_id for asset in wanted]
    app.selectbox(key="inventory.sort").select("created").run()
    assert link(app) == {"sort": ["created"]}


def test_an_empty_list_says_which_filter_to_loosen_and_does_it(house: Finops) -> None:
    app = opened(PAGE, {"service": ["redshift"], "region": ["ap-southeast-1"], "search": ["warehouse"]})
    assert sound(app)
    assert "No asset matches" in words(app)
    count = assets(house, AssetFilter("warehouse", services=("redshift",)))[1]
    button(app, f"Drop region ap-southeast-1: {numbers.counted(count, 'asset')}").click().run()
    assert link(app) == {"search": ["warehouse"], "service": ["redshift"]}
    assert len(table(app)) == count


def test_a_hostile_link_falls_back_with_a_notice(house: Finops) -> None:
    bad = HOSTILE[0]
    app = opened(PAGE, {"sort": [bad], "page": [bad], "asset": [bad], "min_cost": ["NaN"], bad: ["1"], "region": [bad]})
    assert sound(app)
    assert "The link's sort must be one of" in words(app)
    assert "The link's min_cost must be an amount" in words(app)
    assert f"**Region** {bad}" in words(app), "no asset is there, and the filter says so"
    assert not any("](https" in str(part.value) for part in [*app.markdown, *app.info, *app.warning])


# One asset


def test_selecting_opens_everything_about_an_asset(house: Finops) -> None:
    asset = next(one for one in assets(house, AssetFilter(kinds=("ec2:volume",), states=("in-use",)))[0] if one.tags)
    detail = house.inventory.detail("demo", asset.asset_id)
    app = opened(PAGE, {"asset": [asset.asset_id]})
    assert sound(app)
    assert link(app) == {"asset": [asset.asset_id]}
    assert plain(app.subheader[1].value) == asset.name
    assert app.code[0].value == asset.arn
    cells = {plain(str(row["label"])): plain(str(row["value"])) for one in app.table for _, row in one.value.iterrows()}
    assert cells[":gray[Region]"] == asset.region
    assert asset.account in cells[":gray[Account]"]
    for tag, value in asset.tags.items():
        assert cells[f":gray[{tag}]"] == value
    assert cells[":gray[Size, GiB]"] == f"{asset.details['size_gib']:,}"
    tabs = [tab.label for tab in app.tabs]
    assert tabs == [
        f"Tags {len(asset.tags)}",
        "Details",
        f"Related {len(detail.neighbours)}",
        f"History {len(detail.history)}",
    ]
    assert any(address.startswith("https://console.aws.amazon.com/go/view?arn=") for address in addresses(app))


def test_relationships_lead_to_the_other_asset_and_back_to_the_counts(house: Finops) -> None:
    volume = assets(house, AssetFilter(kinds=("ec2:volume",), states=("in-use",)))[0][0]
    instance = next(one.asset for one in house.inventory.detail("demo", volume.asset_id).neighbours if one.asset)
    app = opened(PAGE, {"asset": [volume.asset_id], "sort": ["name"]})
    button(app, f":gray[Attached to] {instance.name} :gray[· EC2 instance]").click().run()
    assert link(app) == {"asset": [instance.asset_id], "sort": ["name"]}
    assert plain(app.subheader[1].value) == instance.name
    button(app, "Close").click().run()
    assert link(app) == {"sort": ["name"]}
    assert plain(app.subheader[1].value) == "By"


def test_another_filter_closes_the_asset_and_another_order_keeps_it(house: Finops) -> None:
    asset = assets(house)[0][0]
    app = opened(PAGE, {"asset": [asset.asset_id]})
    app.selectbox(key="inventory.sort").select("region").run()
    assert link(app)["asset"] == [asset.asset_id]
    app.multiselect(key="inventory.region").select("us-east-1").run()
    assert "asset" not in link(app)


def test_a_link_to_an_asset_that_is_not_here_says_so(house: Finops) -> None:
    app = opened(PAGE, {"asset": ["0" * 32]})
    assert sound(app)
    assert "The asset that the link opens is not in this inventory" in words(app)
    assert "asset" not in link(app)


def test_history_tells_before_and_after(house: Finops) -> None:
    change, asset = next(
        (change, asset)
        for change, asset in house.inventory.changes("demo", since=WEEK_AGO, kinds=(ChangeKind.CHANGED,))
        if change.field == "state"
    )
    text = words(opened(PAGE, {"asset": [asset.asset_id], "lifecycle": ["active", "missing", "gone"]}))
    assert f"State changed: {change.before} → {change.after}" in text


# What changed


def test_what_changed_since_monday_is_counted_and_listed_with_the_same_filters(house: Finops) -> None:
    only = AssetFilter(services=("ec2",))
    app = opened(PAGE, {"since": ["monday"], "service": ["ec2"]})
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    events = house.inventory.changes("demo", since=monday, only=replace(only, lifecycles=()), limit=5000)
    assert len(events) > 10
    pills = [plain(label) for label in app.pills(key="inventory.change").options]
    for kind in {change.kind for change, _ in events}:
        count = len({change.asset_id for change, _ in events if change.kind is kind})
        assert f"{kind.value.capitalize()} {count:,}" in pills
    rows = app.dataframe[-1].value
    assert len(rows) == min(len(events), 200)
    assert list(rows["Asset"])[:5] == [asset.name or asset.resource_id for _, asset in events][:5]


def test_one_kind_of_change_can_be_listed_alone(house: Finops) -> None:
    app = opened(PAGE, {"change": ["missing"]})
    assert set(app.dataframe[-1].value["What"]) == {"Missing"}
    app.pills(key="inventory.change").unselect("missing").run()
    assert link(app) == {}
    assert len(set(app.dataframe[-1].value["What"])) > 1


# Discovery


def test_who_may_not_discover_sees_no_button_and_who_may_does(house: Finops) -> None:
    labels = {
        persona: {plain(one.label) for one in opened(PAGE, persona=persona).button}
        for persona in ("analyst", "manager")
    }
    assert "Discover all accounts" in labels["manager"]
    assert "Only the 2 accounts read in part" in labels["manager"]
    assert not any("iscover" in label or label.startswith("Only") for label in labels["analyst"])


# Columns and files


def test_export_links_name_tenant_filters_order_columns_and_format(house: Finops) -> None:
    app = opened(PAGE, {"region": ["us-east-1"], "tag": ["Owner="], "sort": ["name"]})
    files = [address for address in addresses(app) if address.startswith("/api/assets?")]
    assert len(files) == 4
    for address in files:
        assert "tenant=demo&region=us-east-1&tag=Owner%3D&sort=name&order=asc" in address
    assert [re.search(r"format=(\w+)", address)[1] for address in files] == ["csv", "xlsx"] * 2  # type: ignore[index]
    assert "columns=asset_id&columns=name&columns=cost&columns=currency" in files[0]
    assert "columns" not in files[2]
    assert "The file names the 2 accounts that could not be read in full." in words(opened(PAGE))
