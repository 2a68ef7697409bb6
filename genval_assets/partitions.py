"""The partitions of the per-category assets: one dynamic key per active category, registered rarest first."""

import dagster as dg

CATEGORIES = dg.DynamicPartitionsDefinition(name="category")


def register(instance: dg.DagsterInstance, keys: list[str], retired: list[str]) -> None:
    """Add the keys that are new, in the order given, and take away those of retired categories.

    Keys are shown in the order in which they were added, so a first registration is rarest first and "the rare
    ones" are one contiguous range.
    """
    known = set(instance.get_dynamic_partitions(CATEGORIES.name or ""))
    instance.add_dynamic_partitions(CATEGORIES.name or "", [key for key in keys if key not in known])
    for key in retired:
        if key in known:
            instance.delete_dynamic_partition(CATEGORIES.name or "", key)
