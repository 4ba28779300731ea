"""Declared parameters: what forms, commands and recipes read from one class."""

from __future__ import annotations

import json
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from migmap.api import Params, RasterInput, TypedNumber, VectorInput, declared_fields
from migmap.geo.classes import classes_from_edges


class Example(Params):
    hazard: Annotated[str, RasterInput(), VectorInput(kinds=("hazard",))] = Field(description="Where.")
    edges: tuple[TypedNumber, ...] | None = Field(None, title="Edges")
    limit_km: float | None = Field(None, gt=0, json_schema_extra={"unit": "km"})


def test_a_field_tells_forms_and_commands_what_they_need() -> None:
    hazard, edges, limit = declared_fields(Example)
    assert hazard.required
    assert hazard.is_input
    assert (hazard.flag, hazard.description) == ("--hazard", "Where.")
    assert (edges.type, edges.many, edges.optional, edges.title) == (float, True, True, "Edges")
    assert (limit.flag, limit.unit, limit.minimum) == ("--limit-km", "km", 0.0)


def test_class_labels_keep_the_numbers_as_typed_also_through_a_recipe() -> None:
    typed = Example(hazard="h", edges=("0.10", "0.5", 1))
    again = Example(**json.loads(typed.model_dump_json()))
    for params in (typed, again):
        assert params.edges is not None
        assert [float(edge) for edge in params.edges] == [0.1, 0.5, 1.0]
        assert classes_from_edges(params.edges).labels == ("not_exposed", "0.10-0.5", "0.5-1", "1+")
    assert json.loads(typed.model_dump_json())["edges"] == ["0.10", 0.5, 1.0]


@pytest.mark.parametrize("bad", ["a", "", True, None])
def test_what_is_no_number_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        Example(hazard="h", edges=(bad,))
