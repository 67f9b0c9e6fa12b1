"""The grip: what is repeated, what isn't, what is refused, and what never gets into a message."""

import httpx
import pytest
from scripted import HASTY, Script, http

from tasks.connectors import patience
from tasks.connectors.http import OutcomeUnknown, checked_url
from tasks.connectors.masking import masked
from tasks.connectors.patience import Pace, Patience, RunBudget, Turns
from tasks.core.errors import ConnectorError, SettingsError

OK = httpx.Response(200, json={"fine": True})
SECRET = {"api_token": "s3cr3t", "phone_number": "+12125550100"}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 423])
def test_a_read_is_repeated_until_it_is_answered(status: int) -> None:
    script = Script(httpx.Response(status), httpx.Response(status), OK)
    client = http(script)
    assert client.json(client.send("GET", "/x")) == {"fine": True}
    assert client.calls == {"read": 3, "write": 0}


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
def test_a_read_survives_a_broken_network(error: Exception) -> None:
    assert http(Script(error, OK)).send("GET", "/x").status_code == 200


@pytest.mark.parametrize("error", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")])
def test_a_create_that_may_have_happened_is_not_repeated(error: Exception) -> None:
    script = Script(error, OK)
    with pytest.raises(OutcomeUnknown, match="outcome unknown"):
        http(script).send("POST", "/x", body={}, write=True, repeatable=False)
    assert len(script.requests) == 1


@pytest.mark.parametrize("trouble", [httpx.ConnectError("x"), httpx.Response(429), httpx.Response(503)])
def test_a_create_that_surely_did_not_happen_is_repeated(trouble: httpx.Response | Exception) -> None:
    client = http(Script(trouble, OK))
    assert client.send("POST", "/x", body={}, write=True, repeatable=False).status_code == 200
    assert client.calls == {"read": 0, "write": 2}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_given_back_and_not_repeated(status: int) -> None:
    script = Script(httpx.Response(status, json={}))
    assert http(script).send("GET", "/x").status_code == status
    assert len(script.requests) == 1


def test_patience_ends() -> None:
    script = Script(httpx.Response(503))
    with pytest.raises(ConnectorError, match="HubSpot answered HTTP 503") as raised:
        http(script).send("GET", "/x")
    assert raised.value.exit_code == 11
    assert len(script.requests) > 3


def test_retry_after_is_honoured() -> None:
    """An hour's wait doesn't fit the budget: giving up at once is the honest answer."""
    script = Script(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(ConnectorError):
        http(script).send("GET", "/x")
    assert len(script.requests) == 1


def test_one_budget_serves_a_whole_run() -> None:
    spent = RunBudget(0.0)
    script = Script(httpx.Response(503), OK)
    with pytest.raises(ConnectorError):
        http(script, budget=spent).send("GET", "/x")
    assert len(script.requests) == 1


def test_side_by_side_waiting_counts_once() -> None:
    budget = RunBudget(10.0)
    brief = Patience(per_call=5.0, first_wait=0.02, longest_wait=0.02)
    with Turns(brief, budget) as one, Turns(brief, budget) as other:
        assert one.again()
        assert other.again()
    assert 9.9 < budget.left() < 10.0


@pytest.mark.parametrize("status", [200, 404])
def test_html_where_json_was_due_is_an_error(status: int) -> None:
    script = Script(httpx.Response(status, html="<html></html>"))
    with pytest.raises(ConnectorError, match="answered HTML where JSON was due: check the URL"):
        http(script).send("GET", "/x")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe"])
def test_a_broken_body_is_an_error(body: bytes) -> None:
    client = http(Script(httpx.Response(200, content=body, headers={"Content-Type": "application/json"})))
    with pytest.raises(ConnectorError, match="can't read"):
        client.json(client.send("GET", "/x"))


def test_a_redirection_is_not_followed() -> None:
    script = Script(httpx.Response(302, headers={"Location": "https://elsewhere.example"}))
    with pytest.raises(ConnectorError, match="redirection"):
        http(script).send("GET", "/x")


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("x"), httpx.Response(503), httpx.Response(200, html="x"), httpx.ReadTimeout("x")]
)
def test_messages_hold_no_secret(answer: httpx.Response | Exception) -> None:
    with pytest.raises(ConnectorError) as raised:
        http(Script(answer)).send("GET", "/contact", params=SECRET, headers={"Authorization": "Bearer s3cr3t"})
    assert not any(word in str(raised.value) for word in ("s3cr3t", "12125550100", "api_token", "?"))


@pytest.mark.parametrize("url", ["http://vendor.example", "http://10.0.0.1:80", "http://127.0.0.1.evil.example"])
def test_plain_http_is_for_loopback_only(url: str) -> None:
    with pytest.raises(SettingsError, match="HUBSPOT_URL must be an https:// address"):
        checked_url(url, "HUBSPOT_URL")


@pytest.mark.parametrize(
    "url", ["", "vendor", "https://", "https://user:secret@vendor.example", "ftp//x", "https://a:port"]
)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError, match="HUBSPOT_URL") as raised:
        checked_url(url, "HUBSPOT_URL")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8800/", "http://localhost:1", "http://[::1]:2", "https://a.example/"]
)
def test_loopback_and_https_are_accepted(url: str) -> None:
    assert checked_url(url, "HUBSPOT_URL") == url.rstrip("/")


def test_an_address_that_a_vendor_names_must_be_safe_too() -> None:
    """The next page, an instance, a redirect: the token isn't sent there in the clear."""
    script = Script(OK)
    with pytest.raises(ConnectorError, match="https"):
        http(script).send("GET", "http://elsewhere.example/next")
    assert script.requests == []


def test_the_pace_lets_one_second_s_worth_pass_and_spreads_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", pauses.append)
    pace = Pace(per_minute=60)
    for _ in range(3):
        pace.wait()
    assert pauses == pytest.approx([1.0, 2.0], abs=0.1)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("john.doe@mail.com is taken", "…@… is taken"),
        ("+1 (212) 555-0100 is taken", "… is taken"),
        ("2125550100,", "…,"),
        ("code 20429", "code 20429"),
    ],
)
def test_masking(text: str, clean: str) -> None:
    assert masked(text) == clean


def test_patience_grows_and_is_bounded() -> None:
    waits = Patience(first_wait=1.0, longest_wait=4.0).waits()
    drawn = [next(waits) for _ in range(6)]
    assert drawn[0] <= 1.0 < drawn[2]
    assert max(drawn) <= 4.0
    assert HASTY.per_call < 1


CUT = httpx.Response(200, content=b'{"results": [', headers={"Content-Type": "application/json"})
PAGE = httpx.Response(200, html="<html></html>")


@pytest.mark.parametrize("answer", [CUT, PAGE, httpx.Response(200, text="fine"), httpx.DecodingError("x")])
def test_an_address_that_answered_before_may_answer_nonsense_for_a_moment(answer: httpx.Response | Exception) -> None:
    client = http(Script(OK, answer, OK))
    client.send("GET", "/x")
    assert client.json(client.send("GET", "/x")) == {"fine": True}
    assert client.calls["read"] == 3


@pytest.mark.parametrize("answer", [CUT, PAGE, httpx.Response(200, text="fine"), httpx.DecodingError("x")])
def test_a_create_whose_answer_cannot_be_read_may_have_happened(answer: httpx.Response | Exception) -> None:
    script = Script(OK, answer, OK)
    client = http(script)
    client.send("GET", "/x")
    with pytest.raises(OutcomeUnknown):
        client.send("POST", "/x", body={}, write=True, repeatable=False)
    assert len(script.requests) == 2
