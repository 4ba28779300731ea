"""The application without a window: one frozen project, the data it names, and the verbs on both."""
