"""Closed YAML files: read safely, check against a JSON schema, every mistake at once, in words."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from hindpaw.findings import Finding, StudyError, nearest

CHECK = "configuration"


def parse(text: str, name: str, as_written: bool = False) -> Any:
    """The document a YAML 1.2 text holds; no tags, no duplicate keys.

    With `as_written` every number stays the text it was written as, digits and all.

    Raises
    ------
    StudyError
        Where the text is not YAML, with the line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return _dates_as_text(YAML(typ="base" if as_written else "safe", pure=True).load(text))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}, line {mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        what = f"The file is not valid YAML: {problem}."
        advice = "Mend this line; a colon, a quote or the indentation is the usual cause."
        if mark and ">" in "".join(text.splitlines()[mark.line : mark.line + 1]):
            advice = 'A value that begins with > must stand in quotes: "> 0.05".'
        raise StudyError([_mistake(place, what, advice)]) from None


def _dates_as_text(node: Any) -> Any:
    """The document with dates as they are written; YAML would make 2024-03-01 an object."""
    if isinstance(node, dict):
        return {key: _dates_as_text(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_dates_as_text(value) for value in node]
    return node.isoformat() if isinstance(node, datetime.date) else node


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema that ships with hindpaw, such as `study.schema.yaml`."""
    document: dict[str, Any] = parse(files("hindpaw").joinpath("schemas", name).read_text(encoding="utf-8"), name)
    return document


def checked(document: Any, schema_name: str, name: str) -> dict[str, Any]:
    """The document with every default filled in.

    Parameters
    ----------
    document : what `parse` gave
    schema_name : such as `study.schema.yaml`
    name : what messages call the file

    Raises
    ------
    StudyError
        With one finding for each mistake: the key's path, what was found and what would be right.
    """
    from jsonschema import Draft202012Validator

    rules = schema(schema_name)
    errors = sorted(
        Draft202012Validator(rules).iter_errors(document),
        key=lambda error: list(map(str, error.absolute_path)),
    )
    found = [finding for error in errors for finding in _findings_of(error, name)]
    if found:
        raise StudyError(found)
    filled: dict[str, Any] = with_defaults(document, rules, rules)
    return filled


def with_defaults(value: Any, rules: dict[str, Any], root: dict[str, Any]) -> Any:
    """The value with the schema's defaults where a key is left out, at every depth."""
    rules = _resolved(rules, root)
    if isinstance(value, dict):
        properties = rules.get("properties", {})
        rest = rules.get("additionalProperties") or {}
        missing = {
            key: _resolved(rule, root)["default"]
            for key, rule in properties.items()
            if key not in value and "default" in _resolved(rule, root)
        }
        whole = value | missing
        return {key: with_defaults(item, properties.get(key, rest), root) for key, item in whole.items()}
    if isinstance(value, list) and isinstance(rules.get("items"), dict):
        return [with_defaults(item, rules["items"], root) for item in value]
    return value


def _resolved(rules: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The rules with a reference into `$defs` looked up, and for a choice, the choice that is a mapping."""
    if "$ref" in rules:
        rules = root["$defs"][rules["$ref"].rsplit("/", 1)[1]] | {k: v for k, v in rules.items() if k != "$ref"}
    for choice in rules.get("oneOf", []):
        if choice.get("type") == "object":
            return choice | {k: v for k, v in rules.items() if k != "oneOf"}
    return rules


def _mistake(place: str, what: str, what_to_do: str) -> Finding:
    """A finding about a file that people write for hindpaw."""
    why = "Nothing can be computed from a setting that is not understood."
    return Finding(CHECK, "error", "study", what, why, what_to_do, source=place)


def _findings_of(error: Any, name: str) -> Iterator[Finding]:
    """One violation of a schema in words; a closed mapping gives one finding a stray key."""
    place = f"{name}: {_path(error)}"
    if error.validator == "additionalProperties":
        valid = error.schema.get("properties", {})
        for key in sorted(map(str, set(error.instance) - set(valid))):
            inner = f"{_path(error)}.{key}".removeprefix("the whole file.")
            yield _mistake(
                f"{name}: {inner}",
                f'There is no key "{key}" here.',
                nearest(key, valid),
            )
    elif error.validator == "required":
        for key in [key for key in error.validator_value if key not in error.instance]:
            yield _mistake(
                place,
                f'The key "{key}" is missing.',
                f'Add "{key}: …" here; config/README.md says what it holds.',
            )
    elif error.validator == "enum":
        yield _mistake(
            place,
            f"{_shown(error.instance)} is not a choice here.",
            nearest(error.instance, error.validator_value),
        )
    elif error.validator == "oneOf" and (of_kind := _of_its_kind(error)):
        for inside in of_kind:
            yield from _findings_of(inside, name)
    else:
        yield _mistake(place, f"{_shown(error.instance)} does not fit.", _wanted(error))


def _of_its_kind(error: Any) -> list[Any]:
    """Of several choices, the mistakes against the one that is a text, a list or a mapping as the value is."""
    choices: dict[int, list[Any]] = {}
    for inner in error.context:
        choices.setdefault(inner.schema_path[0], []).append(inner)
    here = len(error.absolute_path)
    fitting = [
        found
        for found in choices.values()
        if not any(one.validator == "type" and len(one.absolute_path) == here for one in found)
    ]
    return fitting[0] if fitting else []


def _wanted(error: Any) -> str:
    """What a value should have been, in words."""
    value = error.validator_value
    kinds = {
        "string": "text",
        "number": "a number",
        "integer": "a whole number",
        "object": "keys with values",
        "array": "a list",
        "boolean": "true or false",
        "null": "null",
    }
    if error.validator == "type":
        return "Give " + " or ".join(kinds[kind] for kind in ([value] if isinstance(value, str) else value)) + "."
    if "examples" in error.schema and error.validator in ("pattern", "oneOf"):
        return f"Write it like this: {', or '.join(error.schema['examples'])}."
    wanted = {
        "minimum": f"Give a value of {value} or more.",
        "maximum": f"Give a value of {value} or less.",
        "exclusiveMinimum": f"Give a value above {value}.",
        "minItems": f"Give at least {value}.",
        "maxItems": f"Give at most {value}.",
        "minLength": "Give a text that is not empty.",
        "minProperties": "Give at least one.",
        "pattern": "Use small letters, digits and underscores, a letter first.",
        "uniqueItems": "Name each only once.",
    }
    return wanted.get(error.validator, f"{error.message}.")


def _path(error: Any) -> str:
    """Where in the file: `arms.bmsc.role`, list items by their number from 1."""
    steps = [str(step + 1) if isinstance(step, int) else str(step) for step in error.absolute_path]
    return ".".join(steps) or "the whole file"


def _shown(value: Any) -> str:
    """The value as a person would recognise it, cut where it is long."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "…"


def keys(name: str) -> list[str]:
    """Every key of a schema as rows of a Markdown table: path, default, what it says.

    >>> keys("config.schema.yaml")[0]
    '| `studies` | `["bmsc-cci"]` | Studies to run: names of files in `study_folder`, or paths to study files. |'
    """
    root = schema(name)
    return [_key(path, rules) for path, rules in _walk(root, root, "")]


def _walk(rules: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each key with its rules, the keys inside it after it."""
    rules = _resolved(rules, root)
    for key, inner in rules.get("properties", {}).items():
        here = f"{path}.{key}".removeprefix(".")
        known = _resolved(inner, root)
        yield here, known | {"required": key in rules.get("required", [])}
        yield from _walk(known, root, here)
        if isinstance(known.get("items"), dict):
            yield from _walk(known["items"], root, f"{here}.1")
        if isinstance(known.get("additionalProperties"), dict):
            yield from _walk(known["additionalProperties"], root, f"{here}.<name>")


def _key(path: str, rules: dict[str, Any]) -> str:
    """One row."""
    default = (
        f"`{json.dumps(rules['default'], ensure_ascii=False)}`"
        if "default" in rules
        else "required"
        if rules["required"]
        else ""
    )
    choices = f" One of: {', '.join(map(str, rules['enum']))}." if "enum" in rules else ""
    told = " ".join(str(rules.get("description", "")).split()).replace("|", "\\|")
    return f"| `{path}` | {default} | {told}{choices} |"


if __name__ == "__main__":
    for file in ("study", "claims", "config"):
        heading = {"study": "A study file", "claims": "A claims file", "config": "config.yaml"}[file]
        print(f"\n## {heading}\n\n| key | default | meaning |\n|---|---|---|")
        print("\n".join(keys(f"{file}.schema.yaml")))
