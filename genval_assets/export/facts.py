"""The facts of a set that its card and gallery state: counted from the rows, never estimated."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genval_assets.export.content import SetContent
from genval_assets.export.numbering import LeftOut, NumberedSet
from genval_assets.export.pool import accepted
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
    in_set: int  # all objects of this set, without regions to ignore

    @property
    def after(self) -> int:
        """Real instances of the user's file and pasted ones together."""
        return self.real_instances + self.pasted


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
class Facts:
    """All of a set. Every tuple has a fixed order."""

    name: str
    newest_round: int
    real_images: int
    scenes: int
    pasted: int
    real_objects: int  # annotations of the user's file, taken over or still visible in a scene
    ignored: int  # regions to ignore: crowds and slivers
    categories: tuple[CategoryFacts, ...]  # rarest first
    models: tuple[ModelFacts, ...]
    judges: tuple[JudgeFacts, ...]
    backgrounds: tuple[BackgroundFacts, ...]
    left_out: LeftOut

    @property
    def unscreened(self) -> int:
        """Scenes whose background nobody searched for unlabelled objects."""
        return sum(b.scenes for b in self.backgrounds if b.screened == "unscreened")

    @property
    def simulated(self) -> bool:
        """Whether a stand-in drew or judged anything of the set."""
        return any(m.simulated for m in self.models) or any(j.simulated for j in self.judges)


def facts(name: str, content: SetContent, numbered: NumberedSet) -> Facts:
    """Return the facts of a set."""
    rows = [a.row for a in numbered.annotations if a.row is not None]
    pasted = Counter(row.instance_id for row in rows if row.instance_id is not None)
    instances = {i.instance_id: i for i in content.instances if i.instance_id in pasted}
    scenes = [image.scene for image in numbered.images if image.scene]
    stood_on = Counter((i.background.kind, i.background.screened) for i in numbered.images if i.background)
    ignored = sum(a.iscrowd for a in numbered.annotations)
    return Facts(
        name=name,
        newest_round=max((scene.round for scene in scenes), default=0),
        real_images=len(numbered.images) - len(scenes),
        scenes=len(scenes),
        pasted=pasted.total(),
        real_objects=len(numbered.annotations) - pasted.total() - ignored,
        ignored=ignored,
        categories=_category_facts(numbered, instances),
        models=_model_facts(instances.values(), pasted),
        judges=_judge_facts(accepted(content.verdicts), pasted),
        backgrounds=tuple(BackgroundFacts(*key, scenes=n) for key, n in sorted(stood_on.items())),
        left_out=numbered.left_out,
    )


def _category_facts(numbered: NumberedSet, instances: Mapping[str, Instance]) -> tuple[CategoryFacts, ...]:
    in_set: Counter[int] = Counter()
    pasted: Counter[int] = Counter()
    images: dict[int, set[int]] = defaultdict(set)
    cutouts: dict[int, set[str]] = defaultdict(set)
    for a in numbered.annotations:
        if a.iscrowd:
            continue
        in_set[a.category_id] += 1
        if a.row is not None and a.row.instance_id is not None:
            pasted[a.category_id] += 1
            images[a.category_id].add(a.image.image_id)
            cutouts[a.category_id].add(a.row.instance_id)

    def one(number: int, c: Category) -> CategoryFacts:
        sources = {instances[key].reference_id for key in cutouts[number] if instances[key].reference_id}
        return CategoryFacts(
            number=number,
            category=c.category,
            name=c.name,
            position=c.position,
            rare=c.rare,
            real_images=c.image_count,
            real_instances=c.instance_count,
            pasted=pasted[number],
            pasted_images=len(images[number]),
            cutouts=len(cutouts[number]),
            sources=len(sources),
            in_set=in_set[number],
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
