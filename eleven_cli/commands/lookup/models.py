"""Models by their ids: what to try where the service does not know one, or not for this."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from eleven_cli.api.tts.models import documented_models, other_command
from eleven_cli.commands.lookup.completion import MODELS_KEY
from eleven_cli.context import Context
from eleven_cli.errors import ElevenError, NotFound
from eleven_cli.suggestions import did_you_mean, either

REFUSED_LIVE = "invalid_request"  # all that the service says of a model that it cannot transcribe with live
OTHERS_SHOWN_BY = "see the models: eleven models"


def refuse_other_kind(model: str | None, does: str, command: str, *, hint: str) -> None:
    """Raises NotFound for a model that is known to be for another command; of others, the service decides."""
    other = other_command(model) or ("eleven tts" if model in documented_models() else command)
    if model and other != command:
        raise NotFound(f"{model} cannot {does}: it is for {other}", hint=hint, code="model_not_found")


@contextmanager
def explaining_models(context: Context, command: str, model: str | None, takes: Sequence[str] = ()) -> Iterator[None]:
    """Gives refusals of an unknown model a hint, and the exit code of what is not found.

    takes   the models of this command, where `eleven models` does not list them
    """
    try:
        yield
    except ElevenError as refused:
        explain_model(context, refused, command, model, takes)
        raise


def explain_model(
    context: Context, refused: ElevenError, command: str, model: str | None, takes: Sequence[str] = ()
) -> None:
    """Give a refusal that is about the model its hint and exit code; the same `takes`."""
    is_about_it = _is_about_the_model(refused) or (bool(takes) and refused.code == REFUSED_LIVE)
    if model and is_about_it and model not in (known := takes or speaking_models(context)):
        question = did_you_mean(model, known).removeprefix(". ")
        others = f"give {command} -m {either(list(takes))}" if takes else OTHERS_SHOWN_BY
        refused.hint = f"{question} {others}".strip()
        refused.exit_code = NotFound.exit_code
        if refused.code == REFUSED_LIVE and "model" in refused.message:
            refused.message = f"{model} does not transcribe live ({refused.code})"


def _is_about_the_model(refused: ElevenError) -> bool:
    return type(refused) in (ElevenError, NotFound) and ("model" in refused.code or "model_id" in refused.message)


def speaking_models(context: Context) -> list[str]:
    """The models that are documented, and those that the service has named."""
    return list(dict.fromkeys([*documented_models(), *context.account_cache.table(MODELS_KEY)]))
