"""Built-in analyses, a plugin under the public contract."""

from migmap.api import Plugin

PLUGIN = Plugin(
    name="analysis",
    title="Built-in analyses",
    analyses=(
        "migmap.analysis.exposure:Exposure",
        "migmap.analysis.service_gap:ServiceGap",
    ),
)
