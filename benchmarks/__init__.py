"""Figures: what Spindle costs, as ratios to floors measured in the same rounds."""
