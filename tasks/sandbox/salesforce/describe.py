"""Describe calls, and the schema that every other part of the emulator asks."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from tasks.sandbox.salesforce.errors import missing
from tasks.sandbox.salesforce.fields import Field
from tasks.sandbox.salesforce.objects import OBJECTS, PREFIXES
from tasks.sandbox.salesforce.org import stamp
from tasks.sandbox.world import World

_YES = (
    "compactLayoutable", "createable", "deletable", "feedEnabled", "layoutable", "mruEnabled", "queryable",
    "replicateable", "retrieveable", "searchLayoutable", "searchable", "triggerable", "undeletable", "updateable",
)  # fmt: skip
_NO = (
    "activateable", "custom", "customSetting", "deepCloneable", "deprecatedAndHidden", "hasSubtypes", "isInterface",
    "isSubtype", "mergeable",
)  # fmt: skip
_NULL = (
    "associateEntityType", "associateParentEntity", "defaultImplementation", "extendedBy", "extendsInterfaces",
    "implementedBy", "implementsInterfaces",
)  # fmt: skip
_HIDDEN, _CHANGED = "salesforce.hidden", "salesforce.described"


@dataclass(frozen=True)
class Schema:
    """One object as the API's user sees it."""

    name: str
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by lower-cased name: the API ignores case in names."""
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        return {field.relationship.lower(): field for field in self.fields if field.relationship}

    def find(self, name: str) -> Field | None:
        return self.by_name.get(name.lower())

    @property
    def prefix(self) -> str:
        return PREFIXES[self.name]


@lru_cache(maxsize=64)
def _schema(name: str, hidden: frozenset[str]) -> Schema:
    return Schema(name, tuple(field for field in OBJECTS[name] if f"{name}.{field.name}" not in hidden))


def hide(world: World, *fields: str) -> None:
    """Take fields (`Contact.DoNotCall`) away from the API's user, as field-level security does; no fields: show all."""
    world.store.remember(_HIDDEN, list(fields))
    world.store.remember(_CHANGED, stamp(world.clock.now()))


def changed_at(world: World) -> str:
    """When what a describe call says last changed."""
    known = world.store.fact(_CHANGED)
    if known is None:
        known = stamp(world.clock.now())
        world.store.remember(_CHANGED, known)
    return str(known)


def schema(world: World, name: str) -> Schema | None:
    """The object of that name in any case, without the hidden fields."""
    known = next((known for known in OBJECTS if known.lower() == name.lower()), None)
    return _schema(known, frozenset(world.store.fact(_HIDDEN, []))) if known else None


def need_schema(world: World, name: str) -> Schema:
    """The object, or the vendor's 404."""
    found = schema(world, name)
    if found is None:
        raise missing()
    return found


def describe(world: World, found: Schema, version: str) -> dict[str, Any]:
    """The answer of `/sobjects/X/describe`."""
    return _about(found, version) | {
        "actionOverrides": [],
        "childRelationships": [_child(child, field) for child, field in _referring(world, found.name)],
        "fields": [field.describe() for field in found.fields],
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {found.name.lower()}s", "name": "everything"}],
    }


def describe_all(world: World, version: str) -> dict[str, Any]:
    """The answer of `/sobjects`."""
    schemas = [need_schema(world, name) for name in OBJECTS]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_about(found, version) for found in schemas]}


def brief(found: Schema, version: str) -> dict[str, Any]:
    """The answer of `/sobjects/X`."""
    return {"objectDescribe": _about(found, version), "recentItems": []}


def _about(found: Schema, version: str) -> dict[str, Any]:
    base = f"/services/data/v{version}/sobjects/{found.name}"
    urls = {"rowTemplate": f"{base}/{{ID}}", "describe": f"{base}/describe", "sobject": base}
    said: dict[str, Any] = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False) | dict.fromkeys(_NULL)
    return said | {
        "keyPrefix": found.prefix,
        "label": found.name,
        "labelPlural": f"{found.name}s",
        "mergeable": found.name in ("Account", "Contact", "Lead"),
        "name": found.name,
        "urls": urls,
    }


def _referring(world: World, name: str) -> list[tuple[str, str]]:
    schemas = [need_schema(world, other) for other in OBJECTS]
    return [(other.name, field.name) for other in schemas for field in other.fields if name in field.refers]


def _child(child: str, field: str) -> dict[str, Any]:
    return {
        "cascadeDelete": False, "childSObject": child, "deprecatedAndHidden": False, "field": field,
        "junctionIdListNames": [], "junctionReferenceTo": [], "relationshipName": None, "restrictedDelete": False,
    }  # fmt: skip
