"""A document against a pydantic model: the value, or every error with its place and a hint."""

from collections.abc import Iterable
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from placement.diagnostics import Diagnostic, InputError, did_you_mean
from placement.documents import Document, KeyPath

MAX_REPORTED = 50

_CODES = {
    "finite_number": "not-finite",
    "literal_error": "unknown-choice",
}

M = TypeVar("M", bound=BaseModel)


def validated(document: Document, model: type[M]) -> M:
    """The document as *model*; raises `InputError` with all errors (at most 50 in full)."""
    if document.value is None:
        raise InputError([document.diagnostic("empty-file", "this file is empty", ())])
    if not isinstance(document.value, dict):
        message = "this file must be a mapping of keys to values"
        raise InputError([document.diagnostic("not-a-mapping", message, ())])
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        raise InputError(_diagnostics(error, document, model)) from None


def _diagnostics(error: ValidationError, document: Document, root: type[BaseModel]) -> list[Diagnostic]:
    problems = error.errors(include_url=False, include_input=False)
    found = [_diagnostic(problem, document, root) for problem in problems[:MAX_REPORTED]]
    if len(problems) > MAX_REPORTED:
        found.append(document.diagnostic("too-many-errors", f"and {len(problems) - MAX_REPORTED} more errors", ()))
    return found


def _diagnostic(problem: Any, document: Document, root: type[BaseModel]) -> Diagnostic:
    path: KeyPath = tuple(part for part in problem["loc"] if part != "[key]")
    kind = problem["type"]
    key = str(path[-1]) if path else ""
    if kind == "missing":
        return document.diagnostic("missing-key", f"`{key}` is missing{_in(path[:-1])}", path[:-1], _describe(root, path))
    if kind == "extra_forbidden":
        hint = did_you_mean(key, _keys_of(_model_at(root, path[:-1])))
        return document.diagnostic("unknown-key", f"unknown key `{key}`{_in(path[:-1])}", (*path, "<key>"), hint)
    message = str(problem["msg"])
    code = _CODES.get(kind, kind if "-" in kind else "invalid-value")
    label = f"`{_dotted(path)}`: " if path else ""
    hint = ""
    if kind == "literal_error":
        value = _value_at(document.value, path)
        choices = [choice.strip("' ") for choice in problem["ctx"]["expected"].replace(" or ", ",").split(",")]
        hint = did_you_mean(str(value), choices)
        message = f"`{str(value)[:80]}` is not one of its values"
    return document.diagnostic(code, f"{label}{message[:1].lower()}{message[1:]}", path, hint)


def _in(path: KeyPath) -> str:
    return f" in `{_dotted(path)}`" if path else ""


def _dotted(path: KeyPath) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text[:200]


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
            annotation = get_args(annotation)[-1]
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
    model = _model_at(root, path[:-1])
    field = _fields(model).get(str(path[-1])) if model is not None and path else None
    return str(field.description) if field is not None and field.description else ""
