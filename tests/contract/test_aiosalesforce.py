"""The emulator under aiosalesforce, a third real client: queries, rows, composites, uploads, both of its logins."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.sandbox import salesforce
from tasks.sandbox.faults import Fault
from tasks.sandbox.store import Store
from tasks.sandbox.world import World
from tests.contract.salesforce_world import Org, serving

aiosalesforce = pytest.importorskip("aiosalesforce", reason="aiosalesforce is not installed")
auth = pytest.importorskip("aiosalesforce.auth")
MY_DOMAIN = "https://acme.my.salesforce.com"


class ToLocal(httpx.AsyncHTTPTransport):
    """The client insists on a vendor's https address: send its requests to the emulator instead."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        super().__init__()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        return await super().handle_async_request(request)


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    store = Store()
    with serving(World(store)) as org:
        yield org
    store.close()


def talk(served: Org, conversation: Callable[[Any], Awaitable[Any]], login: Any = None) -> Any:
    """What a conversation with a client of its own comes to."""

    async def run() -> Any:
        async with httpx.AsyncClient(transport=ToLocal(served.url)) as http:
            way = login or auth.ClientCredentialsFlow(served.client_id, served.client_secret)
            return await conversation(aiosalesforce.Salesforce(http, MY_DOMAIN, way, version="60.0"))

    return asyncio.run(run())


def test_rows(served: Org) -> None:
    async def conversation(client: Any) -> list[Any]:
        contacts = client.sobject
        made = await contacts.create("Contact", {"LastName": "Ray", "Email": "ana@x.example"})
        await contacts.update("Contact", made, {"Title": "CTO"})
        upserts = [
            await contacts.upsert("Contact", email, "Email", {"LastName": "Ray"})
            for email in ("ana@x.example", "new@x.example")
        ]
        read = await contacts.get("Contact", "ana@x.example", external_id_field="Email")
        await contacts.delete("Contact", made)
        with pytest.raises(aiosalesforce.exceptions.NotFoundError):
            await contacts.get("Contact", made)
        return [read["Title"], *[each.created for each in upserts]]

    assert talk(served, conversation) == ["CTO", False, True]


def test_queries_read_every_page_and_what_is_gone(served: Org) -> None:
    for n in range(2_100):
        served.seed("Lead", LastName=f"P{n}", Company="Paged", IsDeleted=n == 0)
    soql = "SELECT Id FROM Lead WHERE Company = 'Paged'"

    async def conversation(client: Any) -> list[int]:
        living = [row async for row in client.query(soql)]
        return [len(living), len([row async for row in client.query(soql, include_all_records=True)])]

    assert talk(served, conversation) == [2_099, 2_100]


def test_a_composite(served: Org) -> None:
    async def conversation(client: Any) -> list[Any]:
        async with client.composite() as parts:
            made = parts.sobject.create("Contact", {"LastName": "Part"})
            found = parts.query("SELECT LastName FROM Contact WHERE LastName = 'Part'")
        return [made.status_code, [row["LastName"] for row in found.records]]

    assert talk(served, conversation) == [201, ["Part"]]


def test_uploads(served: Org) -> None:
    """Its low-level client, whose polling can be told to hurry."""

    async def conversation(client: Any) -> Any:
        rows = [{"LastName": "Up", "Email": "up@x.example"}, {"LastName": "", "Email": "bad"}]
        loads = client.bulk_v2.ingest.perform_operation("insert", "Contact", rows, polling_interval=0.0)
        (result,) = [each async for each in loads]
        listed = [job.id async for job in client.bulk_v2.ingest.list_jobs()]
        return result, listed

    result, listed = talk(served, conversation)
    assert [row["LastName"] for row in result.successful_results] == ["Up"]
    assert result.failed_results[0]["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:")
    assert (result.unprocessed_records, result.job_info.state) == ([], "JobComplete")
    assert listed == [result.job_info.id]


def test_an_upload_is_aborted_and_deleted(served: Org) -> None:
    async def conversation(client: Any) -> str:
        loads = client.bulk_v2.ingest
        job = await loads.create_job("upsert", "Contact", external_id_field="Email")
        aborted = await loads.abort_job(job.id)
        await loads.delete_job(job.id)
        with pytest.raises(aiosalesforce.exceptions.NotFoundError):
            await loads.get_job(job.id)
        return str(aborted.state)

    assert talk(served, conversation) == "Aborted"


def test_it_renews_an_expired_session_and_reads_limits(served: Org) -> None:
    async def conversation(client: Any) -> Any:
        await client.get_limits()
        served.world.faults.pending.append(Fault("salesforce", "expire"))
        return await client.get_limits()

    assert talk(served, conversation)["DailyApiRequests"]["Max"] == 15_000


def test_it_signs_in_with_a_key(served: Org, tmp_path: Path) -> None:
    keys = salesforce.credentials(served.world)
    (tmp_path / "key.pem").write_text(keys["jwt_key"])
    login = auth.JwtBearerFlow(keys["client_id"], keys["username"], tmp_path / "key.pem")
    assert "DailyApiRequests" in talk(served, lambda client: client.get_limits(), login)


def test_a_refused_duplicate_is_understood_where_the_key_is_spelt_right(served: Org) -> None:
    """It knows only the one spelling; the other is what real answers had (fact sheet, section 0)."""
    served.world.switches.duplicate_key = "duplicateResult"
    salesforce.guard(served.world, "Contact", "alert")
    served.seed("Contact", LastName="Twin", Email="twin@x.example")

    async def conversation(client: Any) -> None:
        await client.sobject.create("Contact", {"LastName": "Twin", "Email": "twin@x.example"})

    with pytest.raises(aiosalesforce.exceptions.DuplicatesDetectedError, match="Use one of these records"):
        talk(served, conversation)
