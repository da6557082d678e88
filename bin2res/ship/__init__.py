"""The ways an app reaches a board, a file each, over one description of the app."""
