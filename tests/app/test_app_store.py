"""The project changes in one place, and every change can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from migmap.app.project import Layer, Project, View
from migmap.app.store import Store


def layer(title: str) -> Layer:
    return Layer(title=title, source=f"/data/{title}.gpkg")


def add(title: str) -> Callable[[Project], Project]:
    return lambda project: project.with_layer(layer(title))


def titles(project: Project) -> list[str]:
    return [one.title for one in project.layers]


def test_undo_and_redo_walk_back_and_forth() -> None:
    store = Store()
    store.apply("Add a", add("a"))
    store.apply("Add b", add("b"))
    assert (store.undo_title, store.redo_title) == ("Add b", "")
    assert store.undo()
    assert titles(store.project) == ["a"]
    assert (store.undo_title, store.redo_title) == ("Add a", "Add b")
    assert store.redo()
    assert titles(store.project) == ["a", "b"]
    assert not store.redo()


def test_a_new_change_forgets_what_was_undone() -> None:
    store = Store()
    store.apply("Add a", add("a"))
    store.undo()
    store.apply("Add b", add("b"))
    assert not store.redo()
    assert titles(store.project) == ["b"]


def test_a_change_that_changes_nothing_is_no_step() -> None:
    store = Store()
    store.apply("Nothing", lambda project: project)
    store.apply("Equal", lambda project: project.changed(title=project.title))
    assert not store.undo()


def test_history_is_bounded() -> None:
    store = Store(history=3)
    for number in range(5):
        store.apply(f"Add {number}", add(str(number)))
    while store.undo():
        pass
    assert titles(store.project) == ["0", "1"]


def test_changed_tells_old_and_new_and_keeps_untouched_layers_identical() -> None:
    store = Store()
    store.apply("Add a", add("a"))
    store.apply("Add b", add("b"))
    seen = []
    store.changed.connect(lambda old, new: seen.append((old, new)))
    changed_id = store.project.layers[1].id
    store.apply("Hide b", lambda p: p.edited(changed_id, lambda one: one.changed(visible=False)))
    ((old, new),) = seen
    assert old.layers[0] is new.layers[0]
    assert old.layers[1] is not new.layers[1]
    assert not new.layers[1].visible


def test_moving_the_map_is_no_step_and_undo_leaves_it_where_it_is() -> None:
    store = Store()
    store.apply("Add a", add("a"))
    view = View(x=7_500_000, y=3_400_000, metres_per_pixel=100)
    store.adjust(lambda project: project.changed(view=view))
    assert store.undo_title == "Add a"
    store.undo()
    assert store.project.view == view


def test_modified_until_saved_and_again_when_changed_back() -> None:
    store = Store()
    assert not store.modified
    store.apply("Add a", add("a"))
    assert store.modified
    store.mark_saved(store.project)
    assert not store.modified
    store.undo()
    assert store.modified
    store.redo()
    assert not store.modified


def test_replacing_the_project_starts_a_new_history() -> None:
    store = Store()
    store.apply("Add a", add("a"))
    store.replace(Project(title="Other"))
    assert not store.undo()
    assert not store.modified


@given(st.lists(st.sampled_from(["add", "remove", "move", "hide", "undo", "redo"]), max_size=30))
def test_undoing_everything_gives_the_first_project_back_and_redoing_the_last(steps: list[str]) -> None:
    store = Store()
    start = store.project
    for number, step in enumerate(steps):
        if step == "undo":
            store.undo()
        elif step == "redo":
            store.redo()
        elif step == "add":
            store.apply(step, add(str(number)))
        elif store.project.layers:
            first = store.project.layers[0].id
            if step == "remove":
                store.apply(step, lambda p, first=first: p.without_layer(first))
            elif step == "move":
                store.apply(step, lambda p, first=first: p.moved(first, len(p.layers) - 1))
            else:
                store.apply(
                    step,
                    lambda p, first=first: p.edited(first, lambda one: one.changed(visible=not one.visible)),
                )
    last = store.project
    undone = 0
    while store.undo():
        undone += 1
    # What was undone is in the log all the same.
    assert store.project.changed(log=()) == start
    for _ in range(undone):
        assert store.redo()
    assert store.project.changed(log=()) == last.changed(log=())
