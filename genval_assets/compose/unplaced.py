"""How a quarantine row of `composite_scenes` names an accepted instance that no scene could hold."""

UNPLACED = "scene for "


def unplaced_item(instance_id: str) -> str:
    """Return the row's item; what follows `UNPLACED` in it is the instance's id."""
    return f"{UNPLACED}{instance_id}"
