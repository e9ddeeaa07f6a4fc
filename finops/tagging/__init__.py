"""Tag compliance in dollars: a policy, what it says of every asset, why dollars are untagged, and what would mend it.

    tagging.compliance("default", by="account")
    tagging.save("default", policy, over=tagging.policy("default").version, by="ann", note="cost centres")

Reading never calls AWS, and nothing here ever changes a tag there: fixes are lists for a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from finops.model.assets import AssetFilter
from finops.model.errors import InputError
from finops.model.jobs import Outcome, Progress
from finops.model.outcome import Failure
from finops.model.tagging import UNTAGGED, VIOLATIONS, Activation, PolicyVersion, Rule, TagVerdict
from finops.tagging import what_if as trial
from finops.tagging.autopsy import Autopsy, parts_of
from finops.tagging.aws_policy import Exported, exported, imported
from finops.tagging.compliance import Compliance, compliance
from finops.tagging.evaluation import VERDICTS, Evaluation
from finops.tagging.fixing import Fix, fix_of
from finops.tagging.history import HISTORY_DAYS, Movement, movement
from finops.tagging.policy import STARTER, checked, policy_document, policy_of
from finops.tagging.scoring import day_scores
from finops.tagging.sight import TagSight
from finops.tagging.variants import Cluster, key_clusters, value_clusters
from finops.tagging.violations import (
    Violation,
    ViolationPage,
    ViolationQuestion,
    asked_of,
    judged_of,
    listed,
    violating,
    violations,
)
from finops.tagging.what_if import WhatIf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from finops.inventory import Inventory
    from finops.model.period import Period
    from finops.model.tagging import DayScore, Policy, TaggedAsset
    from finops.store import Store
    from finops.store.tag_policies import KeptPolicy
    from finops.tagging.billing import Bill
    from finops.tagging.estate import Flags
    from finops.tagging.suggestions import Accuracy, Guess, Guesser

__all__ = [
    "Suggestion", "Suggestions", "Tagging", "Variants", "Violation", "ViolationPage", "ViolationQuestion", "WhatIf",
]  # fmt: skip

TREND_DAYS = 90
SUGGESTED = 500
"""So many suggestions or fixes are made unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely value for one asset without it."""

    asset: TaggedAsset
    verdict: TagVerdict
    guess: Guess


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Likely values of a key for assets without it, dearest assets first.

    `signals` and `overall` are measured on tagged assets (leave one out). `untagged` assets lack the key in all.
    """

    key: str
    overall: Accuracy
    signals: tuple[Accuracy, ...]
    items: tuple[Suggestion, ...]
    untagged: int


@dataclass(frozen=True, slots=True)
class Variants:
    """Spellings that mean the same: of keys, and by key of its values."""

    keys: tuple[Cluster, ...]
    values: tuple[tuple[str, tuple[Cluster, ...]], ...] = field(default=())


