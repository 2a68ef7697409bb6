"""What the agents are worth, simulated: TextGrad from careless system prompts, against controls that must fail.

    python bench/agents.py                          # 28 categories x 40 draws x 3 seeds
    python bench/agents.py --seeds 1 --draws 8      # a quick look

Everything is drawn and judged by the offline profile, whose models are rules: the figures describe this simulation and
nothing else. Golden labels, acceptance draws and final draws come from three hands of the studio whose parameters do
not overlap, and from seeds of their own; the final draws are measured once. What draws and judges never reads the
sealed truth; only this script does, at the end.
"""

import argparse
import difflib
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from rethinking import report_rethinking

from genval_assets.assets.recorded import RecordedChat
from genval_assets.evaluation.careless import careless_judge, careless_prompt_agent
from genval_assets.evaluation.estimates import RATES, Drawing, difference, estimate, of_each_category
from genval_assets.evaluation.final import Final, FinalStudio, measure
from genval_assets.instances.gate import Frame
from genval_assets.instances.gate_settings import GateSettings
from genval_assets.instances.mask import tight_crop
from genval_assets.keys import category_key
from genval_assets.model_ports import ChatModel, Embedder
from genval_assets.rows import Category
from genval_assets.textgrad.acceptance import value_of
from genval_assets.textgrad.judge_rehearsal import JudgeRehearsal, Labelled
from genval_assets.textgrad.loop import Rehearsal, Step, refine
from genval_assets.textgrad.prompt_rehearsal import PromptRehearsal, Studio
from genval_assets.textgrad.proposals import Criticised, Proposer, RandomRewrite, ShuffledCriticism
from genval_assets.textgrad.scores import judge_score
from genval_assets.textgrad.settings import TextGradSettings
from genval_assets.types import ChatAnswer, ChatRequest
from genval_assets.validation.examine import DESCRIBED, Specimen
from genval_assets.validation.judge import CRITERIA, JudgeAnswer
from genval_assets.validation.trials import Examiner
from resources.offline.chat import OfflineChat
from resources.offline.embedder import OfflineEmbedders
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.golden import OfflineGolden
from resources.offline.sealed import SealedTruthFiles
from resources.offline.studio import KINDS
from resources.tables import ParquetTables

GATE = GateSettings()
SETTINGS = TextGradSettings(pairs=224)
GOLDEN_PER_CATEGORY = 16
ARMS = ("careless, no lint", "lint only", "TextGrad", "shuffled criticism", "random rewrites", "inverted judge")


@dataclass
class Seed:
    """What one seed found."""

    finals: dict[str, Final] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    judge_f: tuple[float, float] = (0.0, 0.0)  # F0.5 on golden labels that no refinement saw, before and after
    asked: int = 0
    recalled: int = 0


