"""The command line: `python -m finops …`. Same facade as pages and API, so the same figures.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 done in part, 130 interrupted.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import click

from config import SettingsError
from finops.api.problems import problem, problem_of
from finops.cli.accounts import accounts
from finops.cli.administration import db, doctor, iam_policy
from finops.cli.anomalies import anomalies
from finops.cli.audit import audit
from finops.cli.bill import bill
from finops.cli.budgets import budgets
from finops.cli.costs import costs
from finops.cli.findings import findings
from finops.cli.forecast import forecast
from finops.cli.frame import Choices, complain, shared_options
from finops.cli.inventory import inventory
from finops.cli.jobs import jobs, worker
from finops.cli.kpis import kpis
from finops.cli.prefs import prefs
from finops.cli.prices import prices
from finops.cli.report import report
from finops.cli.schedule import schedule
from finops.cli.tags import tags
from finops.model.errors import ConfigError, FinopsError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.api.envelope import Document

log = logging.getLogger(__name__)

PROGRAM = "python -m finops"
FAILED, USAGE, INTERRUPTED = 1, 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@shared_options
@click.pass_context
def finops(context: click.Context, *, as_json: bool, tenant: str | None) -> None:
    """AWS costs and assets: refresh and discover them, ask for them, import bills, reconcile sources."""
    context.obj = Choices(as_json=as_json, tenant=tenant)


for _command in (
    db,
    costs,
    accounts,
    inventory,
    findings,
    anomalies,
    budgets,
    forecast,
    kpis,
    tags,
    prices,
    bill,
    report,
    schedule,
    jobs,
    worker,
    prefs,
    audit,
    doctor,
    iam_policy,
):
    finops.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error of ours becomes one line on stderr, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        return int(finops.main(given, prog_name=PROGRAM, standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except (click.ClickException, SettingsError, FinopsError) as error:
        code = FAILED if isinstance(error, FinopsError) and not isinstance(error, InputError | ConfigError) else USAGE
        return complain(_told(error), as_json=as_json, code=code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("finops: interrupted", err=True)
        return INTERRUPTED
    except Exception:  # the edge: the log gets the traceback, the caller one line
        log.exception("command failed")
        told = problem("failed", "something went wrong that should not; the lines above say where")
        return complain(told, as_json=as_json, code=FAILED)


def _told(error: click.ClickException | SettingsError | FinopsError) -> Document:
    if isinstance(error, FinopsError):
        return problem_of(error)
    if isinstance(error, SettingsError):
        return problem("config", str(error), variable=str(error).partition(":")[0])
    parameter = getattr(error, "param", None)
    field = {"field": parameter.name} if isinstance(parameter, click.Parameter) and parameter.name else {}
    return problem("input", error.format_message(), **field)
