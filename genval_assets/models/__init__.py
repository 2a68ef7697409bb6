"""The models that draw, segment, detect and compare: what can be set about them. Loading is the resources' business."""
