"""What the actions do, one file a noun. Each turns a click into tasks and steps of the project."""
