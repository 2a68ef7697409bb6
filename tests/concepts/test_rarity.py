"""What "rare" promises: the LVIS rule by images, with the reason in words."""

import csv

import pytest

from genval_assets.concepts.rarity import RareSettings, Rarity, rarity
from genval_assets.types import Concept


@pytest.mark.parametrize(("images", "rare"), [(1, True), (10, True), (11, False), (100, False), (101, False)])
def test_rare_is_ten_training_images_or_fewer(images, rare):
    assert rarity(Concept("zebra", image_count=images, instance_count=500), RareSettings()).rare is rare


def test_the_limit_is_a_setting():
    assert rarity(Concept("zebra", image_count=20), RareSettings(max_images=20)).rare
    assert not rarity(Concept("zebra", image_count=21), RareSettings(max_images=20)).rare


def test_a_frequency_letter_wins_over_the_count():
    common = Concept("zebra", image_count=3, frequency="c")
    assert rarity(common, RareSettings()) == Rarity(False, "the file calls it common (frequency c)")
    assert rarity(common, RareSettings(use_frequency=False)).rare


def test_what_was_never_counted_is_rare():
    assert rarity(Concept("zebra"), RareSettings(max_images=0)) == Rarity(True, "no real image is known to show it")


def test_instances_stand_in_where_images_were_not_counted():
    assert rarity(Concept("zebra", instance_count=10), RareSettings()).rare
    assert not rarity(Concept("zebra", instance_count=11), RareSettings()).rare


def test_the_reason_names_the_count_and_the_limit():
    assert rarity(Concept("zebra", image_count=1), RareSettings()).reason == "1 training image (rare is 10 or fewer)"
    assert rarity(Concept("z", image_count=30), RareSettings()).reason == "30 training images (rare is 10 or fewer)"


def test_the_rule_by_images_agrees_with_every_letter_of_lvis(shared_data):
    with (shared_data / "categories" / "lvis_v1_train_categories.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_images = [rarity(Concept(r["name"], image_count=int(r["image_count"])), RareSettings()).rare for r in rows]
    assert by_images == [r["frequency"] == "r" for r in rows]
    assert sum(by_images) == 337
