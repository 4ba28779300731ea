"""What the plugin says of itself; nothing else is imported before it is needed."""

from migmap.api import Plugin

PLUGIN = Plugin(
    name="example",
    title="Example plugin",
    version="1.0",
    kinds=("migmap_example.tap_stand:TapStand",),
    analyses=("migmap_example.tally:Tally",),
    exporters=("migmap_example.markdown:Markdown",),
)