class Tagging:
    """Tag compliance of every tenant. Safe to share between threads."""

    def __init__(self, store: Store, inventory: Inventory, bill: Bill, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._inventory = inventory
        self._bill = bill
        self._now = now
        self._sight = TagSight(store, inventory)

    # Policy

    def starter(self) -> Policy:
        """The policy that is offered while none is kept."""
        return STARTER

    def policy(self, tenant: str, version: int | None = None) -> PolicyVersion:
        """The policy that holds, the starter as version 0 while none is kept; or one of its versions.

        InputError for a version that there is not.
        """
        kept = self._store.tag_policies.latest(tenant) if version is None else None
        if version:
            kept = self._store.tag_policies.of_version(tenant, version)
            if kept is None:
                raise InputError("version", f"there is no version {version} of the tag policy")
        return PolicyVersion(0, STARTER) if kept is None else _version(kept)

    def versions(self, tenant: str) -> tuple[PolicyVersion, ...]:
        """Every version kept, newest first."""
        return tuple(_version(kept) for kept in self._store.tag_policies.versions(tenant))

    def save(self, tenant: str, policy: Policy, *, over: int, by: str, note: str = "") -> PolicyVersion:
        """Keeps a policy as the version after `over`, the number of the one it began from.

        InputError for a faulty rule (`rules[3].values[1]`), and on `version` when another one was saved meanwhile.
        """
        sound = policy_of(policy_document(checked(policy)))
        kept = self._store.tag_policies.save(
            tenant, policy_document(sound), over=over, by=by, at=self._now(), note=note[:1_000]
        )
        return _version(kept)

    def import_policy(self, text: str | bytes) -> Policy:
        """The policy of an AWS Organizations tag policy; keeps nothing. InputError naming the part at fault."""
        return imported(text)

    def export_policy(self, tenant: str) -> Exported:
        """The policy that holds as AWS takes it, and what AWS cannot say of it."""
        return exported(self.policy(tenant).policy)

    # Evaluation

    def evaluation(self, tenant: str) -> Evaluation:
        """The verdicts of the policy that holds."""
        return self._sight.evaluation(tenant, self.policy(tenant), self._now().date())

    def compliance(self, tenant: str, only: AssetFilter | None = None, *, by: str = "", key: str = "") -> Compliance:
        """The figures of the assets that a filter asks for, of all rules and of each key, and in groups.

        `by` is account, service, region, kind, owner or tag:<Key>; with `key` groups are about this key alone.
        InputError for an unknown group or key.
        """
        evaluation = self.evaluation(tenant)
        return compliance(evaluation, self._chosen(tenant, evaluation, only), by=by, key=key)

    def movement(self, tenant: str, only: AssetFilter | None = None) -> Movement:
        """Who was compliant and is not any more, and in how many days violations are mended."""
        evaluation, now = self.evaluation(tenant), self._now()
        changes = self._store.tag_assets.changes(tenant, since=now - timedelta(days=HISTORY_DAYS))
        return movement(evaluation, changes, self._chosen(tenant, evaluation, only), now)

    def violations(self, tenant: str, question: ViolationQuestion | None = None) -> ViolationPage:
        """A page of verdicts, dearest assets first: violations unless the question names others."""
        asked = question or ViolationQuestion()
        evaluation = self.evaluation(tenant)
        chosen = self._chosen(tenant, evaluation, asked.filter)
        return violations(evaluation, chosen, asked, self._store.tag_assets.shown)

    def every_violation(self, tenant: str, question: ViolationQuestion, *, rows: int = 1_000) -> Iterator[Violation]:
        """The same without an end to the page, for files: some at a time from the store."""
        evaluation = self.evaluation(tenant)
        pairs = asked_of(evaluation, self._chosen(tenant, evaluation, question.filter), question)
        for start in range(0, len(pairs), rows):
            yield from listed(evaluation, pairs[start : start + rows], self._store.tag_assets.shown)

    def what_if(
        self,
        tenant: str,
        policy: Policy,
        only: AssetFilter | None = None,
        *,
        offset: int = 0,
        limit: int = 100,
    ) -> WhatIf:
        """What another policy would say: both scores, a page of the changed verdicts, rules that nothing can reach.

        InputError for a faulty rule, as `save` would raise it.
        """
        sound = policy_of(policy_document(checked(policy)))
        old = self.evaluation(tenant)
        new = self._sight.another(tenant, old, PolicyVersion(old.policy.version, sound))
        chosen = self._chosen(tenant, old, only)
        found = trial.differences(old, new, chosen)
        page = trial.page_of(found, max(offset, 0), max(limit, 0))
        numbers = [int(old.estate.numbers[place]) for place, _, _, _ in page]
        shown = {asset.asset_no: asset for asset in self._store.tag_assets.shown(numbers)}
        changes = tuple(
            trial.ChangedVerdict(shown[number], key, VERDICTS[before], VERDICTS[after])
            for number, (_, key, before, after) in zip(numbers, page, strict=True)
            if number in shown
        )
        changed = sum(len(each.places) for each in found)
        before, after = trial.scores(old, chosen), trial.scores(new, chosen)
        return WhatIf(before, after, changed, trial.moves(found), changes, trial.unreachable(new), old.policy.version)

    def variants(self, tenant: str, only: AssetFilter | None = None) -> Variants:
        """Keys and values of the policy's keys that are spelled in several ways."""
        evaluation = self.evaluation(tenant)
        chosen, estate = self._chosen(tenant, evaluation, only), evaluation.estate
        rules = evaluation.policy.policy.rules
        values = ((rule.key, value_clusters(estate, chosen, rule)) for rule in rules)
        return Variants(key_clusters(estate, chosen, rules), tuple(each for each in values if each[1]))

    # Dollars

    def autopsy(self, tenant: str, key: str, period: Period | None = None) -> Autopsy:
        """Why dollars are untagged: from stored line items, else from what Cost Explorer said last.

        `period` is the last thirty complete days by default; Cost Explorer tells resources of its last days only. Where
        neither is stored there is no source, and a failure that says what to do.
        """
        wanted = period or self._bill.usual_period(tenant)
        found = self._bill.from_lines(tenant, key, wanted) or self._bill.from_cost_explorer(tenant, key)
        activation = self._bill.activation(tenant, key)
        if found is None:
            told = (
                "No untagged charges are stored by resource: import a bill with line items, or evaluate with the bill"
            )
            return Autopsy(
                key, activation, wanted, failures=(Failure("not_stored", f"{told} (`tags evaluate --bill`)."),)
            )
        policy = self.policy(tenant).policy
        rule = next((rule for rule in policy.rules if rule.key == key), Rule(key))
        notes = found.notes
        activated = activation in {Activation.ACTIVE, Activation.UNKNOWN}
        if activation is Activation.UNKNOWN:
            activated = found.untagged is None or found.untagged != found.total
            known = "knows" if activated else "does not know"
            notes = (*notes, f"Whether {key} is a cost allocation tag was never asked; the bill {known} it.")
        bodies = self._sight.bodies(tenant, policy, {charge.resource for charge in found.charges})
        parts = parts_of(found.charges, rule, bodies.get, activated=activated)
        return Autopsy(
            key, activation, found.period, found.currency, found.metric, found.source, parts, found.untagged,
            found.total, found.fetched, notes, found.failures,
        )  # fmt: skip

    # What to do

    def suggestions(
        self, tenant: str, key: str, only: AssetFilter | None = None, *, limit: int = SUGGESTED
    ) -> Suggestions:
        """Likely values of a key for assets of a filter that lack it. InputError for a key that no rule is about."""
        evaluation = self.evaluation(tenant)
        if evaluation.of_key(key) is None:
            raise InputError("key", f"no rule of the policy is about the key {key[:60]!r}")
        chosen = self._chosen(tenant, evaluation, only)
        guesser = self._sight.guesser(tenant, evaluation, key)
        places = [place for place, _ in violating(evaluation, chosen, (key,), UNTAGGED)]
        found = [(place, guess) for place in places if (guess := guesser.guess(place)) is not None][:limit]
        numbers = [int(evaluation.estate.numbers[place]) for place, _ in found]
        codes = evaluation.of_key(key)
        items = []
        for asset, (place, guess) in zip(self._store.tag_assets.shown(numbers), found, strict=True):
            verdict = VERDICTS[codes[place]] if codes is not None else None
            items.append(Suggestion(asset, verdict or TagVerdict.MISSING, guess))
        return Suggestions(key, guesser.overall, guesser.signals, tuple(items), len(places))

    def fix_list(
        self,
        tenant: str,
        only: AssetFilter | None = None,
        *,
        keys: Sequence[str] = (),
        least_confidence: float = 0.0,
        limit: int = SUGGESTED,
    ) -> tuple[Fix, ...]:
        """Tags that would mend violations, dearest assets first; for a person to set. InputError for an unknown key."""
        evaluation = self.evaluation(tenant)
        chosen = self._chosen(tenant, evaluation, only)
        wanted = tuple(keys) or evaluation.policy.policy.keys
        guessers = {key: self._sight.guesser(tenant, evaluation, key) for key in wanted}
        fixes: list[Fix] = []
        pairs = violating(evaluation, chosen, wanted, VIOLATIONS)
        for start in range(0, len(pairs), SUGGESTED):
            fixes += self._fixes(evaluation, pairs[start : start + SUGGESTED], guessers, least_confidence)
            if len(fixes) >= limit:
                break
        return tuple(fixes[:limit])

    def _fixes(
        self,
        evaluation: Evaluation,
        pairs: Sequence[tuple[int, int]],
        guessers: dict[str, Guesser],
        least: float,
    ) -> Iterator[Fix]:
        numbers = [int(evaluation.estate.numbers[place]) for place, _ in pairs]
        shown = {asset.asset_no: asset for asset in self._store.tag_assets.shown(numbers)}
        for number, (place, rule) in zip(numbers, pairs, strict=True):
            judge, asset = evaluation.rules[rule], shown.get(number)
            judged = None if asset is None else judged_of(evaluation, judge, asset, place)
            if asset is None or judged is None:
                continue
            fix = fix_of(judge, asset, judged, partial(guessers[judge.rule.key].guess, place))
            if fix is not None and fix.confidence >= least:
                yield fix

    # Evaluations that are kept

    def evaluate(
        self,
        tenant: str,
        *,
        bill: bool = False,
        user: str = "",
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Outcome:
        """Keeps how the tenant stands today, for the trend. With `bill` Cost Explorer is asked too, at its price.

        Failures of AWS are part of the outcome.
        """
        evaluation = self.evaluation(tenant)
        if not len(evaluation.estate):
            told = "Nothing is listed yet, so nothing was evaluated; run `inventory discover`."
            return Outcome({}, (Failure("not_listed", told),), nothing_done=True)
        figures = compliance(evaluation, self._chosen(tenant, evaluation, None))
        scores = day_scores(figures, evaluation, self._now())
        self._store.tag_scores.keep(tenant, evaluation.day, scores)
        report(Progress(1, 2 if bill else 1, items=figures.assets, note="evaluated"))
        asked, failures = self._bill.fetch(tenant, evaluation.policy.policy.keys, user=user) if bill else (0, ())
        counts = {"assets": figures.assets, "compliant": figures.score.compliant, "violating": figures.score.violating}
        return Outcome({**counts, "unknown": figures.score.unknown, "keys_asked": asked}, failures)

    def trend(self, tenant: str, key: str = "", *, days: int = TREND_DAYS) -> tuple[DayScore, ...]:
        """Kept scores of the last days, oldest first: of one key, or (empty) of assets as a whole."""
        return self._store.tag_scores.scores(tenant, since=self._now().date() - timedelta(days=days), key=key)

    def version(self, tenant: str) -> str:
        """Changes whenever an answer may: the cache key of everything shown."""
        number = self._store.tag_policies.number(tenant)
        return f"{self._inventory.version(tenant)}:{number}:{self._now().date()}"

    def _chosen(self, tenant: str, evaluation: Evaluation, only: AssetFilter | None) -> Flags:
        return evaluation.estate.among(self._store.tag_assets.numbers(tenant, only or AssetFilter()))


def _version(kept: KeptPolicy) -> PolicyVersion:
    return PolicyVersion(kept.version, policy_of(kept.document), kept.saved, kept.saved_by, kept.note)
