"""The control API does what people do on screens, notes the vendors' traffic, and scripts faults."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.sandbox.server import sandbox
from tasks.sandbox.traffic import writes
from tests.contract.aloware_world import PHONE, USERS, AlowareWorld, Stage, inbox, open_stage

OTHER = "+12125550100"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


@pytest.fixture
def world(stage: Stage) -> Iterator[AlowareWorld]:
    with stage.world() as running:
        yield running


class TestReady:
    def test_it_says_how_to_reach_every_vendor(self, world: AlowareWorld) -> None:
        ready = world.control.get("/ready").json()
        assert {system: set(found) for system, found in ready.items()} == {
            "salesforce": {"url", "client_id", "client_secret", "refresh_token", "username", "jwt_key"},
            "hubspot": {"url", "token", "service_key"},
            "aloware": {"url", "token", "catalogue_url", "timezone", "export_contacts", "export_communications"},
        }
        assert ready == world.running.ready
        assert ready["aloware"]["timezone"] == "America/New_York"

    def test_a_world_with_a_home_survives_a_restart_unseeded(self, tmp_path: Path) -> None:
        with sandbox(people=3, home=tmp_path) as first:
            added = httpx.post(first.control + "/aloware/contacts", json={"phone_number": OTHER}).json()
            token, before = first.ready["aloware"]["token"], httpx.get(first.control + "/aloware/contacts").json()
        with sandbox(people=50, seed=8, home=tmp_path) as second:
            assert httpx.get(second.control + "/aloware/contacts").json() == before
            assert httpx.get(f"{second.control}/aloware/contacts/{added['id']}").json() == added
            assert second.ready["aloware"]["token"] == token

    def test_a_taken_port_is_named(self, world: AlowareWorld) -> None:
        port = int(world.running.control.rsplit(":", 1)[1])
        with pytest.raises(OSError, match=str(port)), sandbox(port=port):
            raise AssertionError("two worlds can't share a port")


class TestAgents:
    def test_an_agent_adds_sees_edits_and_deletes_a_contact(self, world: AlowareWorld) -> None:
        made = world.contact(first_name="Maria", phone_number="(415) 555-0123")
        assert (made["phone_number"], made["first_name"]) == (PHONE, "Maria")
        path = f"/aloware/contacts/{made['id']}"
        edited = world.control.patch(path, json={"last_name": "Lopez", "is_dnc": True}).json()
        assert (edited["first_name"], edited["last_name"], edited["is_dnc"]) == ("Maria", "Lopez", True)
        assert world.control.get("/aloware/contacts").json() == [edited]
        assert world.control.delete(path).is_success
        assert world.control.get(path).status_code == 404
        assert world.look_up().status_code == 404

    @pytest.mark.parametrize("blank", [None, ""])
    def test_an_agent_may_blank_a_field(self, world: AlowareWorld, blank: str | None) -> None:
        made = world.contact(first_name="Maria", disposition_status_id=world.dispositions()["New"]["id"])
        sent = {"first_name": blank, "disposition_status_id": blank}
        edited = world.control.patch(f"/aloware/contacts/{made['id']}", json=sent).json()
        assert (edited["first_name"], edited["disposition_status_id"]) == (None, None)

    def test_an_agent_may_change_the_number_and_the_contact_keeps_its_id(self, world: AlowareWorld) -> None:
        made = world.contact(first_name="Maria")
        world.control.patch(f"/aloware/contacts/{made['id']}", json={"phone_number": OTHER})
        assert world.look_up().status_code == 404
        assert world.look_up(OTHER).json()["id"] == made["id"]

    def test_a_number_that_another_contact_holds_is_refused(self, world: AlowareWorld) -> None:
        made, other = world.contact(), world.contact(phone_number=OTHER)
        refusal = world.control.patch(f"/aloware/contacts/{made['id']}", json={"phone_number": OTHER})
        assert refusal.status_code == 409
        assert str(other["id"]) in refusal.json()["error"]
        assert world.control.post("/aloware/contacts", json={"phone_number": OTHER}).status_code == 409

    @pytest.mark.parametrize(
        "sent",
        [{"phone_number": "12"}, {"phone_number": ""}, {"disposition_status_id": 1}, {"shoe_size": 9}, {"id": 1}],
    )
    def test_the_impossible_is_refused_in_one_sentence(self, world: AlowareWorld, sent: dict[str, Any]) -> None:
        made = world.contact()
        refusal = world.control.patch(f"/aloware/contacts/{made['id']}", json=sent)
        assert refusal.status_code == 422
        assert refusal.json()["error"].endswith(".")
        assert world.control.get(f"/aloware/contacts/{made['id']}").json() == made

    def test_an_edit_that_changes_nothing_leaves_the_time_alone(self, world: AlowareWorld) -> None:
        made = world.contact(first_name="Maria")
        edited = world.control.patch(f"/aloware/contacts/{made['id']}", json={"first_name": "Maria"}).json()
        assert edited["updated_at"] == made["updated_at"]

    def test_a_body_that_is_no_object_is_a_400(self, world: AlowareWorld) -> None:
        assert world.control.post("/aloware/contacts", content=b"nonsense").status_code == 400


class TestCommunications:
    def happen(self, world: AlowareWorld, **sent: Any) -> dict[str, Any]:
        contact = world.contact(first_name="Maria")
        answer = world.control.post("/aloware/communications", json={"contact_id": contact["id"], **sent})
        assert answer.is_success, answer.text
        return dict(answer.json())

    def test_a_call_happens_and_is_counted(self, world: AlowareWorld) -> None:
        made = self.happen(world, type="call", direction="outbound", talk_time=63, notes="keen")
        assert (made["talk_time"], made["disposition_status"], made["lead_number"]) == (63, "completed", PHONE)
        assert world.control.get("/aloware/communications").json() == [made]
        assert world.look_up().json()["outbound_call_count"] == 1

    def test_a_call_without_talk_is_missed_or_failed(self, world: AlowareWorld) -> None:
        assert self.happen(world, type="call", direction="inbound", talk_time=0)["disposition_status"] == "missed"
        again = world.control.get("/aloware/contacts").json()[0]["id"]
        sent = {"contact_id": again, "type": "call", "direction": "outbound", "talk_time": 0}
        assert world.control.post("/aloware/communications", json=sent).json()["disposition_status"] == "failed"

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [({"type": "fax"}, 422), ({"direction": "up"}, 422), ({"talk_time": -1}, 422), ({"contact_id": 1}, 404),
         ({"at": "yesterday"}, 422)],
    )  # fmt: skip
    def test_the_impossible_does_not_happen(self, world: AlowareWorld, wrong: dict[str, Any], status: int) -> None:
        sent = {"contact_id": world.contact()["id"], "type": "sms", "direction": "inbound", **wrong}
        assert world.control.post("/aloware/communications", json=sent).status_code == status
        assert world.control.get("/aloware/communications").json() == []

    @pytest.mark.parametrize(
        ("sent", "events"),
        [
            ({"type": "sms", "direction": "inbound", "body": "hi"}, ["InboundSMS-DispositionCompleted"]),
            (
                {"type": "call", "direction": "outbound", "talk_time": 0},
                ["OutboundPhoneCall", "OutboundPhoneCall-DispositionFailed"],
            ),
            (
                {"type": "call", "direction": "inbound", "talk_time": 9},
                ["InboundPhoneCall", "InboundPhoneCall-DispositionCompleted", "Call-Disposed"],
            ),
            (
                {"type": "call", "direction": "outbound", "talk_time": 9},
                ["OutboundPhoneCall", "OutboundPhoneCall-DispositionCompleted", "Call-Disposed", "Recording-Saved",
                 "transcription.open_search.saved", "transcription.call.summarized"],
            ),
        ],
    )  # fmt: skip
    def test_each_kind_gives_the_recorded_posts(
        self, world: AlowareWorld, sent: dict[str, Any], events: list[str]
    ) -> None:
        boxes = ["Communication initiated", "Communication disposed", "Call disposed", "Recording saved"]
        boxes += ["Transcription saved", "Call summarized"]
        with inbox() as box:
            world.control.post("/aloware/webhooks", json={"url": box.url, "events": boxes, "bearer": "s3cret"})
            made = self.happen(world, **sent)
            assert box.wait_for(len(events)) == events
        bodies = [envelope["body"] for envelope, _ in box.posts]
        assert {body.get("id", body.get("communication", {}).get("id")) for body in bodies} == {made["id"]}
        assert {bearer for _, bearer in box.posts} == {"Bearer s3cret"}


class TestWebhooks:
    def test_contact_events_come_from_agents_and_from_the_api(self, world: AlowareWorld) -> None:
        boxes = ["Contact created", "Contact-Updated", "contact disposed", "Contact DNC updated"]
        new = world.dispositions()["New"]["id"]
        with inbox() as box:
            world.control.post("/aloware/webhooks", json={"url": box.url, "events": boxes})
            world.submit(first_name="Maria")
            box.wait_for(1)
            world.submit(first_name="Maria", force_update=1)  # nothing changes: nothing is told
            world.submit(is_dnc=1, disposition_status_id=new, force_update=1)
            names = box.wait_for(4)
        assert names == ["Contact-Created", "Contact-Updated", "Contact-Disposed", "Contact-DNC-Updated"]
        assert box.posts[3][0]["body"]["is_dnc"] is True

    def test_a_refused_delivery_is_lost(self, world: AlowareWorld) -> None:
        with inbox(status=500) as box:
            world.control.post("/aloware/webhooks", json={"url": box.url, "events": ["Contact created"]})
            world.contact()
            box.wait_for(1)
            world.contact(phone_number=OTHER)
            box.wait_for(2)
        assert [envelope["body"]["phone_number"] for envelope, _ in box.posts] == [PHONE, OTHER]

    @pytest.mark.parametrize(
        "sent", [{"url": "x", "events": ["Call disposed"]}, {"url": "http://x", "events": ["Nope"]}]
    )
    def test_a_subscription_must_make_sense(self, world: AlowareWorld, sent: dict[str, Any]) -> None:
        assert world.control.post("/aloware/webhooks", json=sent).status_code == 422


class TestExports:
    def rows(self, world: AlowareWorld, name: str) -> list[str]:
        return httpx.get(world.running.ready["aloware"][f"export_{name}"]).text.splitlines()

    def test_contacts_are_in_the_accounts_wall_clock(self, world: AlowareWorld) -> None:
        made = world.contact(first_name="Maria", disposition_status_id=world.dispositions()["New"]["id"])
        header, row = self.rows(world, "contacts")
        assert header.startswith(
            "Contact ID,First Name,Last Name,Phone Number,Email,Company Name,Disposition Status ID"
        )
        assert row.startswith(f"{made['id']},Maria,,{PHONE},,,{made['disposition_status_id']},New,")
        assert made["created_at"][:19].replace("T", " ") not in row  # New York is never UTC

    def test_communications_carry_words_and_wall_clock(self, world: AlowareWorld) -> None:
        sent = {"contact_id": world.contact()["id"], "type": "sms", "direction": "inbound", "body": "a, b"}
        made = world.control.post("/aloware/communications", json={**sent, "at": "2026-07-01T16:00:00Z"}).json()
        assert self.rows(world, "communications")[1].startswith(
            f"{made['id']},2026-07-01 12:00:00,sms,inbound,completed,"
        )

    def test_frozen_exports_stay_as_they_were_with_their_time(self, world: AlowareWorld) -> None:
        world.control.post("/aloware/exports", json={"frozen": True})
        address = world.running.ready["aloware"]["export_contacts"]
        frozen = httpx.get(address)
        world.contact()
        again = httpx.get(address)
        assert (again.text, again.headers["last-modified"]) == (frozen.text, frozen.headers["last-modified"])
        assert parsedate_to_datetime(again.headers["last-modified"]).tzinfo is not None
        world.control.post("/aloware/exports", json={"frozen": False})
        assert len(self.rows(world, "contacts")) == 2


class TestRequests:
    def test_vendor_calls_are_noted_and_control_calls_are_not(self, world: AlowareWorld) -> None:
        world.submit()
        world.look_up()
        world.control.get("/aloware/exports/contacts.csv")
        seen = world.control.get("/requests", params={"system": "aloware"}).json()
        assert [(each["method"], each["status"], each["write"]) for each in seen["requests"]] == [
            ("POST", 201, True),
            ("GET", 200, False),
        ]
        assert seen["requests"][1]["path"] == "/api/v1/webhook/contact/phone-number"
        assert seen["counts"]["aloware"] == {"read": 1, "write": 1}
        assert seen["counts"]["hubspot"] == {"read": 0, "write": 0}
        world.control.delete("/requests")
        assert world.control.get("/requests").json()["requests"] == []

    @pytest.mark.parametrize(
        ("system", "call", "body"),
        [
            ("salesforce", "POST /services/oauth2/token", b""),
            ("salesforce", "POST /services/data/v61.0/composite/sobjects/Contact", b'{"ids":[]}'),
            ("salesforce", "POST /services/data/v61.0/jobs/query", b""),
            ("salesforce", "DELETE /services/data/v61.0/jobs/query/750x", b""),
            (
                "salesforce",
                "POST /services/data/v61.0/composite",
                b'{"compositeRequest":[{"method":"GET","url":"/services/data/v61.0/query?q=x"}]}',
            ),
            ("hubspot", "POST /crm/v3/objects/contacts/search", b""),
            ("hubspot", "POST /crm/v3/objects/contacts/batch/read", b""),
            ("hubspot", "POST /oauth/v1/token", b""),
            ("aloware", "GET /api/v1/webhook/users", b""),
        ],
    )
    def test_reads_that_look_like_writes(self, system: str, call: str, body: bytes) -> None:
        method, path = call.split()
        assert not writes(system, method, path, body)

    @pytest.mark.parametrize(
        ("system", "call", "body"),
        [
            ("salesforce", "PATCH /services/data/v61.0/sobjects/Contact/003x", b""),
            ("salesforce", "POST /services/data/v61.0/composite/sobjects", b""),
            ("salesforce", "PUT /services/data/v61.0/jobs/ingest/750x/batches", b""),
            (
                "salesforce",
                "POST /services/data/v61.0/composite",
                b'{"compositeRequest":[{"method":"PATCH","url":"/services/data/v61.0/sobjects/Lead/00Qx"}]}',
            ),
            ("hubspot", "POST /crm/v3/objects/contacts/batch/update", b""),
            ("hubspot", "PATCH /crm/v3/properties/contacts/hs_lead_status", b""),
            ("aloware", "POST /api/v1/webhook/forms", b""),
            ("aloware", "DELETE /api/v1/catalogue/dispositions/4101", b""),
        ],
    )
    def test_writes_are_writes(self, system: str, call: str, body: bytes) -> None:
        method, path = call.split()
        assert writes(system, method, path, body)


class TestFaults:
    @pytest.mark.parametrize(("kind", "wait"), [("429", "1"), ("429-bare", None), ("503", None)])
    def test_a_busy_vendor_answers_so_as_often_as_asked_and_does_nothing(
        self, world: AlowareWorld, kind: str, wait: str | None
    ) -> None:
        assert world.fault(kind, times=2).is_success
        answers = [world.submit() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [int(kind[:3]), int(kind[:3]), 201]
        assert [answer.headers.get("Retry-After") for answer in answers] == [wait, wait, None]

    def test_a_web_page_comes_instead_of_the_work(self, world: AlowareWorld) -> None:
        world.fault("html")
        answer = world.submit()
        assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")
        assert world.look_up().status_code == 404

    def test_a_truncated_answer_ends_in_the_middle_of_work_that_was_done(self, world: AlowareWorld) -> None:
        world.fault("truncated")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            world.submit()
        assert world.look_up().status_code == 200

    def test_a_fault_hits_only_paths_that_match_and_can_be_cleared(self, world: AlowareWorld) -> None:
        world.fault("503", match="forms")
        assert world.look_up().status_code == 404
        world.control.delete("/faults")
        assert world.submit().status_code == 201

    def test_a_reset_closes_the_connection_and_the_work_is_not_done(self, world: AlowareWorld) -> None:
        world.fault("reset")
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            world.submit()
        assert world.look_up().status_code == 404
        assert world.control.get("/requests").json()["requests"][0]["status"] is None

    def test_a_timeout_does_the_work_and_says_nothing_while_others_are_served(self, world: AlowareWorld) -> None:
        world.fault("timeout")
        with pytest.raises(httpx.ReadTimeout):
            world.aloware.post(
                "/api/v1/webhook/forms", json={"api_token": world.token, "phone_number": PHONE}, timeout=0.1
            )
        assert world.look_up().status_code == 200
        assert world.control.get("/requests").json()["requests"][0]["status"] == 201

    def test_a_fault_of_one_vendor_spares_the_others(self, world: AlowareWorld) -> None:
        world.fault("503", system="hubspot")
        assert world.aloware.get(USERS, params={"api_token": world.token}).status_code == 200

    @pytest.mark.parametrize("wrong", [{"kind": "flood"}, {"system": "zoho"}, {"times": 0}, {"times": "2"}])
    def test_a_fault_must_make_sense(self, world: AlowareWorld, wrong: dict[str, Any]) -> None:
        answer = world.control.post("/faults", json={"system": "aloware", "kind": "429", **wrong})
        assert (answer.status_code, list(answer.json())) == (400, ["error"])


class TestSalesforceScreens:
    @pytest.mark.parametrize("sent", [{}, {"master": "003000000000001"}, {"master": "003000000000001", "losers": []}])
    def test_a_merge_needs_a_master_and_losers(self, world: AlowareWorld, sent: dict[str, Any]) -> None:
        assert world.control.post("/salesforce/Contact/merge", json=sent).status_code == 400

    def test_only_leads_and_contacts_are_merged(self, world: AlowareWorld) -> None:
        sent = {"master": "001000000000001", "losers": ["001000000000002"]}
        assert world.control.post("/salesforce/Account/merge", json=sent).status_code == 400

    def test_a_lead_is_converted_and_losers_are_merged(self, stage: Stage) -> None:
        with stage.world(people=100) as world:
            lead = next(iter(world.running.world.store.table("salesforce.Lead")))
            master, loser = list(world.running.world.store.table("salesforce.Contact"))[:2]
            converted = world.control.post(f"/salesforce/leads/{lead}/convert", json={}).json()
            assert {"contact_id", "account_id"} <= set(converted)
            merged = world.control.post("/salesforce/Contact/merge", json={"master": master, "losers": [loser]})
            assert merged.is_success, merged.text

    def test_an_unknown_lead_is_not_converted(self, world: AlowareWorld) -> None:
        answer = world.control.post("/salesforce/leads/00Q000000000001/convert", json={})
        assert answer.is_client_error
        assert "error" in answer.json()
