"""One bad row of a batch fails alone, however HubSpot words its no, and at the cost of few calls."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from scripted import by_change, create, http, update

from tasks.connectors.hubspot import HubSpot
from tasks.core.model import Change, Outcome, Receipt

Body = dict[str, Any]


def portal(answer: Callable[[list[Body]], httpx.Response]) -> tuple[HubSpot, list[list[Body]]]:
    """A portal that answers so to the inputs of a batch; and the batches that it got."""
    batches: list[list[Body]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        batches.append(json.loads(request.content)["inputs"])
        return answer(batches[-1])

    return HubSpot(http(handle), {"contacts": []}), batches


def partial(results: list[Body], errors: list[Body]) -> httpx.Response:
    body = {"status": "COMPLETE", "results": results, "errors": errors, "numErrors": len(errors)}
    return httpx.Response(207 if errors else 200, json=body)


def done(inputs: list[Body]) -> list[Body]:
    """Results as HubSpot words them: an id, the values, no trace."""
    return [{"id": i.get("id", f"9{n}"), "properties": i["properties"]} for n, i in enumerate(inputs)]


def error(category: str = "VALIDATION_ERROR", **context: list[str]) -> Body:
    return {"status": "error", "category": category, "message": "…", **({"context": context} if context else {})}


def renames(size: int) -> list[Change]:
    return [update(str(i), "firstname", "x") for i in range(size)]


def outcomes(receipts: Iterator[Receipt]) -> dict[str, Outcome]:
    return {name: receipt.outcome for name, receipt in by_change(receipts).items()}


def bad(i: Body) -> bool:
    return i.get("id") in ("13", "77") or i["properties"].get("email") == "bad"


def test_a_taken_address_refuses_the_update_that_its_message_names() -> None:
    """The whole batch is refused; the first id of the message is the row, the second the holder (recorded)."""

    def answer(inputs: list[Body]) -> httpx.Response:
        if guilty := [i["id"] for i in inputs if bad(i)]:
            value = "PropertyValueCoordinates{portalId=1, propertyName=email, value=a@x.example}"
            said = f"Cannot set {value} on {guilty[0]}. 555 already has that value."
            return httpx.Response(400, json={"category": "VALIDATION_ERROR", "message": said})
        return partial(done(inputs), [])

    it, batches = portal(answer)
    found = by_change(it.write(renames(100)))
    assert [name for name, r in found.items() if r.outcome is not Outcome.APPLIED] == ["update-13", "update-77"]
    assert found["update-13"].reason == "VALIDATION_ERROR: the value belongs to 555"
    assert [len(batch) for batch in batches] == [100, 99, 98]


@pytest.mark.parametrize("status", [400, 409])
def test_a_batch_that_is_refused_without_a_name_is_halved(status: int) -> None:
    """A bad row of a hundred costs twice as many calls as it takes to halve a hundred down to one."""

    def answer(inputs: list[Body]) -> httpx.Response:
        if any(map(bad, inputs)):
            return httpx.Response(status, json={"category": "CONFLICT", "message": "Contact already exists"})
        return partial(done(inputs), [])

    it, batches = portal(answer)
    people = [create(f"c{i}", {"email": "bad" if i == 40 else f"{i}@x.example"}) for i in range(100)]
    assert [name for name, o in outcomes(it.write(people)).items() if o is not Outcome.APPLIED] == ["c40"]
    assert len(batches) <= 1 + 2 * 7


def test_errors_that_name_nobody_send_the_silent_updates_again_until_one_stands_alone() -> None:
    def answer(inputs: list[Body]) -> httpx.Response:
        return partial(done([i for i in inputs if not bad(i)]), [error() for i in inputs if bad(i)])

    it, batches = portal(answer)
    found = outcomes(it.write(renames(100)))
    assert [name for name, o in found.items() if o is Outcome.REFUSED] == ["update-13", "update-77"]
    assert list(found.values()).count(Outcome.APPLIED) == 98
    assert [len(batch) for batch in batches] == [100, 1, 1]


def test_a_hundred_nameless_errors_cost_two_calls_a_row_at_most() -> None:
    it, batches = portal(lambda inputs: partial([], [error()]))
    assert set(outcomes(it.write(renames(100))).values()) == {Outcome.REFUSED}
    assert len(batches) < 200


@pytest.mark.parametrize("answers", [1, 2], ids=["missing", "of another record"])
def test_creates_are_sent_again_only_where_each_silent_one_surely_failed(answers: int) -> None:
    """A result that is nobody's may be one of theirs in other words: nobody is made twice."""

    def answer(inputs: list[Body]) -> httpx.Response:
        if len(inputs) == 1 and bad(inputs[0]):
            return httpx.Response(409, json={"category": "CONFLICT", "message": "Contact already exists"})
        results = done([i for i in inputs if not bad(i)])
        if answers == 2 and len(inputs) == 4:
            results[0]["properties"] = {"email": "somebody@x.example"}
        return partial(results, [error("CONFLICT") for i in inputs if bad(i)])

    it, batches = portal(answer)
    emails = ["a@x.example", "b@x.example", "bad", "bad"]
    found = outcomes(it.write([create(f"c{n}", {"email": email}) for n, email in enumerate(emails)]))
    if answers == 1:
        assert list(found.values()) == [Outcome.APPLIED] * 2 + [Outcome.REFUSED] * 2
    else:
        assert list(found.values()).count(Outcome.FAILED) == 3
        assert len(batches) == 1


def test_creates_on_which_hubspot_stumbled_without_a_name_are_left_for_the_next_look() -> None:
    it, batches = portal(lambda inputs: partial([], [error("INTERNAL_ERROR")]))
    assert set(outcomes(it.write([create(n, {"email": n}) for n in "ab"])).values()) == {Outcome.FAILED}
    assert len(batches) == 1


def test_a_create_is_never_matched_to_a_record_that_shows_nothing_of_it() -> None:
    it, _ = portal(lambda _: partial([{"id": "9", "properties": {"lastname": "Other"}}], []))
    assert outcomes(it.write([create("a", {"email": "a@x.example"})])) == {"a": Outcome.FAILED}


def test_of_two_creates_that_share_a_value_each_gets_its_own_record() -> None:
    people = [{"phone": "1"}, {"phone": "1", "firstname": "Ann"}]
    results = [{"id": "8", "properties": people[1]}, {"id": "9", "properties": people[0]}]
    it, _ = portal(lambda _: partial(results, []))
    found = by_change(it.write([create(f"c{n}", fields) for n, fields in enumerate(people)]))
    assert {name: receipt.record_id for name, receipt in found.items()} == {"c0": "9", "c1": "8"}


def test_a_timeout_on_a_create_is_not_followed_by_another_try() -> None:
    def answer(inputs: list[Body]) -> httpx.Response:
        raise httpx.ReadTimeout("silent")

    it, batches = portal(answer)
    assert outcomes(it.write([create("a", {"email": "a"})])) == {"a": Outcome.FAILED}
    assert len(batches) == 1
