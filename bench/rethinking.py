"""Prompt Rethink in a whole project, simulated: what is rewritten, what the probes say, and whether variety survives.

`bench/agents.py` prints it. The offline generator ignores colours that are asked of some kinds, as real generators do
where they have seen nothing else.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from genval_assets.instances.ground import on_plain_ground
from genval_assets.prompting.slots import FACTORS, read_slots
from genval_assets.rows import Instance, Prompt
from genval_assets.textgrad.diversity import Made, diversity
from genval_assets.textgrad.scores import named_slots
from resources.images import ImageFiles
from resources.offline.embedder import OfflineEmbedders
from resources.tables import ParquetTables

STUBBORN_NAMES = ("cactus", "banana", "pineapple", "traffic cone", "mug", "kite")
"""The studio's first four ignore a colour that is asked for; the last two obey."""
REWRITES = """
select b.category, p.text as parent_text, b.text, b.missing, b.pairs, b.parent_good, b.good, b.p_better, b.accepted
from prompt_probes as b join prompts as p on p.prompt_id = b.parent_id
order by b.category, b.round, b."index"
"""
KEPT = "select category, count(*) as n, any_value(differs) as differs from image_records group by all order by all"


def report_rethinking(folder: Path) -> None:
    """Top up a project whose generator ignores colours, wave by wave, and print what was rethought. Simulated."""
    home = folder / "home"
    (folder / "names.csv").write_text("name,target\n" + "".join(f"{name},28\n" for name in STUBBORN_NAMES))
    genval("init", "--names", str(folder / "names.csv"), "--home", str(home))
    settings = home / "genval.toml"
    text, n = re.subn(
        r"^max_candidates_per_category = .*", "max_candidates_per_category = 8", settings.read_text(), flags=re.M
    )
    assert n == 1
    settings.write_text(text)
    genval("top-up", "--until-done", "--home", str(home))
    probes, kept = (json.loads(genval("sql", text, "--json", "--home", str(home)))["rows"] for text in (REWRITES, KEPT))
    print("\nPrompt Rethink on", ", ".join(STUBBORN_NAMES), "(simulated)")
    for row in probes:
        outcome = "accepted" if row["accepted"] else "refused"
        counts = f"{row['good']} good against {row['parent_good']} of {row['pairs']} pairs, P {row['p_better']:.3f}"
        print(f"- {row['category']}: missing {row['missing']}; {counts}, {outcome}")
    example = next((row for row in probes if row["accepted"]), None)
    if example:
        print(f"  before: {example['parent_text']}\n  after:  {example['text']}")
    print("valid images kept with corrected records: " + ", ".join(f"{r['category']} {r['n']}" for r in kept))
    print_diversity_by_round(home)


def print_diversity_by_round(home: Path) -> None:
    """Print slot entropy and embedding distance of the first round and of the later ones."""
    tables, images = ParquetTables(home=str(home)), ImageFiles(home=str(home))
    prompts = {row.prompt_id: row for row in tables.read(Prompt)}
    drawn = [row for row in tables.read(Instance) if row.prompt_id in prompts]
    with OfflineEmbedders().open() as embedder:
        for name, some in (("first", [r for r in drawn if r.round == 1]), ("later", [r for r in drawn if r.round > 1])):
            made = []
            for row in some:
                crop = images.get(row.image)
                vector = embedder.images([on_plain_ground(crop)])[0]
                slots = read_slots(prompts[row.prompt_id].slots)
                made.append(Made(row.category, named_slots(prompts[row.prompt_id].text, slots), vector))
            tables_of = {m.category: FACTORS for m in made}
            both = diversity(made, tables_of, pictures=True), diversity(made, tables_of, pictures=False)
            print(f"{name} rounds, {len(made)} draws: diversity {both[0]:.3f}, slot entropy {both[1]:.3f}")


def genval(*arguments: str) -> str:
    """Run a command of genval and return what it printed.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "genval_assets.cli", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
