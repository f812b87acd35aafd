"""`eleven usage`"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import typer

from eleven_cli.commands.options import JsonFlag
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NetworkError, PermissionMissing
from eleven_cli.terminal.messages import counted
from eleven_cli.terminal.text import iso_time

if TYPE_CHECKING:
    from eleven_cli.api.account.subscription import Subscription
    from eleven_cli.api.account.usage import DailyUsage

EXAMPLES = """eleven usage
eleven usage --json | jq .left"""
DAYS = 30
ROWS = 4
BARS = " ▁▂▃▄▅▆▇█"


def usage(ctx: typer.Context, json: JsonFlag = False) -> None:
    """Show the plan, and the credits used and left.

    It also shows when they are renewed, and on a terminal a chart of the last 30 days (in UTC), where the key
    may see them.
    """
    context: Context = ctx.obj
    terminal = context.terminal
    plan = _subscription(context)
    today = datetime.now(UTC).date()
    if json:
        terminal.json({**_value(plan), "days": _days(context, today)})
        return
    if not terminal.stdout_is_terminal:
        terminal.rows(("", ""), _plain_rows(plan))
        return
    terminal.rows(("", ""), _rows(plan))
    for line in chart(_days(context, today) or [], terminal.width):
        terminal.print(line)


def chart(days: "Sequence[DailyUsage]", width: int) -> list[str]:
    """Bars of a few lines, one column a day, the latest days if not all fit; no line without days. Pure."""
    used = sum(day.credits for day in days)
    if not used:
        return ["", f"last {len(days)} days: no credits used"] if days else []
    shown = days[-max(width, 1) :]
    gap = " " if 2 * len(shown) - 1 <= width else ""
    most = max(day.credits for day in shown)
    heights = [_height(day.credits, most) for day in shown]
    lines = [gap.join(_bar(height - 8 * row) for height in heights).rstrip() for row in reversed(range(ROWS))]
    first, last = (f"{date.fromisoformat(day.date):%d %b}" for day in (shown[0], shown[-1]))
    axis = first + last.rjust(len(shown) + len(gap) * (len(shown) - 1) - len(first))
    most_a_day = max(day.credits for day in days)
    return [
        "",
        f"last {len(days)} days: {counted(round(used), 'credit')}, at most {most_a_day:,.0f} a day",
        *lines,
        axis,
    ]


def _subscription(context: Context) -> "Subscription":
    from eleven_cli.api.account.subscription import subscription

    try:
        return subscription(context.client)
    except PermissionMissing as missing:
        if "user_read" not in missing.message:
            missing.message += " (user_read)"
        raise


def _days(context: Context, today: date) -> "list[DailyUsage] | None":
    """The credits of each day; None where the key may not see them, which is said."""
    from eleven_cli.api.account.usage import credits_by_day

    try:
        return credits_by_day(context.client, today, days=DAYS)
    except NetworkError:
        raise
    except ElevenError as refused:
        context.terminal.note(f"no daily figures: {refused.message}")
        return None


def _value(plan: "Subscription") -> dict[str, object]:
    return {
        "plan": plan.plan,
        "status": plan.status or None,
        "used": plan.used,
        "left": plan.left,
        "limit": plan.limit,
        "extension": plan.extension,
        "overage": plan.overage,
        "resets_at": iso_time(plan.resets_at) or None,
    }


def _plain_rows(plan: "Subscription") -> list[tuple[str, str]]:
    """Names and values for programs: plain numbers, ISO 8601."""
    members = {**_value(plan), "overage": " ".join(plan.overage.values()) if plan.overage else None}
    return [(name, "" if value is None else str(value)) for name, value in members.items()]


def _rows(plan: "Subscription") -> list[tuple[str, str]]:
    """The same for a person."""
    beyond = f"{plan.extension:,}" if isinstance(plan.extension, int) else plan.extension or "unknown"
    more = ", no more" if plan.extension == 0 else f"; beyond it, at extra cost: {beyond}"
    rows = [
        ("plan", f"{plan.plan} ({plan.status})" if plan.status not in ("", plan.plan) else plan.plan),
        ("used", counted(plan.used, "credit")),
        ("left", counted(plan.left, "credit")),
        ("limit", f"{counted(plan.limit, 'credit')}{more}"),
    ]
    if plan.overage and plan.overage["amount"].strip("0."):
        rows.append(("overage", " ".join(plan.overage.values())))
    return [*rows, ("renewal", _local_date(plan.resets_at))]


def _local_date(moment: int | None) -> str:
    if not iso_time(moment):
        return "never"
    day = datetime.fromtimestamp(moment or 0).date()
    left = (day - datetime.now().date()).days
    return f"{day.day} {day:%B %Y}" + (f", in {left} day{'s' if left > 1 else ''}" if left > 0 else "")


def _height(credits: float, most: float) -> int:
    """In eighths of a line; what is not nothing can be seen."""
    return max(round(8 * ROWS * credits / most), 1) if credits > 0 else 0


def _bar(eighths: int) -> str:
    return BARS[min(max(eighths, 0), 8)]
