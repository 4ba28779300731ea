"""The log of a project: changes of what figures rest on, and of who may see them."""

from __future__ import annotations

from migmap.app.project import Layer
from migmap.app.store import Store


def test_changes_of_weight_are_logged_and_looks_are_not() -> None:
    store = Store()
    layer = Layer(title="Sites", source="/data/sites.csv")
    store.apply("Add Sites", lambda p: p.with_layer(layer).logged("Added /data/sites.csv; 12 rows used"))
    store.apply("Hide", lambda p: p.edited(layer.id, lambda one: one.changed(visible=False)))
    store.apply(
        "Properties of \u2068Sites\u2069",
        lambda p: p.edited(
            layer.id, lambda one: one.changed(sensitivity="public", stated={"agreement": "MoU 12"})
        ),
    )
    store.undo()
    store.redo()
    store.apply("Remove Sites", lambda p: p.without_layer(layer.id))
    assert [entry.what for entry in store.project.log] == [
        "Added /data/sites.csv; 12 rows used",
        "Properties of Sites (sensitivity: public; agreement: MoU 12)",
        "Undone: Properties of Sites (sensitivity: not stated; agreement: as in the file)",
        "Done again: Properties of Sites (sensitivity: public; agreement: MoU 12)",
        "Remove Sites",
    ]
