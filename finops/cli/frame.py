"""What all commands share: `--json` and `--tenant`, the opened facade, one result for a person, a pipe or a program."""

from __future__ import annotations

import functools
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from config import Settings, load_settings
from finops.api.envelope import Document, failure_line, json_text
from finops.api.parameters import tenant_name
from finops.cli.text import Table, aligned, printable, tab_separated
from finops.facade import Finops, open_finops
from finops.health import logs
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from finops.model.outcome import Failure
    from finops.model.people import Person, Right

OPERATOR = "admin"
"""Who sits at the terminal: whoever can run a command holds the database and the keys already."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Choices:
    """The two options that every command takes, before or after its name."""

    as_json: bool = False
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a command has to say: a document for programs, a table and sentences for people, failures, the exit code."""

    document: Document
    sentences: tuple[str, ...] = ()
    table: Table | None = None
    failures: tuple[Failure, ...] = ()
    code: int = 0
    verbatim: str = ""  # printed as it is instead of table and sentences


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one command."""

    settings: Settings
    choices: Choices

    @contextmanager
    def finops(self) -> Iterator[Finops]:
        """The facade, closed at the end; StoreError when the database or the lake cannot be used."""
        opened = open_finops(self.settings)
        try:
            yield opened
        finally:
            opened.close()

    def person(self, finops: Finops, right: Right, tenant: str) -> Person:
        """The operator, allowed to do this; NotAllowed otherwise."""
        person = finops.access.person(OPERATOR)
        finops.access.demand(person, right, tenant=tenant)
        return person

    def writing_tenant(self) -> str:
        """The tenant a command writes to: `--tenant`, else FINOPS_TENANT."""
        return tenant_name(self.choices.tenant or self.settings.tenant)

    def reading_tenant(self, finops: Finops) -> str:
        """The tenant a command reads: `--tenant`, else FINOPS_TENANT when set; the demo opens where its pages open."""
        named = self.choices.tenant or (self.settings.tenant if "tenant" in self.settings.model_fields_set else "")
        if named or self.settings.mode != "demo":
            return tenant_name(named or self.settings.tenant)
        return finops.access.opening_tenant(finops.access.person(OPERATOR))

    def fetching_tenant(self, made_up: str) -> str:
        """The tenant that AWS's answers go to. In demo mode they (`made_up`: costs, assets …) go to `demo` only.

        InputError for any other wish.
        """
        wanted = self.settings.refresh_tenant
        if self.settings.mode != "demo":
            return self.writing_tenant()
        if self.choices.tenant not in {None, wanted}:
            told = f"in demo mode {made_up} are made up, and made-up data lives in tenant {wanted} only"
            raise InputError("tenant", told)
        return wanted

    def progress(self, done: int, total: int, now: str) -> None:
        """One line that overwrites itself, on a terminal only."""
        if sys.stderr.isatty():
            click.echo(f"\r\033[K{done}/{total} {printable(now)[:100]}", err=True, nl=False)
            if done >= total:
                click.echo("\r\033[K", err=True, nl=False)


def shared_options(function: Callable[P, R]) -> Callable[P, R]:
    """Adds `--json` and `--tenant`."""
    as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, nothing else there.")
    tenant = click.option("--tenant", metavar="NAME", help="Tenant to work for; default FINOPS_TENANT.")
    return as_json(tenant(function))


def reported(function: Callable[..., Result]) -> Callable[..., int]:
    """Makes a click command of a function from a Session and options to a Result: reads settings, prints, exits."""

    @shared_options
    @click.pass_context
    @functools.wraps(function)
    def command(context: click.Context, /, *, as_json: bool, tenant: str | None, **options: object) -> int:
        before = context.find_object(Choices) or Choices()
        choices = Choices(as_json=as_json or before.as_json, tenant=tenant or before.tenant)
        settings = load_settings(environ_endpoint=os.environ.get("AWS_ENDPOINT_URL", ""))
        logs.configure(settings.log_level)
        return show(function(Session(settings, choices), **options), as_json=choices.as_json)

    return command


class SeveralValues(click.Command):
    """A command without arguments whose repeatable options also take several values at once: `--account A B`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeats the option before each further value, then parses as usual."""
        repeatable = {
            name
            for option in self.params
            if isinstance(option, click.Option) and option.multiple
            for name in option.opts
        }
        spread: list[str] = []
        current = ""
        for place, argument in enumerate(args):
            if argument.startswith("-"):
                name = argument.partition("=")[0]
                current = name if name in repeatable else ""
            elif current and args[place - 1] != current:
                spread.append(current)
            spread.append(argument)
        return super().parse_args(ctx, spread)


def show(result: Result, *, as_json: bool) -> int:
    """Prints a result to where it belongs and returns its exit code."""
    if as_json:
        click.echo(json_text(result.document))
    elif result.verbatim:
        click.echo(result.verbatim)
        _sentences(result.sentences, err=True)
    else:
        terminal = sys.stdout.isatty()
        if result.table:
            click.echo("".join(aligned(result.table) if terminal else tab_separated(result.table)), nl=False)
        _sentences(result.sentences, err=result.table is not None and not terminal)
    for failure in result.failures:
        click.echo(f"finops: {printable(failure_line(failure))}", err=True)
    return result.code


def complain(told: Document, *, as_json: bool, code: int) -> int:
    """One line on stderr; with `--json` the problem object on stdout too, so that a program always reads one object."""
    if as_json:
        click.echo(json_text({"error": told}))
    click.echo(f"finops: {printable(str(told['detail']))}", err=True)
    return code


def _sentences(sentences: tuple[str, ...], *, err: bool) -> None:
    for sentence in sentences:
        click.echo(printable(sentence), err=err)
