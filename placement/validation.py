"""A document against a pydantic model: the value, or every error with its place and a hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from placement.diagnostics import MAX_REPORTED, Diagnostic, InputError, Where, brief, did_you_mean
from placement.documents import THE_KEY, Document, Finding, KeyPath


class Wording(NamedTuple):
    """Code and words for one kind of pydantic error; `{value}` is what the file says, the rest the error's context."""

    code: str
    message: str


_TEXT_HINT = "write it in quotes: text that looks like a number or a truth value needs them"
_WORDING = {
    "int_type": Wording("wrong-type", "must be a whole number, not {value}"),
    "float_type": Wording("wrong-type", "must be a number, not {value}"),
    "bool_type": Wording("wrong-type", "must be true or false, not {value}"),
    "string_type": Wording("wrong-type", "must be text, not {value}"),
    "list_type": Wording("wrong-type", "must be a list, not {value}"),
    "dict_type": Wording("wrong-type", "must be a mapping of keys to values, not {value}"),
    "model_type": Wording("wrong-type", "must be a mapping of keys to values, not {value}"),
    "greater_than": Wording("out-of-range", "must be more than {gt:,}, not {value}"),
    "greater_than_equal": Wording("out-of-range", "must be at least {ge:,}, not {value}"),
    "less_than": Wording("out-of-range", "must be less than {lt:,}, not {value}"),
    "less_than_equal": Wording("out-of-range", "must be at most {le:,}, not {value}"),
    "finite_number": Wording("not-finite", "must be a finite number, not {value}"),
    "string_too_short": Wording("wrong-length", "must not be empty"),
    "string_too_long": Wording("wrong-length", "must have at most {max_length:,} characters"),
    "string_unicode": Wording("control-character", "half of a character (`\\ud800` to `\\udfff`) is not allowed"),
    "too_short": Wording("wrong-length", "must not be empty"),
    "too_long": Wording("wrong-length", "must have at most {max_length:,} entries, not {actual_length:,}"),
    "string_pattern_mismatch": Wording("wrong-form", "must match `{pattern}`, not {value}"),
    "literal_error": Wording("unknown-choice", "{value} is not one of its values"),
}
_OTHERWISE = Wording("wrong-form", "")

M = TypeVar("M", bound=BaseModel)


def validated(document: Document, model: type[M]) -> M:
    """The document as *model*; raises `InputError` with all errors (at most 50)."""
    try:
        if document.value is None:
            where = Where(document.path)
            raise InputError([Diagnostic("empty-file", "there is nothing in this file", where)])
        if not isinstance(document.value, dict):
            message = f"this file must be a mapping of keys to values, not {_shown(document.value)}"
            raise InputError(document.diagnostics([Finding("not-a-mapping", message, ())]))
        value = model.model_validate(document.value)
    except ValidationError as error:
        refuse(document, findings_of(error, document.value, model))
    refuse(document, ())
    return value


def findings_of(error: ValidationError, value: Any, model: type[BaseModel]) -> Iterator[Finding]:
    """What pydantic says of *value*, in our words."""
    for problem in error.errors(include_url=False, include_input=False):
        yield _finding(problem, value, model)


def refuse(document: Document, findings: Iterable[Finding]) -> None:
    """Raise `InputError` with the document's repeated keys and the first of *findings*, if there are any."""
    listed = list(islice(findings, MAX_REPORTED + 1))
    found = [*document.repeated, *document.diagnostics(listed[:MAX_REPORTED])]
    if found:
        found.sort(key=lambda diagnostic: (diagnostic.where.line, diagnostic.where.column))
        raise InputError(found[:MAX_REPORTED], more=len(found) > MAX_REPORTED or len(listed) > MAX_REPORTED)


def _finding(problem: Any, root: Any, model: type[BaseModel]) -> Finding:
    path: KeyPath = problem["loc"]
    kind = problem["type"]
    last = str(path[-1]) if path else ""
    if kind == "missing":
        return Finding("missing-key", f"`{last}` is missing{_in(path[:-1])}", path[:-1], _describe(model, path))
    if kind == "extra_forbidden":
        hint = did_you_mean(last, _keys_of(_model_at(model, path[:-1])))
        return Finding("unknown-key", f"unknown key `{brief(last)}`{_in(path[:-1])}", (*path, THE_KEY), hint)
    value, label = _value_at(root, path), f"`{_dotted(path)}`"
    if last == "[key]" and value is None:
        value, label, path = path[-2], f"a key{_in(path[:-2])}", (*path[:-1], THE_KEY)
    context = problem.get("ctx", {})
    if kind not in _WORDING:
        code, message = (kind if "-" in kind else _OTHERWISE.code), str(problem["msg"])
        hint = ""
    else:
        code, template = _WORDING[kind]
        message = template.format(value=_shown(value), **{key: _whole(part) for key, part in context.items()})
        hint = _hint(kind, value, context, _describe(model, path))
    return Finding(code, f"{label}: {message}" if problem["loc"] else message, path, hint)


def _hint(kind: str, value: Any, context: dict[str, Any], description: str) -> str:
    if kind == "literal_error":
        choices = [choice.strip("' ") for choice in context["expected"].replace(" or ", ",").split(",")]
        return did_you_mean(str(value), choices)
    if kind == "string_unicode":
        return "write the character itself, or both halves"
    if kind == "string_type" and isinstance(value, bool | int | float):
        return _TEXT_HINT
    if kind in {"int_type", "float_type", "bool_type"} and isinstance(value, str):
        return f"write it without quotes. {description}" if _is_plain(value) else description
    return description


def _whole(part: Any) -> Any:
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _is_plain(text: str) -> bool:
    return text in {"true", "false"} or text.replace(".", "", 1).isdecimal()


def _shown(value: Any) -> str:
    """The value as a reader of the file knows it, briefly."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return brief(repr(value), 40)
    if isinstance(value, str):
        return f"the text `{brief(value)}`"
    return "a list" if isinstance(value, list) else "a mapping"


def _in(path: KeyPath) -> str:
    return f" in `{_dotted(path)}`" if path else ""


def _dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return brief(text, 200)


def _value_at(value: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _model_at(root: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model that describes the mapping at *path*, by walking the annotations."""
    model: type[BaseModel] | None = root
    annotation: Any = root
    for part in path:
        if model is not None:
            field = _fields(model).get(str(part))
            if field is None:
                return None
            annotation = field.annotation
            model = None
        else:
            arguments = get_args(annotation)
            if not arguments:
                return None
            annotation = arguments[-1]
        for candidate in (annotation, *get_args(annotation)):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                if candidate is annotation or type(None) in get_args(annotation):
                    model = candidate
                break
    return model


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _keys_of(model: type[BaseModel] | None) -> Iterable[str]:
    return _fields(model) if model is not None else ()


def _describe(root: type[BaseModel], path: KeyPath) -> str:
    """What the model says about the field at *path*, empty for anything but a field of a model."""
    model = _model_at(root, path[:-1])
    field = _fields(model).get(str(path[-1])) if model is not None and path else None
    return str(field.description) if field is not None and field.description else ""
