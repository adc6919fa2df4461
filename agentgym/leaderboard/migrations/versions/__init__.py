"""The steps, oldest first. A step names its tables itself: `models` tells how they are now."""
