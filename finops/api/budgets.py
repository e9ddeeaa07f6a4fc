"""`/api/budgets`: how budgets stand, one of them with its burn-down, changes to them, and what growth would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.budget_documents import budget_document, budgets_document, removed_document, what_if_document
from finops.api.budget_parameters import BUDGET_ID, budget_id, growth_of, is_budget_id, removal, wished_budget
from finops.api.costs import TENANT
from finops.api.endpoints import Asked, Endpoint
from finops.api.problems import problem
from finops.api.replies import document_reply, problem_reply
from finops.model.errors import InputError
from finops.model.people import Right
from user_prefs import alert_percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from finops.api.envelope import Document
    from finops.facade import Finops


def budgets(finops: Finops, asked: Asked) -> Response:
    """Every budget and how it stands, by name."""
    return document_reply(list_document(finops, asked.tenant))


def list_document(finops: Finops, tenant: str) -> Document:
    """Every budget of a tenant."""
    return budgets_document(finops.budgets.list(tenant), finops.budgets.imported(tenant), tenant)


def budget(finops: Finops, asked: Asked) -> Response:
    """One budget with its burn-down and what was crossed; 404 when there is none."""
    wanted = str(asked.request.path_params["id"])
    document = one_document(finops, asked.tenant, wanted)
    if document is None:
        told = "There is no budget of this id."
        return problem_reply(problem("not-found", told, field="id", instance=asked.request.url.path))
    return document_reply(document)


def one_document(finops: Finops, tenant: str, wanted: str) -> Document | None:
    """One budget with its burn-down; None when there is none."""
    if not is_budget_id(wanted):
        return None
    try:
        return budget_document(finops.budgets.show(tenant, wanted))
    except InputError:
        return None


def save(finops: Finops, asked: Asked) -> Response:
    """Makes a budget, or replaces one."""
    return document_reply(saved_document(finops, asked.tenant, asked.sent, by=asked.person.principal))


def saved_document(finops: Finops, tenant: str, sent: Mapping[str, object], *, by: str) -> Document:
    """The budget as it stands once it is kept. InputError, and nothing kept, for what breaks a rule."""
    percent = alert_percent(finops.settings, by, tenant)
    wish = wished_budget(sent, tenant, today=finops.now().date(), alert_percent=percent)
    kept = finops.budgets.save(wish, by=by)
    return budget_document(finops.budgets.show(tenant, kept.budget_id))


def remove(finops: Finops, asked: Asked) -> Response:
    """Forgets a budget and what was crossed of it."""
    gone = finops.budgets.remove(asked.tenant, removal(asked.sent), by=asked.person.principal)
    return document_reply(removed_document(gone))


def what_if(finops: Finops, asked: Asked) -> Response:
    """What growth would do to a budget; nothing is kept."""
    return document_reply(tried_document(finops, asked.tenant, asked.sent))


def tried_document(finops: Finops, tenant: str, sent: Mapping[str, object]) -> Document:
    """What growth would do in each period ahead. InputError for what breaks a rule, and an unknown budget."""
    growth = growth_of(sent)
    return what_if_document(finops.budgets.what_if(tenant, budget_id(sent), growth))


ENDPOINTS = (
    Endpoint(
        path="/api/budgets",
        operation="budgets",
        summary="Every budget: what is spent, what its period is expected to end at, and how it stands",
        right=Right.VIEW_BUDGETS,
        parameters=(TENANT,),
        answer=budgets,
        schema="Budgets",
        example="",
    ),
    Endpoint(
        path="/api/budgets",
        operation="saveBudget",
        summary="Makes a budget, or replaces the one whose `budget_id` is sent",
        right=Right.EDIT_BUDGETS,
        parameters=(TENANT,),
        answer=save,
        schema="Budget",
        example="",
        method="POST",
        body="BudgetWish",
    ),
    Endpoint(
        path="/api/budgets/remove",
        operation="removeBudget",
        summary="Forgets a budget and what was crossed of it",
        right=Right.EDIT_BUDGETS,
        parameters=(TENANT,),
        answer=remove,
        schema="BudgetRemoved",
        example="",
        method="POST",
        body="BudgetRemoval",
    ),
    Endpoint(
        path="/api/budgets/what-if",
        operation="tryBudget",
        summary="What growth, or a single amount on a day, would do to a budget; nothing is kept",
        right=Right.VIEW_BUDGETS,
        parameters=(TENANT,),
        answer=what_if,
        schema="BudgetWhatIf",
        example="",
        method="POST",
        body="BudgetGrowth",
    ),
    Endpoint(
        path="/api/budgets/{id}",
        operation="budget",
        summary="One budget with its daily burn-down, and the thresholds that were crossed",
        right=Right.VIEW_BUDGETS,
        parameters=(TENANT,),
        answer=budget,
        schema="Budget",
        example="",
        within=(BUDGET_ID,),
    ),
)
"""The path of one budget comes last: it would match the others below `/api/budgets/`."""