def main() -> None:
    """Run all seeds and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--draws", type=int, default=40, help="per category and seed, in the final measurement")
    arguments.add_argument("--kinds", type=int, default=len(KINDS))
    given = arguments.parse_args()
    categories = [category(name, i) for i, name in enumerate(sorted(KINDS)[: given.kinds])]
    began = time.monotonic()
    found = []
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(one_seed(categories, given.draws, seed, Path(folder)))
        print(f"seed {seed}: {time.monotonic() - began:.0f} s so far", flush=True)
    report(found, len(categories), given.draws)
    with tempfile.TemporaryDirectory() as folder:
        report_rethinking(Path(folder))


def category(name: str, position: int) -> Category:
    """Return a category of the studio as a concept list would have it."""
    return Category(
        run_id="bench", created_at=datetime(2026, 1, 1, tzinfo=UTC), category_row_id=name, category=category_key(name),
        name=name, generation=1, position=position, state="active", source_id=None, supercategory=None, synset=None,
        definition=None, synonyms=[], frequency=None, image_count=0, instance_count=0, rare=True, rare_reason="",
        target=0,
    )  # fmt: skip


def one_seed(categories: Sequence[Category], draws: int, seed: int, home: Path) -> Seed:
    """Refine both agents from careless texts and measure all arms on final draws."""
    found = Seed()
    with ExitStack() as stack:
        inner = stack.enter_context(OfflineChat().open())
        chat = RecordedChat(inner, ParquetTables(home=str(home / "record")), f"seed{seed}", datetime.now(UTC))
        embedder = stack.enter_context(OfflineEmbedders().open())
        judge = refined_judge(found, chat, list(golden(categories, seed)), seed)
        texts = refined_prompts(found, chat, embedder, categories, judge, seed, home)
        for arm in ARMS:
            judged_by: ChatModel = InvertedJudge(chat) if arm == "inverted judge" else chat
            studio = stack.enter_context(final_studio(home / arm, chat, judged_by, embedder, judge))
            lint = arm != "careless, no lint"
            same = [name for name in found.finals if texts[name] == texts[arm] and name not in ARMS[:1]]
            if same and judged_by is chat:  # a control that changed nothing: the same prompts on the same seeds
                found.finals[arm] = found.finals[same[0]]
                continue
            found.finals[arm] = measure(texts[arm], categories, draws, seed, studio, lint=lint)
    found.asked, found.recalled = chat.asked, chat.recalled
    return found


def golden(categories: Sequence[Category], seed: int) -> Iterator[Labelled]:
    """Yield golden candidates with their simulated labels."""
    names = {c.category: c.name for c in categories}
    for draw in OfflineGolden(seed=seed).labelled(names, GOLDEN_PER_CATEGORY):
        crop, x, y = tight_crop(draw.rgba)
        frame = Frame(draw.rgba.shape[1], draw.rgba.shape[0], x, y)
        name = names[draw.category]
        specimen = Specimen(draw.instance_id, draw.category, name, None, crop, frame, 0, False, True, DESCRIBED[:1])
        yield Labelled(draw.instance_id, specimen, draw.keep, draw.reasons, "rare")


def refined_judge(found: Seed, chat: RecordedChat, labelled: Sequence[Labelled], seed: int) -> str:
    """Return the validation agent's refined text; its F0.5 is taken once, on labels of the final split."""
    examiner = Examiner(GATE, chat, "")
    rehearsal = JudgeRehearsal(labelled, examiner, SETTINGS.minibatch, seed, lambda: chat.asked)
    careless = careless_judge()
    refined = refine_all(found, "judge", careless, rehearsal, Criticised(chat), seed)
    final = [one for one in labelled if one.split == "final"]
    good = [one.keep for one in final]
    scores = []
    for text in (careless, refined):
        kept = [one.outcome == "accepted" for one in rehearsal.judged(final, text)]
        scores.append(value_of(judge_score(kept, good), len(final)))
    found.judge_f = scores[0], scores[1]
    return refined


def refined_prompts(
    found: Seed,
    chat: RecordedChat,
    embedder: Embedder,
    categories: Sequence[Category],
    judge: str,
    seed: int,
    home: Path,
) -> dict[str, str]:
    """Return the prompt agent's text of each arm."""
    careless = careless_prompt_agent()
    texts = dict.fromkeys(("careless, no lint", "lint only"), careless)
    foregrounds = OfflineForegrounds(home=str(home / "acceptance"), hand="acceptance")
    proposers: dict[str, Proposer] = {
        "TextGrad": Criticised(chat),
        "shuffled criticism": ShuffledCriticism(chat),
        "random rewrites": RandomRewrite(chat),
    }
    with foregrounds.open() as model:
        studio = Studio(chat, model, Examiner(GATE, chat, judge), embedder)
        rehearsal = PromptRehearsal(categories, studio, SETTINGS.pairs, SETTINGS.minibatch, seed, lambda: chat.asked)
        for arm, proposer in proposers.items():
            texts[arm] = refine_all(found, arm, careless, rehearsal, proposer, seed)
    texts["inverted judge"] = texts["TextGrad"]
    return texts


def refine_all(found: Seed, name: str, initial: str, rehearsal: Rehearsal, proposer: Proposer, seed: int) -> str:
    """Return the text that a whole refinement leads to, its steps noted."""
    settings = SETTINGS.model_copy(update={"questions": 10**9})
    found.steps[name] = list(refine(initial, rehearsal, proposer, settings, seed))
    accepted = [step.text for step in found.steps[name] if step.accepted]
    return accepted[-1] if accepted else initial


@contextmanager
def final_studio(home: Path, chat: ChatModel, judge: ChatModel, embedder: Embedder, text: str) -> Iterator[FinalStudio]:
    """Open the final hand in a home of its own, for one arm."""
    with OfflineForegrounds(home=str(home), hand="final").open() as foregrounds:
        truth = SealedTruthFiles(home=str(home))
        yield FinalStudio(chat, foregrounds, Examiner(GATE, judge, text), embedder, truth)


