"""Wiring of Prompt Rethink: prompts of earlier waves whose pictures failed are rewritten, probed and replaced.

A probe's row is stored before the prompt that it proves, so that a killed run makes that prompt of the row.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from genval_assets.assets.recorded import RecordedChat
from genval_assets.batches import Batch, by_category
from genval_assets.chat.ask import Reply, Unanswered, ask_all
from genval_assets.instances.in_force import in_force
from genval_assets.model_ports import Foregrounds
from genval_assets.prompting.contest import Contest, settle
from genval_assets.prompting.probe import Probe
from genval_assets.prompting.rethink import Picture, Rethink, candidates, ignored_slots, judged_pictures
from genval_assets.prompting.rethink_settings import RethinkSettings
from genval_assets.prompting.rewrite import RethinkQuestion, Rewrite, probe_row, rethink_agent_text
from genval_assets.prompting.slots import read_slots
from genval_assets.prompting.write import Author, PromptJob, prompt_row
from genval_assets.rows import Instance, Prompt, PromptProbe, Verdict
from genval_assets.validation.trials import Examiner

STAGE = "optimized_prompts"


@dataclass(frozen=True)
class Evidence:
    """What is known of one category's prompts."""

    prompts: tuple[Prompt, ...] = ()
    pictures: tuple[Picture, ...] = ()
    probes: tuple[PromptProbe, ...] = ()

    @property
    def ignored(self) -> frozenset[str]:
        """Slots that the generator does not obey in this category."""
        return ignored_slots(self.pictures)


def evidence(batch: Batch, prompts: Sequence[Prompt]) -> dict[str, Evidence]:
    """Return what is known of the prompts of each living category."""
    own = by_category(prompts)
    instances = by_category(batch.tables.read(Instance, batch.keys))
    verdicts = by_category(in_force(batch.tables.read(Verdict, batch.keys)))
    probes = by_category(batch.tables.read(PromptProbe, batch.keys))
    return {
        key: Evidence(
            tuple(own[key]), tuple(judged_pictures(own[key], instances[key], verdicts[key])), tuple(probes[key])
        )
        for key in batch.keys
    }


@dataclass(frozen=True)
class Rethinking:
    """Who rewrites, draws and judges."""

    author: Author
    chat: RecordedChat
    foregrounds: Foregrounds
    examiner: Examiner
    settings: RethinkSettings


def rethought_prompts(
    batch: Batch, jobs: Sequence[PromptJob], known: dict[str, Evidence], rethinking: Rethinking
) -> Iterator[list[Prompt]]:
    """Yield the prompts that replace earlier ones, to be stored; each takes the place of one of the jobs.

    First those that a killed run had proved and not stored, then what new probes prove.
    """
    by_index = {(job.category.category, job.index): job for job in jobs}
    proved = [probe for one in known.values() for probe in one.probes if probe.accepted]
    yield [
        _proved(by_index[probe.category, probe.index], probe, rethinking.author)
        for probe in proved
        if (probe.category, probe.index) in by_index
    ]
    taken = {(probe.category, probe.index) for probe in proved}
    free = [job for job in jobs if (job.category.category, job.index) not in taken]
    contests = list(_contests(batch, list(_chosen(free, known, rethinking.settings)), known, rethinking))
    if contests:
        batch.stop_here()
        with rethinking.foregrounds.open() as foregrounds:
            settled = settle(contests, foregrounds, rethinking.examiner)
        yield list(_recorded(batch, settled))


@dataclass(frozen=True)
class _Chosen:
    job: PromptJob  # whose place the rewrite would take
    rethink: Rethink


def _chosen(jobs: Sequence[PromptJob], known: dict[str, Evidence], settings: RethinkSettings) -> Iterator[_Chosen]:
    """Yield the prompts to rethink, each with the next free job of its category."""
    of_category: dict[str, list[PromptJob]] = defaultdict(list)
    for job in sorted(jobs, key=lambda job: (job.round, job.index)):
        of_category[job.category.category].append(job)
    for key, free in of_category.items():
        one = known[key]
        found = candidates(one.prompts, one.pictures, one.probes, free[0].round, settings)
        for job, rethink in zip(free, found, strict=False):  # more may be worth it than there are prompts to write
            yield _Chosen(job, rethink)


def _contests(
    batch: Batch, chosen: Sequence[_Chosen], known: dict[str, Evidence], rethinking: Rethinking
) -> Iterator[Contest]:
    """Yield a contest for each rewrite that the model brings; what it cannot write is stored as a refused probe."""
    system = rethink_agent_text()
    questions = [RethinkQuestion(system, one.job.category, one.rethink, _others(one, known)) for one in chosen]
    for one, reply in zip(chosen, ask_all(rethinking.chat, questions), strict=True):
        category = one.job.category
        if reply.unanswered:
            batch.fail(STAGE, category, Unanswered(reply.unanswered))
        elif reply.value is None:
            batch.tables.append([_unwritten(batch, one, reply)])
        else:
            row = prompt_row(
                one.job,
                reply.value.text,
                reply.value.slots,
                rethinking.author,
                origin="rethink",
                lint=reply.reasons,
                parent_id=one.rethink.parent.prompt_id,
            )
            probe = Probe(rethinking.settings.max_pairs, rethinking.settings.accept_at)
            yield Contest(category, one.rethink, row, probe)


def _others(one: _Chosen, known: dict[str, Evidence]) -> tuple[str, ...]:
    parent = one.rethink.parent
    return tuple(p.text for p in known[parent.category].prompts if p.prompt_id != parent.prompt_id)


def _unwritten(batch: Batch, one: _Chosen, reply: Reply[Rewrite]) -> PromptProbe:
    """Return the row of a probe that never began; what the generator ignores is left out, so that it is no news."""
    parent = one.rethink.parent
    slots = {slot: value for slot, value in read_slots(parent.slots).items() if slot not in one.rethink.ignored}
    same = Rewrite(parent.text, slots)
    row = probe_row(one.rethink, same, Probe(), one.job.round, one.job.index, batch.run_id, batch.now)
    return replace(row, reason=f"refused: no rewrite could be read: {reply.faults[-1][:500]}")


def _recorded(batch: Batch, settled: Sequence[Contest]) -> Iterator[Prompt]:
    """Store what the probes found, and yield the prompts that they proved."""
    heard = [one for one in settled if not one.unanswered]
    batch.tables.append(
        [
            probe_row(
                one.rethink,
                Rewrite(one.rewrite.text, read_slots(one.rewrite.slots)),
                one.probe,
                one.rewrite.round,
                one.rewrite.index,
                batch.run_id,
                batch.now,
            )
            for one in heard
        ]
    )
    for one in settled:
        if one.unanswered:
            batch.fail(STAGE, one.category, Unanswered(one.unanswered))
        elif one.probe.decision == "accept":
            yield one.rewrite


def _proved(job: PromptJob, probe: PromptProbe, author: Author) -> Prompt:
    slots = read_slots(probe.slots)
    return prompt_row(job, probe.text, slots, author, origin="rethink", parent_id=probe.parent_id)
