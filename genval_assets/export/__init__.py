"""Calculations on what leaves genval: COCO and LVIS documents, card, gallery, manifest."""