class InvertedJudge:
    """Control: says the opposite of what the validation agent says."""

    def __init__(self, inner: ChatModel) -> None:
        self.model, self.revision, self.best_batch = inner.model, inner.revision, inner.best_batch
        self._inner = inner

    def ask(self, requests: Sequence[ChatRequest]) -> list[ChatAnswer]:
        """Return the answers, those of the validation agent turned round."""
        answers = self._inner.ask(requests)
        return [
            replace(answer, text=self._turned(answer.text)) if request.answer_schema is JudgeAnswer else answer
            for request, answer in zip(requests, answers, strict=True)
        ]

    def _turned(self, text: str) -> str:
        said = json.loads(text)
        said["keep"] = not said["keep"]
        outcome = "meet" if said["keep"] else "fail"
        for criterion in CRITERIA:
            said[criterion] = {"outcome": outcome, "explanation": "" if said["keep"] else "The control says so."}
        said["objects"] = said["objects"][:1] or ["something"]
        return json.dumps(said)


def report(found: Sequence[Seed], categories: int, draws: int) -> None:
    """Print what came of all seeds."""
    print(
        f"\nsimulated: {categories} categories x {draws} draws x {len(found)} seeds; 95 % intervals over categories\n"
    )
    pooled = {arm: [d for seed in found for d in seed.finals[arm].drawings] for arm in ARMS}
    print_rates(pooled, found)
    print_differences(pooled)
    print_recall(pooled["TextGrad"])
    before, after = zip(*(seed.judge_f for seed in found), strict=True)
    print(f"\nvalidation agent, F0.5 on unseen golden labels per seed: {rounded(before)} -> {rounded(after)}")
    print_costs(found)
    print_words(found[0])


def print_rates(pooled: dict[str, list[Drawing]], found: Sequence[Seed]) -> None:
    """Print the three rates, which are never mixed, the recall of good draws, and diversity."""
    print("| arm | generation_invalid | rejected | residual_invalid | valid recall | diversity | slot entropy |")
    print("|---|---|---|---|---|---:|---:|")
    for arm, drawings in pooled.items():
        cells = [
            str(estimate(drawings, RATES[rate]))
            for rate in ("generation_invalid", "rejected", "residual_invalid", "valid_recall")
        ]
        varied = sum(seed.finals[arm].diversity for seed in found) / len(found)
        entropy = sum(seed.finals[arm].slot_entropy for seed in found) / len(found)
        print(f"| {arm} | {' | '.join(cells)} | {varied:.3f} | {entropy:.3f} |")


def print_differences(pooled: dict[str, list[Drawing]]) -> None:
    """Print by how much TextGrad lowers generation_invalid against each control."""
    print()
    for control in ("lint only", "shuffled criticism", "random rewrites"):
        gain = difference(pooled[control], pooled["TextGrad"], RATES["generation_invalid"])
        print(f"generation_invalid, {control} - TextGrad: {gain}")


def print_recall(drawings: Sequence[Drawing]) -> None:
    """Print the categories whose good draws validation finds least."""
    by_category = of_each_category(drawings, RATES["valid_recall"])
    worst = sorted(by_category.items(), key=lambda one: one[1])[:3]
    print("\nlowest valid recall: " + ", ".join(f"{name} {share:.2f}" for name, share in worst))


def print_costs(found: Sequence[Seed]) -> None:
    """Print what validation and the record of answers saved."""
    print()
    for arm in ("careless, no lint", "TextGrad"):
        finals = [seed.finals[arm] for seed in found]
        passed, drawn = sum(final.passed for final in finals), sum(len(final.drawings) for final in finals)
        accepted = sum(drawing.outcome == "accepted" for final in finals for drawing in final.drawings)
        print(
            f"{arm}: {passed / accepted:.2f} calls of the vision model per accepted instance; the gate saved "
            f"{1 - passed / drawn:.0%} of the {drawn} calls that there were without it"
        )
    asked, recalled = sum(s.asked for s in found), sum(s.recalled for s in found)
    print(f"of all {asked + recalled} questions of this bench {recalled / (asked + recalled):.0%} came from the record")
    for name in found[0].steps:
        calls = [sum(step.calls for step in seed.steps[name]) for seed in found]
        kept = [sum(step.accepted for step in seed.steps[name]) for seed in found]
        steps = [len(seed.steps[name]) for seed in found]
        print(f"refinement {name}: steps {steps}, accepted {kept}, questions {calls}")


def print_words(one: Seed) -> None:
    """Print what TextGrad changed in the prompt agent's text, as a difference that a person can read."""
    accepted = [step.text for step in one.steps["TextGrad"] if step.accepted]
    refined = accepted[-1] if accepted else ""
    lines = difflib.unified_diff(
        careless_prompt_agent().splitlines(), refined.splitlines(), "careless", "refined", n=0, lineterm=""
    )
    print("\n" + "\n".join(lines))


def rounded(values: Sequence[float]) -> str:
    """Return numbers as a list."""
    return ", ".join(f"{value:.3f}" for value in values)


if __name__ == "__main__":
    main()
