"""The offline vision model says what a picture shows, or what stands in a box of it, in plain sentences. Simulated."""

import json
from collections import Counter
from collections.abc import Sequence

from genval_assets.language.nouns import with_article
from genval_assets.layouts.seeing import CaptionAnswer
from genval_assets.types import ChatRequest, Rgb, Xywh
from resources.offline.opinion import NAMELESS
from resources.offline.scene_sight import SeenThing, things
from resources.offline.vision import NoPicture
from resources.offline.wording import plural_of

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NOTHING = "Nothing but background."
UNKNOWN = f"{NAMELESS} that cannot be recognised"


def caption(request: ChatRequest) -> CaptionAnswer:
    """Return the caption of the request's picture, or of the box that it names.

    Raises:
        NoPicture: the request does not hold exactly one picture.
    """
    if len(request.images) != 1:
        raise NoPicture(f"the offline vision model describes one picture at a time; got {len(request.images)}")
    picture = request.images[0]
    task = json.loads(request.user)
    box = _in_px(task["box"], picture) if "box" in task else None
    return CaptionAnswer(caption=described(things(picture, box)))


def described(seen: Sequence[SeenThing]) -> str:
    """Return what is seen as a sentence, things that look alike together, in the order given."""
    counts = Counter(_phrase(thing) for thing in seen)
    said = [_counted(phrase, number) for phrase, number in counts.items()]
    if not said:
        return NOTHING
    if len(said) == 1:
        return f"{said[0][0].upper()}{said[0][1:]}."
    opening = "There is" if next(iter(counts.values())) == 1 else "There are"
    return f"{opening} {', '.join(said[:-1])} and {said[-1]}."


def _phrase(thing: SeenThing) -> str:
    if thing.called == NAMELESS:
        return UNKNOWN
    pattern = "" if thing.pattern == "plain" else thing.pattern
    return " ".join(word for word in (thing.colour, pattern, thing.called) if word)


def _counted(phrase: str, number: int) -> str:
    if phrase == UNKNOWN:
        return phrase if number == 1 else f"{_number(number)} things that cannot be recognised"
    return with_article(phrase) if number == 1 else f"{_number(number)} {plural_of(phrase)}"


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def _in_px(box: Sequence[float], picture: Rgb) -> Xywh:
    """Return shares left, top, right, bottom as a box in px."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box
    return left * width, top * height, (right - left) * width, (bottom - top) * height
