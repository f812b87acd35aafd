"""`eleven api`"""

from typing import Annotated

import typer

from eleven_cli.commands import completed_by
from eleven_cli.commands.options import NoClobber
from eleven_cli.context import Context

EXAMPLES = """eleven api /v1/models
eleven api /v2/voices --paginate --jq .name
eleven api /v1/text-to-speech/VOICE_ID -f text=Hello -o hello.mp3
eleven api /v1/speech-to-text -F model_id=scribe_v2 -F file=@a.mp3
eleven api DELETE /v1/history/ITEM_ID --confirm"""
GROUPS = {
    "Request": ("method", "fields", "raw_fields", "form", "query", "input", "headers"),
    "Answer": ("output", "jq", "paginate", "include", "no_clobber"),
    "Care": ("confirm", "dry_run", "curl"),
}


def api(
    ctx: typer.Context,
    first: Annotated[
        str | None,
        typer.Argument(
            metavar="[METHOD]",
            help="GET, POST, PUT, PATCH, DELETE. Default: GET, or POST with fields.",
            autocompletion=completed_by("complete_method_or_path"),
            show_default=False,
        ),
    ] = None,
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="PATH",
            help="Such as /v1/models or models.",
            autocompletion=completed_by("complete_path"),
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method", "-X", metavar="METHOD", help="The same.", autocompletion=completed_by("complete_method")
        ),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            "-f",
            metavar="NAME=VALUE",
            help="A field of the JSON: true, false, null and numbers as such, else text; @FILE is a file's text; "
            "a[b]=1 nests, a[]=1 fills a list. With GET, a parameter.",
        ),
    ] = None,
    raw_fields: Annotated[
        list[str] | None,
        typer.Option("--raw-field", metavar="NAME=TEXT", help="A field that is text, whatever it looks like."),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option("--form", "-F", metavar="NAME=@FILE", help="Send a form with this file (@- is stdin), or text."),
    ] = None,
    query: Annotated[
        list[str] | None, typer.Option("--query", "-q", metavar="NAME=TEXT", help="A parameter of the address.")
    ] = None,
    input: Annotated[
        str | None, typer.Option("--input", metavar="FILE", help="Send this JSON as it is; - is stdin.")
    ] = None,
    headers: Annotated[
        list[str] | None,
        typer.Option(
            "--header", "-H", metavar="NAME: VALUE", help="A header of the request; the key's is not changed."
        ),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the answer there; - is stdout.")
    ] = None,
    jq: Annotated[
        str | None, typer.Option("--jq", metavar="EXPR", help="Print what this jq expression takes from the answer.")
    ] = None,
    paginate: Annotated[
        bool,
        typer.Option(
            "--paginate", help="Ask for all pages; one entry a line, as JSON. --jq gets each entry, not each page."
        ),
    ] = False,
    include: Annotated[
        bool, typer.Option("--include", "-i", help="Print the answer's status and headers, too.")
    ] = False,
    no_clobber: NoClobber = False,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Ask before anything is sent that may cost, change or delete.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the request; send nothing.")] = False,
    curl: Annotated[
        bool, typer.Option("--curl", help="Print the request as a curl command, without the key; send nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Errors, --dry-run and what is said of a file as JSON.")] = False,
) -> None:
    """Call any endpoint of the service.

    Also those that have no command here. The path is taken with or without /v1; addresses of other servers are refused.

    JSON goes to a pipe or a file byte by byte as it came, and indented to a terminal; audio and other files go to a
    pipe or -o FILE. Errors, retries and exit codes are those of the other commands: nothing is sent twice that may
    have cost or made something.
    """
    from eleven_cli.commands.api.options import AnswerOptions, RequestOptions
    from eleven_cli.commands.api.request import plan_request, server_of

    context: Context = ctx.obj
    asked = RequestOptions(
        words=tuple(word for word in (first, second) if word is not None),
        method=method,
        fields=fields or (),
        raw_fields=raw_fields or (),
        form=form or (),
        query=query or (),
        input=input,
        headers=headers or (),
    )
    answer = AnswerOptions(
        output=output,
        jq=jq,
        paginate=paginate,
        include=include,
        no_clobber=no_clobber,
        confirm=confirm,
        as_json=json,
    )
    answer.refuse_contradictions(dry_run=dry_run, curl=curl)
    plan = plan_request(asked, server_of(context), context.terminal, paginate=paginate)
    if curl:
        from eleven_cli.commands.api.shown import show_curl

        show_curl(context, plan, answer)
    elif dry_run:
        from eleven_cli.commands.api.shown import show_plan

        show_plan(context, plan, as_json=json)
    else:
        from eleven_cli.commands.api.run import call

        call(context, plan, answer)
