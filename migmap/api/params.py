"""One declaration per analysis and exporter: form, command, recipe, help and checks follow from it."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic_core import PydanticUndefined, core_schema


@dataclass(frozen=True, slots=True)
class VectorInput:
    """The field names a vector layer. kinds: preferred kinds, best first (others are allowed).
    geometry: what it may hold."""

    kinds: tuple[str, ...] = ()
    geometry: tuple[Literal["point", "line", "polygon"], ...] = ("point", "polygon")


@dataclass(frozen=True, slots=True)
class RasterInput:
    """The field names a raster layer."""

    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnOf:
    """The field names a column of the vector layer in field `input`.
    role: the role whose column a form fills in. numeric: only number columns fit. upper: the column puts
    rows together, so a form offers first those of the levels above the layer's own."""

    input: str
    role: str = ""
    numeric: bool = False
    upper: bool = False


@dataclass(frozen=True, slots=True)
class RunInput:
    """The field names a saved run document; it arrives resolved in `Inputs.runs`."""


@dataclass(frozen=True, slots=True)
class ProfileInput:
    """The field names a profile, built-in or a file; it arrives resolved in `Inputs.profiles`."""

    kind: Literal["scheme", "rates", "needs"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A value hint for the command line, and how several values are given: repeat True by giving the option
    again, False with commas between them, None as usual (numbers with commas, text again)."""

    metavar: str
    repeat: bool | None = None


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """The field says something only where the input in field `input` is a raster, or is a vector layer;
    a form hides it otherwise."""

    input: str
    is_a: Literal["raster", "vector"]


@dataclass(frozen=True, slots=True)
class Beside:
    """The field has a value for each of the several inputs in field `input`, in the same order; a form puts
    them beside the inputs. shared: one value may also stand for all."""

    input: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class GroupsOf:
    """The field names groups of people of the vector layer in field `input`, among those that the column in
    field `people` counts; "all" stands for every one, "none" for none."""

    input: str
    people: str


@dataclass(frozen=True, slots=True)
class ClassOf:
    """The field names a class of the input in field `input`."""

    input: str


@dataclass(frozen=True, slots=True)
class InsteadOf:
    """The field takes the place of field `field`; a form hides that one while this one is given."""

    field: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Values a form offers for a text field, each with what it means in words. Others stay possible."""

    values: tuple[tuple[str, str], ...]


class TypedNumber(float):
    """A number that remembers how it was typed, for labels: "0.50" stays "0.50".

    In a recipe it is a plain number where nothing would be lost, else the text.
    """

    text: str

    def __new__(cls, value: str | float) -> TypedNumber:
        self = super().__new__(cls, value)
        self.text = value.strip() if isinstance(value, str) else getattr(value, "text", "")
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            cls._checked,
            core_schema.is_instance_schema(cls),
            serialization=core_schema.plain_serializer_function_ser_schema(cls._plain),
        )

    @classmethod
    def _checked(cls, value: Any) -> TypedNumber:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError("Input should be a number")
        try:
            return cls(value)
        except ValueError:
            raise ValueError(f"“{value}” is not a number") from None

    def _plain(self) -> str | float:
        number = float(self)
        shown = str(int(number)) if number.is_integer() else repr(number)
        return self.text if self.text and self.text not in (shown, repr(number)) else number


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def _as_few(value: tuple[Any, ...] | None) -> Any:
    return value[0] if value is not None and len(value) == 1 else value


OneOrMore = (BeforeValidator(_several), PlainSerializer(_as_few))
"""Put `*OneOrMore` into the annotation of a tuple that mostly holds one value: it is then written as that
value alone."""


def input_key(field: str, index: int) -> str:
    """What the index-th (from 0) of several inputs of a field is called: "hazard", "hazard:2", "hazard:3"."""
    return field if index == 0 else f"{field}:{index + 1}"


def input_field(key: str) -> str:
    """The field behind an `input_key`."""
    return key.partition(":")[0]


def references_in(fields: Iterable[ParamField], values: Mapping[str, Any]) -> dict[str, str]:
    """`input_key` -> reference, of every input that is given, in the order of declaration."""
    found: dict[str, str] = {}
    for one in fields:
        value = values.get(one.name)
        if one.is_input and value is not None:
            texts = [value] if isinstance(value, str) else list(value)
            found.update({input_key(one.name, index): str(text) for index, text in enumerate(texts)})
    return found


