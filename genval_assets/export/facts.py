"""The facts of a set that its card and gallery state: counted from the rows, never estimated."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genval_assets.export.captions import CaptionSet
from genval_assets.export.content import SetContent
from genval_assets.export.numbering import LeftOut, NumberedAnnotation, NumberedSet, Origin
from genval_assets.export.pool import accepted
from genval_assets.negatives.quota import LEVELS, TRIVIAL
from genval_assets.rows import Category, Instance, Verdict

SIMULATED = "genval-offline"
"""How the names of all models begin that stand in for real ones."""


@dataclass(frozen=True)
class CategoryFacts:
    """One category: the user's file before, the set now."""

    number: int  # exported id
    category: str  # key
    name: str
    position: int  # 0 is the rarest
    rare: bool
    real_images: int  # in the user's file
    real_instances: int
    pasted: int  # synthetic objects in this set
    pasted_images: int  # pictures of this set with at least one of them
    cutouts: int  # distinct instances among them
    sources: int  # distinct real objects that they come from; generated ones have none
    drawn: int  # objects drawn with their whole picture from layouts
    drawn_images: int  # pictures of this set with at least one of them
    in_set: int  # all objects of this set, without regions to ignore

    @property
    def after(self) -> int:
        """Real instances of the user's file, pasted and drawn ones together."""
        return self.real_instances + self.pasted + self.drawn


@dataclass(frozen=True)
class ModelFacts:
    """One origin of pasted objects."""

    source: str  # cutout | variation | layer_diffusion | offline
    model: str
    revision: str
    simulated: bool
    instances: int
    objects: int  # times pasted


@dataclass(frozen=True)
class JudgeFacts:
    """One judge and how many of the pasted instances it accepted."""

    stage: str
    judge: str
    version: str
    simulated: bool
    instances: int


@dataclass(frozen=True)
class BackgroundFacts:
    """Scenes by what they stand on."""

    kind: str
    screened: str
    scenes: int


@dataclass(frozen=True)
class PainterFacts:
    """One model that drew whole pictures from layouts."""

    model: str
    revision: str
    simulated: bool
    scenes: int
    objects: int


@dataclass(frozen=True)
class WriterFacts:
    """One model that wrote captions, hard negatives, or both."""

    model: str
    revision: str
    simulated: bool
    captions: int
    negatives: int  # hard, medium and easy


@dataclass(frozen=True)
class NegativeFacts:
    """The captions of a set and their hard negatives."""

    captions: int
    kinds: tuple[tuple[str, int], ...]  # (what the captions are of, how many), by kind
    levels: tuple[tuple[str, int], ...]  # (hard | medium | easy | trivial, how many)
    short: int  # lists with fewer than were wanted
    missing: int  # negatives that these lists lack
    why_short: tuple[tuple[str, int], ...]  # (reason, lists), the commonest first
    verified_by: tuple[tuple[str, int], ...]  # (what told that they are false of the picture, lists)
    writers: tuple[WriterFacts, ...]
    left_out: tuple[tuple[str, int], ...]  # captions: (reason, how many), by reason

    @property
    def negatives(self) -> int:
        """Hard, medium and easy ones."""
        return sum(n for level, n in self.levels if level != TRIVIAL)


@dataclass(frozen=True)
class Facts:
    """All of a set. Every tuple has a fixed order."""

    name: str
    newest_round: int
    real_images: int  # of your training file
    validation_images: int  # of your validation file
    scenes: int  # composed ones
    pasted: int
    layout_scenes: int  # pictures drawn as a whole from layouts
    layout_objects: int  # in these
    questions: int  # with an answer, about the scenes of this set
    real_objects: int  # annotations of the user's file, taken over or still visible in a scene
    ignored: int  # regions to ignore: crowds, slivers, and objects of layouts that have no sound mask
    categories: tuple[CategoryFacts, ...]  # rarest first
    models: tuple[ModelFacts, ...]
    judges: tuple[JudgeFacts, ...]
    painters: tuple[PainterFacts, ...]  # of the pictures drawn from layouts
    backgrounds: tuple[BackgroundFacts, ...]
    negatives: NegativeFacts
    left_out: LeftOut

    @property
    def unscreened(self) -> int:
        """Scenes whose background nobody searched for unlabelled objects."""
        return sum(b.scenes for b in self.backgrounds if b.screened == "unscreened")

    @property
    def simulated(self) -> bool:
        """Whether a stand-in drew, judged or wrote anything of the set."""
        drawn = any(m.simulated for m in self.models) or any(p.simulated for p in self.painters)
        judged = any(j.simulated for j in self.judges)
        return drawn or judged or any(w.simulated for w in self.negatives.writers)


