"""A field of an object, as a describe call tells it; short makers for the kinds of fields that the objects have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "date": "xsd:date", "datetime": "xsd:dateTime",
    "double": "xsd:double", "currency": "xsd:double", "int": "xsd:int", "address": "urn:address",
}  # fmt: skip
_KIND = {
    "id": "id", "reference": "id", "boolean": "boolean", "date": "date", "datetime": "datetime",
    "double": "number", "currency": "number", "int": "number", "address": "address",
}  # fmt: skip
LONG_TEXT = 256  # a text longer than this can't be filtered, sorted or grouped

# Keys whose value is the same for every recorded field.
_ALIKE: dict[str, Any] = {
    "aiPredictionField": False, "autoNumber": False, "calculated": False, "calculatedFormula": None,
    "cascadeDelete": False, "caseSensitive": False, "controllerName": None, "custom": False,
    "defaultValueFormula": None, "dependentPicklist": False, "deprecatedAndHidden": False,
    "displayLocationInDecimal": False, "encrypted": False, "externalId": False, "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False, "highScaleNumber": False, "htmlFormatted": False, "inlineHelpText": None,
    "mask": None, "maskType": None, "referenceTargetField": None, "relationshipOrder": None, "restrictedDelete": False,
    "searchPrefilterable": False, "unique": False, "writeRequiresMasterRead": False,
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """What the API lets a client do with a field; `write` says when: C on create, U on update."""

    name: str
    label: str
    type: str = "string"
    length: int = 0
    write: str = "CU"
    nillable: bool = True
    defaulted: bool = False
    default: Any = None
    values: Sequence[str] = ()
    restricted: bool = False
    refers: Sequence[str] = ()
    relationship: str | None = None
    compound: str | None = None
    id_lookup: bool = False
    precision: int = 0
    scale: int = 0
    digits: int = 0
    extra: str | None = None
    is_name: bool = False

    @property
    def kind(self) -> str:
        """How SOQL compares it: string, id, boolean, number, date, datetime, address."""
        return _KIND.get(self.type, "string")

    @property
    def createable(self) -> bool:
        return "C" in self.write

    @property
    def updateable(self) -> bool:
        return "U" in self.write

    @property
    def required(self) -> bool:
        """Must be given on create (fact sheet, section 5)."""
        return self.createable and not self.nillable and not self.defaulted

    @property
    def is_long(self) -> bool:
        return self.type == "textarea" and self.length >= LONG_TEXT

    @property
    def sortable(self) -> bool:
        return not self.is_long and self.type != "address"

    def describe(self) -> dict[str, Any]:
        """The 57 keys of a recorded describe."""
        groupable = self.sortable and self.type not in ("datetime", "double", "currency")
        polymorphic = len(self.refers) > 1
        return _ALIKE | {
            "aggregatable": self.sortable and self.type != "boolean",
            "byteLength": self.length if self.kind == "id" else self.length * 3,
            "compoundFieldName": self.compound,
            "createable": self.createable,
            "defaultValue": self.default,
            "defaultedOnCreate": self.defaulted,
            "digits": self.digits,
            "extraTypeInfo": self.extra or ("plaintextarea" if self.type == "textarea" else None),
            "filterable": not self.is_long,
            "groupable": groupable,
            "idLookup": self.id_lookup,
            "label": self.label,
            "length": self.length,
            "name": self.name,
            "nameField": self.is_name,
            "namePointing": polymorphic,
            "nillable": self.nillable,
            "permissionable": self.nillable and (self.createable or self.updateable),
            "picklistValues": [self._option(value) for value in self.values],
            "polymorphicForeignKey": polymorphic,
            "precision": self.precision,
            "queryByDistance": self.type == "address",
            "referenceTo": list(self.refers),
            "relationshipName": self.relationship,
            "restrictedPicklist": self.restricted,
            "scale": self.scale,
            "soapType": _SOAP.get(self.type, "xsd:string"),
            "sortable": self.sortable,
            "type": self.type,
            "updateable": self.updateable,
        }

    def _option(self, value: str) -> dict[str, Any]:
        return {"active": True, "defaultValue": value == self.default, "label": value, "validFor": None, "value": value}


def text(name: str, label: str, length: int, **more: Any) -> Field:
    return Field(name, label, "string", length, **more)


def phone(name: str, label: str) -> Field:
    """Free text: the API neither normalises nor validates it."""
    return Field(name, label, "phone", 40)


def area(name: str, label: str, length: int, **more: Any) -> Field:
    return Field(name, label, "textarea", length, **more)


def picklist(name: str, label: str, values: Sequence[str], length: int = 255, **more: Any) -> Field:
    return Field(name, label, "picklist", length, values=values, **more)


def lookup(name: str, label: str, *refers: str, **more: Any) -> Field:
    """A reference; its relationship has the field's name without `Id`."""
    return Field(name, label, "reference", 18, refers=refers, relationship=name.removesuffix("Id"), **more)


def flag(name: str, label: str, write: str = "CU") -> Field:
    return Field(name, label, "boolean", 0, write, nillable=False, defaulted=True, default=False)


def day(name: str, label: str, write: str = "") -> Field:
    return Field(name, label, "date", write=write)


def moment(name: str, label: str, write: str = "") -> Field:
    return Field(name, label, "datetime", write=write)


def stamp(name: str, label: str) -> Field:
    """A time that the org sets on every row."""
    return Field(name, label, "datetime", write="", nillable=False, defaulted=True)


def number(name: str, label: str, digits: int = 8) -> Field:
    return Field(name, label, "int", digits=digits)


def address(prefix: str) -> list[Field]:
    """The parts of an address and the compound that shows them together."""
    title, whole = f"{prefix} " if prefix else "", f"{prefix}Address"
    return [
        area(f"{prefix}Street", f"{title}Street", 255, compound=whole),
        text(f"{prefix}City", f"{title}City", 40, compound=whole),
        text(f"{prefix}State", f"{title}State/Province", 80, compound=whole),
        text(f"{prefix}PostalCode", f"{title}Zip/Postal Code", 20, compound=whole),
        text(f"{prefix}Country", f"{title}Country", 80, compound=whole),
        Field(f"{prefix}Latitude", f"{title}Latitude", "double", precision=18, scale=15, compound=whole),
        Field(f"{prefix}Longitude", f"{title}Longitude", "double", precision=18, scale=15, compound=whole),
        Field(whole, f"{title}Address", "address", write=""),
    ]