class Params(BaseModel):
    """Base of every parameter class. Values are plain (str, float, int, bool, tuples of them), so
    that a recipe is JSON; inputs are file references or layer ids and arrive resolved in `Inputs`.

    Give each field `Field(title=..., description=...)`, bounds with ge/gt/le/lt, a unit in
    `json_schema_extra={"unit": "km"}`; `{"advanced": True}` folds it away in the form,
    `{"section": "Hazard"}` puts it into that part of the form.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class ParamField:
    """One declared parameter, as forms, commands and help read it."""

    name: str
    flag: str
    title: str
    description: str
    required: bool
    default: Any
    type: Any
    """bool, int, float or str: the type of one value."""
    many: bool
    optional: bool
    choices: tuple[str, ...]
    unit: str
    advanced: bool
    minimum: float | None
    maximum: float | None
    vector: VectorInput | None
    raster: RasterInput | None
    column: ColumnOf | None
    metavar: str
    only_for: OnlyFor | None = None
    suggestions: tuple[tuple[str, str], ...] = ()
    run: RunInput | None = None
    profile: ProfileInput | None = None
    repeat: bool = False
    """Several values are given by repeating the option, not with commas."""
    section: str = ""
    """The part of a form it belongs to."""
    beside: Beside | None = None
    groups: GroupsOf | None = None
    class_of: ClassOf | None = None
    instead_of: str = ""

    @property
    def is_input(self) -> bool:
        return self.vector is not None or self.raster is not None


def declared_fields(params: type[Params]) -> tuple[ParamField, ...]:
    """The fields of a Params class in order of declaration."""
    return tuple(_field(name, info) for name, info in params.model_fields.items())


def _field(name: str, info: Any) -> ParamField:
    kind, many, optional, choices = _shape(info.annotation)
    extra = info.json_schema_extra or {}
    marks = {type(mark): mark for mark in info.metadata}
    bounds: dict[str, float] = {}
    for mark in info.metadata:
        for key in ("ge", "gt", "le", "lt"):
            value = getattr(mark, key, None)
            if isinstance(value, int | float):
                bounds["minimum" if key in ("ge", "gt") else "maximum"] = float(value)
    flag = marks.get(Flag)
    suggested = marks.get(Suggestions)
    default = None if info.default is PydanticUndefined else info.default
    instead = marks.get(InsteadOf)
    return ParamField(
        name=name,
        flag="--" + name.replace("_", "-"),
        title=info.title or name.replace("_", " ").capitalize(),
        description=info.description or "",
        required=info.is_required(),
        default=default,
        type=kind,
        many=many,
        optional=optional,
        choices=choices,
        unit=str(extra.get("unit", "")),
        advanced=bool(extra.get("advanced", False)),
        minimum=bounds.get("minimum"),
        maximum=bounds.get("maximum"),
        vector=marks.get(VectorInput),
        raster=marks.get(RasterInput),
        column=marks.get(ColumnOf),
        metavar=flag.metavar if flag else "",
        only_for=marks.get(OnlyFor),
        suggestions=suggested.values if suggested else (),
        run=marks.get(RunInput),
        profile=marks.get(ProfileInput),
        repeat=many and (kind is str if flag is None or flag.repeat is None else flag.repeat),
        section=str(extra.get("section", "")),
        beside=marks.get(Beside),
        groups=marks.get(GroupsOf),
        class_of=marks.get(ClassOf),
        instead_of=instead.field if instead else "",
    )


def _shape(annotation: Any) -> tuple[Any, bool, bool, tuple[str, ...]]:
    """(type of one value, several values?, may be None?, choices) of an annotation."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return _shape(get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not type(None)]
        kind, many, _, choices = _shape(inner[0])
        return kind, many, len(inner) < len(get_args(annotation)), choices
    if origin is tuple:
        kind, _, _, choices = _shape(get_args(annotation)[0])
        return kind, True, False, choices
    if origin is Literal:
        return str, False, False, tuple(str(arg) for arg in get_args(annotation))
    if annotation is TypedNumber:
        return float, False, False, ()
    return annotation, False, False, ()
