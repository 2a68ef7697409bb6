"""Wiring of what people see of a category's layout scenes in the UI."""

from collections import Counter
from collections.abc import Sequence

import dagster as dg

from genval_assets.assets.previews import Metadata, newest_scenes
from genval_assets.layout_rows import LayoutScene
from genval_assets.ports import Images
from genval_assets.rows import Annotation, Scene


def layout_metadata(
    ends: Sequence[LayoutScene], scenes: Sequence[Scene], annotations: Sequence[Annotation], images: Images
) -> Metadata:
    """Return counts, the share kept, reasons, mean CLIS-I, and the newest scenes with their masks drawn."""
    metadata: Metadata = {**newest_scenes(scenes, annotations, images)}
    outcomes = Counter(end.outcome for end in ends)
    decided = outcomes["kept"] + outcomes["rejected"]
    scored = [end.clis_i for end in ends if end.clis_i is not None]
    metadata |= {
        "layouts": len(ends),
        "kept": outcomes["kept"],
        "rejected": outcomes["rejected"],
        "errors": outcomes["error"],
        "objects": sum(end.n_objects for end in ends),
    }
    if decided:
        metadata["kept_share"] = outcomes["kept"] / decided
    if scored:
        metadata["mean_clis_i"] = sum(scored) / len(scored)
    reasons = Counter(reason for end in ends for reason in end.reasons)
    if reasons:
        metadata["reasons"] = dg.MetadataValue.table(
            [dg.TableRecord({"reason": reason, "layouts": n}) for reason, n in reasons.most_common()],
            schema=dg.TableSchema([dg.TableColumn("reason", "string"), dg.TableColumn("layouts", "int")]),
        )
    return metadata
