"""What choosing pictures by CLIS-I is worth, simulated: wrong pictures among the kept, and how well masks fit.

    python bench/layouts.py                  # 300 layouts x 4 pictures
    python bench/layouts.py --layouts 40     # a quick look

Graphs, layouts, pictures, captions, comparisons, masks and finds come from the offline profile, whose models are
rules: the figures describe this simulation and nothing else. What chooses never reads the sealed truth; only this
script does, at the end. Layouts are not filtered by CLIS-L, which has no pool here.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genval_assets.assets.cost import chunks
from genval_assets.chat.ask import ask_all
from genval_assets.instances.variation import iou
from genval_assets.keys import category_key, seed_of
from genval_assets.layouts.baseline_graph import baseline_graph
from genval_assets.layouts.best_image import best
from genval_assets.layouts.clis_i import LaidOut, PictureScore, examine_pictures
from genval_assets.layouts.extraneous import extraneous
from genval_assets.layouts.graph import SceneGraph
from genval_assets.layouts.layout import LayoutQuestion
from genval_assets.layouts.objects import Thing
from genval_assets.layouts.outlines import Outline, outlines, reasons_against
from genval_assets.layouts.scene_graph import GraphQuestion
from genval_assets.layouts.settings import ClisISettings
from genval_assets.layouts.solver import solve
from genval_assets.layouts.starts import no_examples
from genval_assets.model_ports import ChatModel, Detector, LayoutModel, Segmenter
from genval_assets.types import LayoutRequest, Rgb, Xywh
from resources.offline.chat import OfflineChat
from resources.offline.detector import OfflineDetectors
from resources.offline.layout_images import OfflineLayouts
from resources.offline.sealed_layouts import LayoutTruth, read_layout_truths
from resources.offline.segmenter import OfflineSegmenters
from resources.offline.studio import KINDS

SETTINGS = ClisISettings()
PICTURES = 4
AT_ONCE = 10
STRICT = 80.0
"""Floor of CLIS-I where words are open (ACP), measured beside the default."""
RESAMPLES = 4_000
KEY_OF_NAME = {name: category_key(name) for name in sorted(KINDS)}
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """One layout, ready to be drawn."""

    layout_id: str
    category: str  # that the scene would be made for
    graph: SceneGraph
    boxes: Mapping[str, Xywh]

    @property
    def seeds(self) -> tuple[int, ...]:
        """One per picture."""
        return tuple(seed_of(self.layout_id, "image", i) for i in range(PICTURES))


@dataclass(frozen=True)
class Planned:
    """All layouts, and how many the text model could not make."""

    plans: tuple[Plan, ...]
    baseline_graphs: int
    solved_layouts: int


@dataclass(frozen=True, eq=False)
class Chosen:
    """What became of one layout, before the truth is read."""

    plan: Plan
    scores: tuple[PictureScore, ...]  # of its pictures, in the order of the seeds
    best: int  # of these
    reasons: tuple[str, ...]  # why it is not kept
    extraneous: tuple[str, ...]  # keys seen outside all boxes
    found: tuple[Outline, ...]  # of the best


@dataclass(frozen=True, eq=False)
class Models:
    """The open models of the offline profile."""

    chat: ChatModel
    painter: LayoutModel
    segmenter: Segmenter
    detector: Detector | None


@dataclass(frozen=True, eq=False)
class Measured:
    """Per layout, (L,): whether it is kept and wrong, and the same of the controls."""

    kept: Mapping[str, Numbers]  # arm -> 0 or 1
    wrong: Numbers  # 0 or 1, of the picture that CLIS-I finds best
    random_wrong: Numbers  # share of its pictures: what a random one of them is, on average
    whole: Numbers  # best score of a whole picture
    whole_wrong: Numbers  # share of the pictures with that score


def main() -> None:
    """Run everything and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--layouts", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    began = time.monotonic()
    print(f"simulated: {given.layouts} layouts x {PICTURES} pictures, seed {given.seed}, floors {SETTINGS.floor:g} and")
    print(f"{SETTINGS.local_floor:g}; intervals hold 95 % of {RESAMPLES:,} resamples of layouts", flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        models = Models(
            stack.enter_context(OfflineChat().open()),
            stack.enter_context(OfflineLayouts(home=folder).open()),
            stack.enter_context(OfflineSegmenters().open()),
            stack.enter_context(OfflineDetectors().open()),
        )
        planned = plan_layouts(models.chat, given.layouts, given.seed)
        chosen = [one for some in chunks(planned.plans, AT_ONCE) for one in choose(models, some)]
        truths = read_layout_truths(Path(folder))
    print(f"{time.monotonic() - began:.0f} s on one machine's CPU\n")
    report(planned, chosen, truths, given.seed)


def plan_layouts(chat: ChatModel, count: int, seed: int) -> Planned:
    """Return layouts of random groups of two to four things, written by the text model where it can."""
    rng = np.random.default_rng(seed_of("layouts", seed))
    names = sorted(KINDS)
    questions = []
    for index in range(count):
        picked = [names[i] for i in rng.integers(len(names), size=rng.integers(2, 5))]
        things = tuple(Thing(f"n{i}", KEY_OF_NAME[name], name) for i, name in enumerate(picked, start=1))
        questions.append(GraphQuestion(things, things[0].category, seed * count + index))
    written = [reply.value for reply in ask_all(chat, questions)]
    graphs = [graph or baseline_graph(question.things) for graph, question in zip(written, questions, strict=True)]
    asked = [LayoutQuestion(graph, q.category, q.index) for graph, q in zip(graphs, questions, strict=True)]
    placed = [reply.value for reply in ask_all(chat, asked)]
    plans = tuple(
        Plan(f"layout {i}", q.category, q.graph, boxes or solve(q.graph, no_examples, seed_of("solver", seed, i)))
        for i, (q, boxes) in enumerate(zip(asked, placed, strict=True))
    )
    return Planned(plans, sum(graph is None for graph in written), sum(boxes is None for boxes in placed))


def choose(models: Models, plans: Sequence[Plan]) -> Iterator[Chosen]:
    """Yield what CLIS-I, segmenter and detector make of some layouts."""
    drawn = models.painter.draw([request(plan) for plan in plans])
    pictures = [[picture for picture in one.pictures if picture is not None] for one in drawn]
    if any(len(some) < PICTURES for some in pictures):
        raise RuntimeError(f"pictures are missing: {[one.error for one in drawn if one.error]}")
    laid_out = [
        LaidOut(picture, plan.graph, plan.boxes, plan.category, seed)
        for plan, some in zip(plans, pictures, strict=True)
        for seed, picture in zip(plan.seeds, some, strict=True)
    ]
    scores = chunks(examine_pictures(models.chat, laid_out), PICTURES)
    for plan, some, scored in zip(plans, pictures, scores, strict=True):
        choice = best([(str(i), score) for i, score in enumerate(scored)], SETTINGS)
        at = int(choice.picture_id or 0)
        found = outlined(models.segmenter, plan, some[at])
        yield Chosen(
            plan,
            tuple(scored),
            at,
            choice.reasons + reasons_against(found, plan.category),
            tuple(searched(models.detector, plan, some[at])),
            tuple(found),
        )


def request(plan: Plan) -> LayoutRequest:
    """Return what is asked of the layout model, as the stage asks it."""
    nodes = plan.graph.back_to_front
    return LayoutRequest(
        layout_id=plan.layout_id,
        caption=plan.graph.caption,
        phrases=tuple(node.phrase for node in nodes),
        boxes=tuple(plan.boxes[node.node_id] for node in nodes),
        seeds=plan.seeds,
    )


def outlined(segmenter: Segmenter, plan: Plan, picture: Rgb) -> list[Outline]:
    """Return where the nodes are in a picture."""
    height, width = picture.shape[:2]
    boxes = (plan.boxes[node.node_id] for node in plan.graph.nodes)
    (segments,) = segmenter.masks([picture], [[(x * width, y * height, w * width, h * height) for x, y, w, h in boxes]])
    return outlines(plan.graph, plan.boxes, segments, (height, width), SETTINGS)


def searched(detector: Detector | None, plan: Plan, picture: Rgb) -> list[str]:
    """Return the keys of what stands outside all boxes."""
    if detector is None:
        raise RuntimeError("the offline profile has a detector")
    (found,) = detector.find([picture], sorted(KEY_OF_NAME))
    return extraneous(found, plan.graph, plan.boxes, (picture.shape[0], picture.shape[1]), KEY_OF_NAME)


def report(
    planned: Planned, chosen: Sequence[Chosen], truths: Mapping[tuple[str, int], LayoutTruth], seed: int
) -> None:
    """Print what came of it."""
    of_layout = [[truths[one.plan.layout_id, seed] for seed in one.plan.seeds] for one in chosen]
    print(f"baseline graphs {planned.baseline_graphs}, layouts by the solver {planned.solved_layouts}\n")
    print_risks(measured(chosen, of_layout), seed)
    print_faults(chosen, of_layout)
    print_refusals(chosen)
    print_search(chosen, of_layout)
    print_masks(chosen, of_layout)


def measured(chosen: Sequence[Chosen], truths: Sequence[Sequence[LayoutTruth]]) -> Measured:
    """Return the columns of which all rates are made."""
    rows = []
    for one, shown in zip(chosen, truths, strict=True):
        wrong = [not truth.valid for truth in shown]
        wholes = [-1.0 if score.whole.score is None else score.whole.score for score in one.scores]
        tied = [bad for bad, whole in zip(wrong, wholes, strict=True) if whole == max(wholes)]
        rows.append((wrong[one.best], np.mean(wrong), max(wholes), np.mean(tied)))
    return Measured(arms(chosen), *np.array(rows, dtype=np.float64).T)


def arms(chosen: Sequence[Chosen]) -> dict[str, Numbers]:
    """Return which layouts are kept, by the settings' floor and a strict one, with and without the search."""
    sound = np.array([not one.reasons for one in chosen], dtype=np.float64)
    clear = np.array([not one.extraneous for one in chosen], dtype=np.float64)
    strict = np.array([(one.scores[one.best].clis_i or 0.0) >= STRICT for one in chosen], dtype=np.float64)
    return {
        f"floor {SETTINGS.floor:g}": sound * clear,
        f"floor {SETTINGS.floor:g}, extraneous objects not searched": sound,
        f"floor {STRICT:g}": sound * clear * strict,
    }


def print_risks(found: Measured, seed: int) -> None:
    """Print the shares of wrong pictures, and how they compare at equal shares of layouts kept."""
    layouts = len(found.wrong)
    weights = np.random.default_rng(seed).multinomial(layouts, np.full(layouts, 1 / layouts), size=RESAMPLES)
    samples = np.vstack([np.ones(layouts), weights])  # the first is the sample itself
    print(
        "| arm | layouts kept | wrong among kept | random one of four | best whole picture |"
        " risk ratio to random | risk ratio to whole |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, kept in found.kept.items():
        share = samples @ kept / layouts
        wrong = ratio(samples @ (kept * found.wrong), samples @ kept)
        chance = samples @ found.random_wrong / layouts
        whole = whole_alone(found, samples, samples @ kept)
        cells = (share, wrong, chance, whole, ratio(wrong, chance), ratio(wrong, whole))
        print(f"| {name} | " + " | ".join(with_interval(cell) for cell in cells) + " |")


def whole_alone(found: Measured, samples: Numbers, keep: Numbers) -> Numbers:
    """Return (R,) wrong shares when the `keep` layouts with the best whole score are kept, ties in equal parts."""
    left, wrong = keep.copy(), np.zeros(len(keep))
    for level in sorted(set(found.whole), reverse=True):
        at = (found.whole == level).astype(np.float64)
        there = samples @ at
        taken = np.minimum(left, there)
        wrong += ratio(samples @ (at * found.whole_wrong), there) * taken
        left -= taken
    return ratio(wrong, keep)


def ratio(above: Numbers, below: Numbers) -> Numbers:
    """Return above / below, 0 where below is."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def with_interval(samples: Numbers) -> str:
    """Return the first value with the range of 95 % of the others, none where it is 0: resampling knows none there."""
    if samples[0] == 0:
        return "0 (none seen)"
    low, high = np.quantile(samples[1:], [0.025, 0.975])
    return f"{samples[0]:.3f} ({low:.3f} to {high:.3f})"


def print_faults(chosen: Sequence[Chosen], truths: Sequence[Sequence[LayoutTruth]]) -> None:
    """Print which faults CLIS-I and the search let through."""
    best_of = [(one, shown[one.best]) for one, shown in zip(chosen, truths, strict=True)]
    columns = [
        [truth for shown in truths for truth in shown],
        [truth for _, truth in best_of],
        [truth for one, truth in best_of if not one.reasons],
        [truth for one, truth in best_of if not one.reasons and not one.extraneous],
    ]
    print("\n| fault | all pictures | best of four | kept, not searched | kept |")
    print("|---|---:|---:|---:|---:|")
    counts = [Counter(fault for truth in some for fault in set(truth.faults)) for some in columns]
    for fault in sorted(counts[0]):
        cells = (f"{count[fault] / max(1, len(some)):.3f}" for count, some in zip(counts, columns, strict=True))
        print(f"| {fault} | {' | '.join(cells)} |")
    print(f"| pictures | {' | '.join(str(len(some)) for some in columns)} |")
    for good in (True, False):
        scores = [
            score.clis_i or 0.0
            for one, shown in zip(chosen, truths, strict=True)
            for score, truth in zip(one.scores, shown, strict=True)
            if truth.valid == good
        ]
        percentiles = ", ".join(f"{value:.0f}" for value in np.percentile(scores or [0.0], [5, 25, 50, 75, 95]))
        print(f"CLIS-I of {'right' if good else 'wrong'} pictures, percentiles 5, 25, 50, 75, 95: {percentiles}")


def print_refusals(chosen: Sequence[Chosen]) -> None:
    """Print why layouts yield no scene."""
    reasons = Counter(reason for one in chosen for reason in one.reasons)
    reasons["extraneous"] = sum(bool(one.extraneous) and not one.reasons for one in chosen)
    unread = sum(score.n_unread for one in chosen for score in one.scores)
    print("\nrefused: " + ", ".join(f"{name} {n}" for name, n in reasons.most_common()) + f"; unread terms {unread}")


def print_search(chosen: Sequence[Chosen], truths: Sequence[Sequence[LayoutTruth]]) -> None:
    """Print how often the search finds something in best pictures, by whether a thing stands outside the boxes."""
    found: dict[bool, list[bool]] = {True: [], False: []}
    for one, shown in zip(chosen, truths, strict=True):
        found[bool({"extra", "moved"} & set(shown[one.best].faults))].append(bool(one.extraneous))
    print(
        f"search: something found in {sum(found[True])} of {len(found[True])} best pictures with a thing outside the "
        f"boxes, in {sum(found[False])} of {len(found[False])} others"
    )


def print_masks(chosen: Sequence[Chosen], truths: Sequence[Sequence[LayoutTruth]]) -> None:
    """Print how well the annotated masks of kept pictures lie on their objects."""
    overlaps, dropped = [], Counter[str]()
    for one, shown in zip(chosen, truths, strict=True):
        if one.reasons or one.extraneous:
            continue
        drawn = {node.node_id: i for i, node in enumerate(one.plan.graph.back_to_front)}
        truth = shown[one.best]
        for outline in one.found:
            if outline.mask is None:
                dropped[f"{outline.reason}, {'region' if outline.ignored is not None else 'no pixel left'}"] += 1
            else:
                visible = truth.boxes[drawn[outline.node_id]].mask(truth.height, truth.width)
                overlaps.append(iou(outline.mask, visible))
    if not overlaps:
        print("\nno picture is kept")
        return
    low, middle = np.percentile(overlaps, [5, 50])
    print(f"\n{len(overlaps)} annotated masks of kept pictures: IoU with what is visible: median {middle:.3f}, 5th")
    print(f"percentile {low:.3f}, least {min(overlaps):.3f}; {sum(o < 0.5 for o in overlaps)} under .5")
    print("ignored regions: " + (", ".join(f"{why} {n}" for why, n in dropped.most_common()) or "none"))


if __name__ == "__main__":
    main()
