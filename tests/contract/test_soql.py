"""SOQL as the emulator answers it: every rule of the Salesforce fact sheet, section 4, over HTTP."""

from collections.abc import Iterator
from time import perf_counter

import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.soql import SoqlError, parse
from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.salesforce_world import LONG_AGO, Org, error_of, org, serving, stage

__all__ = ["org", "stage"]


@pytest.fixture(scope="module")
def people() -> Iterator[Org]:
    """Five contacts, one of them deleted, one at an account; and an unsorted set of e-mails."""
    store = Store()
    with serving(World(store)) as served:
        acme = served.create("Account", Name="Acme")
        served.create("Contact", LastName="Adams", FirstName="Zoe", Email="zoe@x.example", AccountId=acme, Title="100%")
        served.create("Contact", LastName="baker", FirstName="Yan", Title="100 %", DoNotCall=True)
        served.create("Contact", LastName="Baker", Email="B@X.example", Birthdate="1999-01-01", Title="a_b")
        served.create("Contact", LastName="O'Neil", FirstName="back\\slash", MailingLatitude=1.5, Title="axb")
        gone = served.create("Contact", LastName="Gone")
        served.http.delete(f"sobjects/Contact/{gone}")
        yield served
    store.close()


def names(org: Org, where: str, call: str = "query") -> list[str]:
    return [row["LastName"] for row in org.records(f"SELECT LastName FROM Contact {where}", call)]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("WHERE LastName = 'BAKER'", ["baker", "Baker"]),
        ("WHERE LastName != 'baker'", ["Adams", "O'Neil"]),
        ("WHERE LastName > 'adams' AND LastName <= 'baker'", ["baker", "Baker"]),
        ("WHERE LastName < 'b'", ["Adams"]),
        ("WHERE LastName LIKE '%A%'", ["Adams", "baker", "Baker"]),
        ("WHERE LastName LIKE '_aker'", ["baker", "Baker"]),
        ("WHERE LastName LIKE 'aker'", []),
        (r"WHERE Title LIKE '100\%'", ["Adams"]),
        (r"WHERE Title LIKE 'a\_b'", ["Baker"]),
        ("WHERE Title LIKE 'a_b'", ["Baker", "O'Neil"]),
        (r"WHERE LastName = 'O\'Neil'", ["O'Neil"]),
        (r"WHERE LastName = 'O\u0027Neil'", ["O'Neil"]),
        (r"WHERE FirstName = 'back\\slash'", ["O'Neil"]),
        ("WHERE LastName IN ('adams', 'nobody', 'o\\'neil')", ["Adams", "O'Neil"]),
        ("WHERE LastName NOT IN ('adams', 'o\\'neil')", ["baker", "Baker"]),
        ("WHERE Email = null", ["baker", "O'Neil"]),
        ("WHERE Email != null", ["Adams", "Baker"]),
        ("WHERE Email = ''", ["baker", "O'Neil"]),
        ("WHERE Email != 'zoe@x.example'", ["baker", "Baker", "O'Neil"]),
        ("WHERE Email IN ('ZOE@x.example', 'b@x.example')", ["Adams", "Baker"]),
        ("WHERE Email IN (null, 'b@x.example')", ["baker", "Baker", "O'Neil"]),
        ("WHERE DoNotCall = true", ["baker"]),
        ("WHERE DoNotCall = FALSE", ["Adams", "Baker", "O'Neil"]),
        ("WHERE MailingLatitude >= 1.5", ["O'Neil"]),
        ("WHERE MailingLatitude < 2", ["O'Neil"]),
        ("WHERE Birthdate = 1999-01-01", ["Baker"]),
        ("WHERE Birthdate < 2000-01-01", ["Baker"]),
        ("WHERE NOT LastName = 'baker'", ["Adams", "O'Neil"]),
        ("WHERE NOT (LastName = 'baker' OR FirstName = 'Zoe')", ["O'Neil"]),
        ("WHERE (FirstName = 'Zoe' OR Email = null) AND LastName != 'baker'", ["Adams", "O'Neil"]),
        ("WHERE Account.Name = 'acme'", ["Adams"]),
        ("WHERE Account.Name = null AND Email != null", ["Baker"]),
        ("ORDER BY LastName, FirstName NULLS LAST", ["Adams", "baker", "Baker", "O'Neil"]),
        ("ORDER BY LastName DESC, FirstName", ["O'Neil", "Baker", "baker", "Adams"]),
        ("ORDER BY Email", ["baker", "O'Neil", "Baker", "Adams"]),
        ("ORDER BY Email DESC NULLS LAST", ["Adams", "Baker", "baker", "O'Neil"]),
        ("ORDER BY Email DESC", ["baker", "O'Neil", "Adams", "Baker"]),
        ("ORDER BY Account.Name NULLS LAST LIMIT 1", ["Adams"]),
        ("ORDER BY LastName LIMIT 2 OFFSET 2", ["Baker", "O'Neil"]),
        ("WHERE IsDeleted = true", []),
    ],
)
def test_where_and_order(people: Org, where: str, expected: list[str]) -> None:
    assert names(people, where) == expected


