"""A package in a folder that Python does not look into by itself."""