def facts(name: str, content: SetContent, numbered: NumberedSet, captions: CaptionSet) -> Facts:
    """Return the facts of a set."""
    pasted = Counter(a.row.instance_id for a in _shown(numbered, "pasted") if a.row and a.row.instance_id)
    instances = {i.instance_id: i for i in content.instances if i.instance_id in pasted}
    scenes = [image.scene for image in numbered.images if image.scene]
    exported = {scene.scene_id for scene in scenes}
    stood_on = Counter((i.background.kind, i.background.screened) for i in numbered.images if i.background)
    painters = _painter_facts(numbered)
    layout_scenes = sum(one.scenes for one in painters)
    return Facts(
        name=name,
        newest_round=max((scene.round for scene in scenes), default=0),
        real_images=sum(i.scene is None and not i.validation for i in numbered.images),
        validation_images=sum(i.validation for i in numbered.images),
        scenes=len(scenes) - layout_scenes,
        pasted=pasted.total(),
        layout_scenes=layout_scenes,
        layout_objects=sum(one.objects for one in painters),
        questions=sum(row.scene_id in exported for row in content.questions),
        real_objects=len(_shown(numbered, "real")),
        ignored=sum(a.iscrowd for a in numbered.annotations),
        categories=_category_facts(numbered, instances),
        models=_model_facts(instances.values(), pasted),
        judges=_judge_facts(accepted(content.verdicts), pasted),
        painters=painters,
        backgrounds=tuple(BackgroundFacts(*key, scenes=n) for key, n in sorted(stood_on.items())),
        negatives=_negative_facts(captions),
        left_out=numbered.left_out,
    )


def _shown(numbered: NumberedSet, origin: Origin) -> list[NumberedAnnotation]:
    """Return the objects of one origin, without regions to ignore."""
    return [a for a in numbered.annotations if a.origin == origin and not a.iscrowd]


def _painter_facts(numbered: NumberedSet) -> tuple[PainterFacts, ...]:
    objects = Counter(a.image.image_id for a in _shown(numbered, "drawn"))
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for image in numbered.images:
        if image.drawn is not None:
            groups[image.drawn.model, image.drawn.revision].append(objects[image.image_id])
    return tuple(
        PainterFacts(model, revision, model.startswith(SIMULATED), len(counts), sum(counts))
        for (model, revision), counts in sorted(groups.items())
    )


def _category_facts(numbered: NumberedSet, instances: Mapping[str, Instance]) -> tuple[CategoryFacts, ...]:
    of_category: dict[int, list[NumberedAnnotation]] = defaultdict(list)
    for a in numbered.annotations:
        if not a.iscrowd:
            of_category[a.category_id].append(a)

    def one(number: int, c: Category) -> CategoryFacts:
        pasted = [a for a in of_category[number] if a.origin == "pasted"]
        drawn = [a for a in of_category[number] if a.origin == "drawn"]
        cutouts = {a.row.instance_id for a in pasted if a.row and a.row.instance_id}
        sources = {instances[key].reference_id for key in cutouts if instances[key].reference_id}
        return CategoryFacts(
            number=number,
            category=c.category,
            name=c.name,
            position=c.position,
            rare=c.rare,
            real_images=c.image_count,
            real_instances=c.instance_count,
            pasted=len(pasted),
            pasted_images=len({a.image.image_id for a in pasted}),
            cutouts=len(cutouts),
            sources=len(sources),
            drawn=len(drawn),
            drawn_images=len({a.image.image_id for a in drawn}),
            in_set=len(of_category[number]),
        )

    described = [one(number, category) for number, category in numbered.categories.items()]
    return tuple(sorted(described, key=lambda c: (c.position, c.category)))


def _model_facts(instances: Iterable[Instance], pasted: Counter[str]) -> tuple[ModelFacts, ...]:
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for i in instances:
        groups[i.source, i.model, i.revision].append(i.instance_id)
    return tuple(
        ModelFacts(source, model, revision, model.startswith(SIMULATED), len(keys), sum(pasted[k] for k in keys))
        for (source, model, revision), keys in sorted(groups.items())
    )


def _judge_facts(verdicts: Mapping[str, Verdict], pasted: Counter[str]) -> tuple[JudgeFacts, ...]:
    spoken = (verdicts[key] for key in pasted)
    counts = Counter((v.stage, v.judge, v.judge_version) for v in spoken)
    return tuple(
        JudgeFacts(stage, judge, version, judge.startswith(SIMULATED), n)
        for (stage, judge, version), n in sorted(counts.items())
    )


def _negative_facts(chosen: CaptionSet) -> NegativeFacts:
    every = chosen.captions
    negatives = [row for one in every for row in one.negatives]
    levels = Counter(str(row.level) for one in every for row in (*one.negatives, *one.trivial))
    short = [one for one in every if one.ended.short]
    why = Counter(one.ended.why_short for one in short)
    written = Counter((one.row.model, one.row.revision) for one in every)
    sentences = Counter((row.model, row.revision) for row in negatives)
    return NegativeFacts(
        captions=len(every),
        kinds=tuple(sorted(Counter(one.row.kind for one in every).items())),
        levels=tuple((level, levels[level]) for level in (*LEVELS.values(), TRIVIAL)),
        short=len(short),
        missing=sum(one.ended.wanted - len(one.negatives) for one in short),
        why_short=tuple(sorted(why.items(), key=lambda item: (-item[1], item[0]))),
        verified_by=tuple(sorted(Counter(one.ended.verified_by for one in every).items())),
        writers=tuple(
            WriterFacts(
                model, revision, model.startswith(SIMULATED), written[model, revision], sentences[model, revision]
            )
            for model, revision in sorted(written.keys() | sentences.keys())
        ),
        left_out=chosen.left_out,
    )