def test_query_all_adds_the_deleted(people: Org) -> None:
    assert names(people, "WHERE IsDeleted = true", "queryAll") == ["Gone"]
    assert len(names(people, "", "queryAll")) == len(names(people, "")) + 1


def test_keys_follow_select_with_attributes_first(people: Org) -> None:
    soql = "select Email, Account.Name, Id, Account.Id, name from contact where lastname in ('Adams','O\\'Neil')"
    with_account, without = people.ask(soql).json()["records"]
    assert list(with_account) == ["attributes", "Email", "Account", "Id", "Name"]
    assert list(with_account["Account"]) == ["attributes", "Name", "Id"]
    assert with_account["Account"]["attributes"]["type"] == "Account"
    assert without["Account"] is None
    assert without["Email"] is None


def test_count(people: Org) -> None:
    assert people.ask("SELECT count() FROM Contact").json() == {"totalSize": 4, "done": True, "records": []}


def test_a_limit_is_the_total(people: Org) -> None:
    assert people.ask("SELECT Id FROM Contact LIMIT 2").json()["totalSize"] == 2


def test_times_compare_across_offsets(org: Org) -> None:
    seeded = org.seed("Contact", LastName="Early")  # 2024-03-01T12:00:00Z
    for literal in ("2024-03-01T12:00:00Z", "2024-03-01T13:00:00+01:00", "2024-03-01T04:00:00.000-08:00"):
        assert org.ids(f"SELECT Id FROM Contact WHERE SystemModstamp = {literal}") == [seeded], literal
    assert org.ids("SELECT Id FROM Contact WHERE CreatedDate > 2024-03-01T12:00:00Z") == []


def test_ids_of_both_lengths_find_a_row(org: Org) -> None:
    first, second = (org.create("Contact", LastName=name) for name in ("A", "B"))
    assert org.ids(f"SELECT Id FROM Contact WHERE Id = '{first[:15]}'") == [first]
    assert org.ids(f"SELECT Id FROM Contact WHERE Id IN ('{second}', '{first}') ORDER BY LastName") == [first, second]
    assert org.ids(f"SELECT Id FROM Contact WHERE Id NOT IN ('{first}')") == [second]


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELEC Id FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id, FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 'O'Brien'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 'x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 'a' AND Email = null OR Phone = null", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Contact WHERE LastName = 'a\%'", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Contact WHERE LastName LIKE 'a\q'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01T00:00:00", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01T00:00:00 01:00", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Contact", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Nope", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Nope.Name = 'x'", "INVALID_FIELD"),
        ("SELECT Account.Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Birthdate = 2026-01-01T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE IsDeleted = 'true'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Id LIKE '003%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE Id = 'nope'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_refused_queries(people: Org, soql: str, code: str) -> None:
    response = people.ask(soql)
    assert error_of(response) == (400, code)
    assert set(response.json()[0]) == {"message", "errorCode"}


def test_a_message_points_at_the_fault(people: Org) -> None:
    (error,) = people.ask("SELECT Id FROM Contact WHERE LastName = 'a' AND\nEmail = null OR Phone = null").json()
    assert error["message"].endswith("ERROR at Row:2:Column:14\nunexpected token: 'OR'")
    shown, caret = error["message"].split("\n")[1:3]
    assert shown[caret.index("^") :].startswith("OR ")


def test_a_query_may_have_100_000_characters_and_no_more() -> None:
    text = "SELECT Id FROM Contact WHERE Email = 'x'"
    parse(text.ljust(100_000))
    with pytest.raises(SoqlError, match="100000"):
        parse(text.ljust(100_001))


def test_a_text_in_where_has_4_000_characters_and_no_more() -> None:
    """Counted as they are meant, not as they are written."""
    text = "SELECT Id FROM Contact WHERE LastName = '{}'"
    parse(text.format("\\'" * 4_000))
    with pytest.raises(SoqlError, match="4000"):
        parse(text.format("x" * 4_001))


def test_20_000_rows_are_filtered_and_sorted_quickly() -> None:
    """Generous for a busy machine: the closure alone takes some tens of milliseconds."""
    store = Store()
    world = World(store)
    for number in range(20_000):
        salesforce.seed(world, "Contact", {"LastName": f"P{number}", "Email": f"p{number}@x.example"}, LONG_AGO)
    with serving(world) as served:
        started = perf_counter()
        found = served.ids(
            "SELECT Id, LastName FROM Contact WHERE SystemModstamp >= 2024-01-01T00:00:00Z "
            "AND (LastName LIKE 'p1999%' OR Phone != null) ORDER BY SystemModstamp, Id"
        )
        by_email = served.ids("SELECT Id FROM Contact WHERE Email IN ('p7@x.example', 'P8@x.example')")
        assert perf_counter() - started < 2
    assert (len(found), len(by_email)) == (11, 2)
    assert found == sorted(found)
    store.close()
