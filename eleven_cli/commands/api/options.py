"""The options of `eleven api`, as they are typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from eleven_cli.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class RequestOptions:
    """What to ask, as in `eleven api --help`."""

    words: tuple[str, ...] = ()
    method: str | None = None
    fields: Sequence[str] = ()
    raw_fields: Sequence[str] = ()
    form: Sequence[str] = ()
    query: Sequence[str] = ()
    headers: Sequence[str] = ()
    input: str | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerOptions:
    """What to do with the answer, as in `eleven api --help`."""

    output: str | None = None
    jq: str | None = None
    paginate: bool = False
    include: bool = False
    no_clobber: bool = False
    confirm: bool = False
    as_json: bool = False

    def refuse_contradictions(self, *, dry_run: bool, curl: bool) -> None:
        """Raise UsageError for options that exclude each other."""
        if curl and dry_run:
            raise UsageError("give either --curl or --dry-run, not both")
        for name, is_given in {"--include": self.include, "--curl": curl}.items():
            if self.paginate and is_given:
                raise UsageError(f"--paginate cannot be used with {name}", hint=f"omit {name}")
