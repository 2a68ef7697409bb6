"""What verification of hard negatives is worth, simulated: how many are really false of their pictures.

    python bench/negatives.py                  # 560 captions, 80 scenes
    python bench/negatives.py --captions 60    # a quick look

Prompts, pictures, captions, sentences and what is seen of pictures come from the offline profile, whose models are
rules: the figures describe this simulation and nothing else. What writes and verifies never reads the sealed truth;
only this script does, at the end. All ways work on the same captions with the same text model.

The thresholds of the offline eyes (`close_surface.py`, `checking.py`) were set on draws of the production hand, with
prompts of indices under 200, and looked over on others of it, of the golden and of the final hand, with indices under
500. Here prompts begin at index 1000 and the final hand draws: no prompt and no picture is one of those, and with
`--seed 0` no seed is, either.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack

from negative.arms import BOTH, Workshop, listed, trivial_ways
from negative.judged import accepted, judged
from negative.pictures import alone, cuts, described, scenes
from negative.tables import (
    print_arms,
    print_captions,
    print_invalid,
    print_lists,
    print_parts,
    print_rejected,
    print_scenes,
    print_trivial,
)

from genval_assets.model_ports import ChatModel
from genval_assets.negatives.lists import Rules
from genval_assets.negatives.quota import Quota
from genval_assets.negatives.settings import NegativeSettings
from genval_assets.negatives.verification import PictureVerifier
from genval_assets.negatives.vocabulary import vocabulary
from resources.offline.chat import OfflineChat
from resources.offline.foregrounds import OfflineForegrounds
from resources.offline.sealed import SealedTruthFiles
from resources.offline.studio import KINDS


def main() -> None:
    """Run everything and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--captions", type=int, default=560)
    arguments.add_argument("--scenes", type=int, default=160)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    began, words = time.monotonic(), vocabulary()
    rules = Rules(Quota(), NegativeSettings().corrections, words, PictureVerifier(BOTH, words))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        chat: ChatModel = stack.enter_context(OfflineChat().open())
        model = stack.enter_context(OfflineForegrounds(home=folder, hand="final").open())
        some = list(cuts(chat, model, given.captions, given.seed, words))
        drawn, started = time.monotonic() - began, time.process_time()
        captioned = list(described(chat, [alone(one) for one in some], words))[: given.captions]
        seconds = time.process_time() - started
        workshop = Workshop(chat, captioned, rules, given.seed)
        workshop.run()
        trivial = trivial_ways(chat, captioned, rules.verifier)
        composed = list(scenes(some, given.scenes, given.seed))
        started = time.process_time()
        of_scenes = list(described(chat, [one.pictured for one in composed], words))
        scene_seconds = time.process_time() - started
        scene_arm = listed(chat, of_scenes, rules)
        sealed = SealedTruthFiles(home=folder).looks()

    print(
        f"simulated: {len(captioned)} captions of {len(KINDS)} kinds, seed {given.seed}; 95 % intervals over captions"
    )
    print(f"{time.monotonic() - began:.0f} s on one machine's CPU, {drawn:.0f} s of it drawing and validating\n")
    looks = {subject: (look,) for subject, look in sealed.items()}
    both = judged(captioned, workshop.arms[BOTH], looks, accepted)
    print_captions(captioned, len(some), looks, seconds)
    print_arms(captioned, workshop.arms, looks)
    print_parts(both)
    print_lists(captioned, workshop.arms[BOTH])
    print_rejected(captioned, workshop.arms, looks)
    print_invalid(captioned, both)
    print_trivial(captioned, trivial, looks)
    looks_of_all = {
        one.pictured.subject_id: tuple(sealed[thing] for thing in one.instances)
        for one in composed
        if sealed.keys() >= set(one.instances)
    }
    print_scenes(of_scenes, len(composed), scene_arm, looks_of_all, scene_seconds)


if __name__ == "__main__":
    main()
