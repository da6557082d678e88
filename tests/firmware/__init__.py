"""Real firmware with an app frozen in: find the source, build, run."""
