"""YAML as plain values: nothing twice, nothing by reference, nothing that runs."""

from typing import Any

import yaml

from metrics.metric_map.documents.entries import UnusableDocument

MOST_CHARACTERS = 1_000_000


class _Loader(yaml.CSafeLoader):
    """The safe loader, which takes a key once only."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                line = node.start_mark.line + 1
                raise UnusableDocument([f"“{name}” is there twice, below line {line}."])
        return super().construct_mapping(node, deep)


def loaded(text: str) -> Any:
    """The values that the text stands for. Raises UnusableDocument."""
    if len(text) > MOST_CHARACTERS:
        raise UnusableDocument([f"A map has at most {MOST_CHARACTERS:,} characters."])
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
            raise UnusableDocument(["A map is written out in full, without references."])
        return yaml.load(text, _Loader)  # noqa: S506 - a safe one
    except UnusableDocument:
        raise
    except (yaml.YAMLError, ValueError) as error:  # a ValueError is a day that does not exist
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise UnusableDocument([f"This is no YAML{where}."]) from error
