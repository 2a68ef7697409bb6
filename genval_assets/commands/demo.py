"""`genval demo`: the whole graph on the offline world, then the yield table, a picture, and what to try next."""

from pathlib import Path

from genval_assets.commands.init import write_home
from genval_assets.commands.refine import refined
from genval_assets.commands.rehearsed import show_refinement, write_careless
from genval_assets.commands.session import Session, say, session, stop
from genval_assets.commands.showcase import showcase
from genval_assets.commands.status import print_stats, stats_of
from genval_assets.commands.top_up import work
from genval_assets.config import SETTINGS_FILE, DataSettings, GenvalSettings, InstanceSettings
from genval_assets.layouts.settings import LayoutSettings
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.rows import AgentPrompt
from genval_assets.textgrad.settings import TextGradSettings
from genval_assets.topup.settings import TopUpSettings
from resources.files import write_atomically
from resources.offline.world import write_world

TARGET = 12
"""Instances, real and synthetic, that each rare kind of the demo should reach: small, so that it takes a minute."""
PAIRS = 224
"""Draws on which a rewrite is compared with its parent: eight of each kind."""


def run_demo(home: Path, picture: Path | None) -> None:
    """Make the demo's world and project, top it up until done, and show what came of it."""
    world = home / "world"
    if not (home / SETTINGS_FILE).exists():
        if home.exists() and any(home.iterdir()) and not world.exists():
            stop(f"{home} holds something else; choose another --home")
        say("drawing the demo's dataset (simulated: drawn, not photographed) …")
        if not (world / "instances.json").exists():
            write_world(world)
        write_home(home, _settings(world))
    with session(home) as one:
        refine_agents(one)
        outcome = work(one, until_done=True)
        if outcome.errors:
            stop("\n".join(outcome.errors), 1)
        stats = stats_of(one)
        saved = picture or home / "demo.jpg"
        write_atomically(saved.absolute(), showcase(one.tables, one.images))
        show_refinement(one)
    print_stats(stats)
    _tell(home, saved)


def refine_agents(one: Session) -> None:
    """Refine both agents' system prompts once, the prompt agent's from a careless one."""
    if not any(row.step for row in one.tables.read(AgentPrompt)):
        say("refining the agents' system prompts with TextGrad (simulated: models by rule) …")
        refined(one)


def _settings(world: Path) -> GenvalSettings:
    data = DataSettings(
        coco=str(world / "instances.json"), images=str(world / "images"), backgrounds=str(world / "backgrounds")
    )
    return GenvalSettings(
        data=data,
        instances=InstanceSettings(sources=("cutout", "foreground")),
        top_up=TopUpSettings(target=TARGET),
        layouts=LayoutSettings(graphs=1, max_objects=4),
        hard_negatives=NegativeSettings(pictures=2, kinds=("instance",)),
        textgrad=TextGradSettings(steps=6, patience=2, pairs=PAIRS, prompt_agent_file=str(write_careless(world))),
    )


def _tell(home: Path, picture: Path) -> None:
    say("")
    say("All of this is simulated: a drawn world, drawn candidates. From your own data genval cuts real photographs.")
    say(f"picture    {picture}")
    training = home / "data" / "datasets" / "training"
    say(f"gallery    {training / 'gallery' / 'index.html'}")
    say(f"statistics {training / 'gallery' / 'statistics.html'}")
    say(f"dataset    {training}")
    say("Try next:")
    say(f"  genval export --format yolo --to {home.parent / 'demo_yolo'} --home {home}")
    say(f'  genval sql "from reject_reasons limit 10" --home {home}')
    say(f"  genval dev --home {home}")
    say("  genval init --coco instances.json --images images/ --home my_project")
