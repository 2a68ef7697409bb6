"""The demo's small measurement of the agents: what their refinement did, on draws that it never saw. Simulated."""

from contextlib import ExitStack
from pathlib import Path

from genval_assets.commands.refine import tell_steps
from genval_assets.commands.session import Session, console
from genval_assets.concepts.register import active
from genval_assets.evaluation.careless import careless_prompt_agent
from genval_assets.evaluation.estimates import RATES, Estimate, estimate
from genval_assets.evaluation.final import Final, FinalStudio, measure
from genval_assets.rows import AgentPrompt, Category
from genval_assets.validation.trials import Examiner
from resources.offline.chat import OfflineChat
from resources.offline.embedder import OfflineEmbedders
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.sealed import SealedTruthFiles

DRAWS = 8
"""Per category: enough to see the difference, too few for a figure. `bench/agents.py` has those."""
FRAME = 256
"""Side of the frames that are drawn for it, in px."""


def show_refinement(one: Session) -> None:
    """Print the steps of TextGrad, and the rates before and after on final draws."""
    finals = measured(one)
    tell_steps(row for row in one.tables.read(AgentPrompt) if row.step)
    _print_rates(finals)


def measured(one: Session) -> dict[str, Final]:
    """Return what the careless and the refined prompt agent come to, drawn by the hand that only measurements use."""
    home = one.project.home / "data" / "measurement"
    agents = one.project.agents(one.tables)
    categories = [c for c in active(one.tables.read(Category)).values() if one.foregrounds.can_draw(c.name)]
    texts = {"careless, nothing checked": careless_prompt_agent(), "refined by TextGrad": agents.prompt.text}
    found = {}
    with ExitStack() as stack:
        chat = stack.enter_context(OfflineChat().open())
        embedder = stack.enter_context(OfflineEmbedders().open())
        for i, (name, text) in enumerate(texts.items()):
            folder = str(home / str(i))
            foregrounds = stack.enter_context(OfflineForegrounds(home=folder, frame=FRAME, hand="final").open())
            examiner = Examiner(one.project.settings.instances.gate, chat, agents.judge.text)
            studio = FinalStudio(chat, foregrounds, examiner, embedder, SealedTruthFiles(home=folder))
            found[name] = measure(text, categories, DRAWS, one.project.settings.project.seed, studio, lint=i > 0)
    return found


def _print_rates(finals: dict[str, Final]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=f"simulated: {DRAWS} final draws of each category, one seed")
    table.add_column("prompts", no_wrap=True)
    for rate in RATES:
        table.add_column(rate, justify="right", no_wrap=True)
    table.add_column("diversity", justify="right", no_wrap=True)
    for name, final in finals.items():
        rates = [_short(estimate(final.drawings, counted)) for counted in RATES.values()]
        table.add_row(name, *rates, f"{final.diversity:.2f}")
    console().print(table)


def _short(rate: Estimate) -> str:
    return f"{rate.value:.0%} ({rate.low:.0%}–{rate.high:.0%})"


def write_careless(folder: Path) -> Path:
    """Write the careless system prompt with which the demo's refinement begins, and return its path."""
    path = folder / "careless_prompt_agent.txt"
    path.write_text(careless_prompt_agent(), encoding="utf-8")
    return path
