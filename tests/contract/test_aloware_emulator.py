"""The Aloware emulator answers as the fact sheet says the vendor does."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.contract.aloware_world import CATALOGUE, FORMS, LOOK_UP, PHONE, USERS, AlowareWorld, Stage, open_stage


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage


@pytest.fixture
def world(stage: Stage) -> Iterator[AlowareWorld]:
    with stage.world() as running:
        yield running


class TestForms:
    def test_a_new_number_makes_a_contact_and_the_answer_has_no_id(self, world: AlowareWorld) -> None:
        answer = world.submit(first_name="Maria")
        assert (answer.status_code, answer.json()) == (201, {"message": "Contact created."})

    def test_an_existing_number_without_force_update_is_refused_and_left_alone(self, world: AlowareWorld) -> None:
        world.submit(first_name="Maria")
        assert world.submit(first_name="Other", last_name="New").status_code == 409
        assert world.look_up().json()["first_name"] == "Maria"
        assert world.look_up().json()["last_name"] is None

    def test_the_disputed_status_of_an_existing_number_can_be_switched(self, world: AlowareWorld) -> None:
        world.submit()
        world.running.world.switches.forms_exists_status = 400
        assert (world.submit().status_code, world.submit().json()) == (400, {"error": "Contact already exists."})

    def test_without_force_update_a_switch_lets_only_blanks_be_filled(self, world: AlowareWorld) -> None:
        world.submit(first_name="Maria")
        world.running.world.switches.forms_exists_status = 200
        assert world.submit(first_name="Other", last_name="New").json() == {"message": "Contact updated."}
        found = world.look_up().json()
        assert (found["first_name"], found["last_name"]) == ("Maria", "New")

    def test_a_half_done_form_is_answered_as_if_it_were_done(self, world: AlowareWorld) -> None:
        world.submit(first_name="Maria", last_name="Lopez")
        world.fault("partial", match="/forms", times=2)
        assert world.submit(first_name="Ann", last_name="Lee", force_update=True).status_code == 200
        assert world.submit(last_name="Lee", force_update=True).json() == {"message": "Contact updated."}
        found = world.look_up().json()
        assert (found["first_name"], found["last_name"]) == ("Ann", "Lopez")

    @pytest.mark.parametrize("force", [True, 1, "1", "true"])
    def test_force_update_overwrites_what_is_sent_and_keeps_the_rest(self, world: AlowareWorld, force: object) -> None:
        world.submit(first_name="Maria", last_name="Lopez", notes="old")
        answer = world.submit(notes="new", force_update=force)
        assert (answer.status_code, answer.json()) == (200, {"message": "Contact updated."})
        found = world.look_up().json()
        assert (found["first_name"], found["last_name"], found["notes"]) == ("Maria", "Lopez", "new")

    @pytest.mark.parametrize("blank", [None, "", "  "])
    def test_a_blank_clears_nothing(self, world: AlowareWorld, blank: str | None) -> None:
        disposition = world.dispositions()["New"]["id"]
        world.submit(first_name="Maria", disposition_status_id=disposition)
        assert world.submit(first_name=blank, disposition_status_id=blank, force_update=True).status_code == 200
        found = world.look_up().json()
        assert (found["first_name"], found["disposition_status_id"]) == ("Maria", disposition)

    def test_local_numbers_are_read_as_american(self, world: AlowareWorld) -> None:
        world.submit(phone_number="(415) 555-0123", first_name="Maria")
        assert world.submit(phone_number="4155550123").status_code == 409
        assert world.look_up("415.555.0123").json()["phone_number"] == PHONE

    @pytest.mark.parametrize("number", ["", None, "12345", "n/a"])
    def test_a_number_that_is_none_is_a_422_about_the_field(self, world: AlowareWorld, number: str | None) -> None:
        answer = world.submit(phone_number=number)
        assert answer.status_code == 422
        assert list(answer.json()["errors"]) == ["phone_number"]

    def test_write_names_are_read_back_under_other_names(self, world: AlowareWorld) -> None:
        world.submit(
            company_name="Acme", city="Austin", state="TX", country="US", lead_source="Web", csf1="a", csf2="b"
        )
        found = world.look_up().json()
        assert (found["cnam_city"], found["cnam_state"], found["cnam_country"]) == ("Austin", "TX", "US")
        assert (found["intake_source"], found["lead_source_id"]) == ("Web", 1)
        assert (found["company_name"], found["csf1"], found["csf2"]) == ("Acme", "a", "b")
        assert not {"city", "state", "country", "lead_source"} & set(found)

    def test_a_whole_name_is_split(self, world: AlowareWorld) -> None:
        world.submit(name="Maria del Mar Lopez")
        found = world.look_up().json()
        assert (found["first_name"], found["last_name"]) == ("Maria", "del Mar Lopez")
        assert found["name"] == "Maria del Mar Lopez"

    @pytest.mark.parametrize(("sent", "kept"), [(1, True), (0, False), ("1", True), (True, True)])
    def test_do_not_call_is_taken_as_a_number_or_a_boolean(self, world: AlowareWorld, sent: object, kept: bool) -> None:
        world.submit(is_dnc=sent)
        assert world.look_up().json()["is_dnc"] is kept

    def test_do_not_call_can_be_taken_back(self, world: AlowareWorld) -> None:
        world.submit(is_dnc=1)
        world.submit(is_dnc=0, force_update=1)
        assert world.look_up().json()["is_dnc"] is False

    @pytest.mark.parametrize("field", ["disposition_status_id", "user_id"])
    def test_an_unknown_id_is_a_422_and_nothing_is_written(self, world: AlowareWorld, field: str) -> None:
        answer = world.submit(**{field: 999_999})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
        assert world.look_up().status_code == 404

    @pytest.mark.parametrize("birthday", ["02/28/1990", "1990-02-28"])
    def test_both_spellings_of_a_birthday_pass(self, world: AlowareWorld, birthday: str) -> None:
        world.submit(date_of_birth=birthday)
        assert world.look_up().json()["date_of_birth"] == "1990-02-28"

    def test_tags_and_other_numbers_are_taken_comma_separated(self, world: AlowareWorld) -> None:
        world.submit(tags="vip, web", other_phone_numbers="(212) 555-0100")
        found = world.look_up().json()
        assert found["tags"] == ["vip", "web"]
        assert found["other_phone_numbers"] == [{"label": "", "phone_number": "+12125550100"}]

    def test_a_body_that_is_no_object_is_a_400(self, world: AlowareWorld) -> None:
        assert world.aloware.post(FORMS, content=b"[1]").status_code == 400


class TestLookUp:
    def test_it_answers_one_flat_object(self, world: AlowareWorld) -> None:
        world.submit(first_name="Maria", email="maria@example.com")
        found = world.look_up().json()
        assert isinstance(found["id"], int)
        assert {
            "phone_number", "name", "first_name", "last_name", "email", "company_name", "disposition_status_id",
            "timezone", "csf1", "csf2", "is_dnc", "is_opted_out", "text_authorized", "notes", "website", "tags",
        } <= set(found)  # fmt: skip

    def test_a_switch_wraps_it(self, world: AlowareWorld) -> None:
        world.submit(first_name="Maria")
        world.running.world.switches.lookup_wrapper = "data"
        assert world.look_up().json()["data"]["first_name"] == "Maria"

    def test_an_unknown_number_is_a_404(self, world: AlowareWorld) -> None:
        answer = world.look_up("+12125550100")
        assert (answer.status_code, answer.json()) == (404, {"error": "Contact not found."})

    @pytest.mark.parametrize("number", ["", "hello"])
    def test_no_number_is_a_400(self, world: AlowareWorld, number: str) -> None:
        answer = world.look_up(number)
        assert (answer.status_code, answer.json()) == (400, {"error": "Phone number is empty or invalid."})

    def test_other_numbers_do_not_match(self, world: AlowareWorld) -> None:
        world.submit(other_phone_numbers=[{"label": "home", "phone_number": "+12125550100"}])
        assert world.look_up("+12125550100").status_code == 404


class TestDoor:
    def test_a_get_has_its_token_in_the_query(self, world: AlowareWorld) -> None:
        assert world.aloware.get(USERS, headers={"Authorization": f"Bearer {world.token}"}).status_code == 401
        assert world.aloware.get(USERS, params={"api_token": world.token}).status_code == 200

    def test_a_post_has_its_token_in_the_body(self, world: AlowareWorld) -> None:
        query = {"api_token": world.token}
        assert world.aloware.post(FORMS, params=query, json={"phone_number": PHONE}).status_code == 401
        assert world.look_up().status_code == 404

    def test_a_bad_token_is_told_as_json(self, world: AlowareWorld) -> None:
        answer = world.aloware.get(LOOK_UP, params={"api_token": "wrong", "phone_number": PHONE})
        assert answer.status_code == 401
        assert {"message", "errors"} == set(answer.json())

    @pytest.mark.parametrize("path", ["/", "/api/v1/calls", "/api/v1/webhook/contacts", "/api/v1/communications"])
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_unknown_routes_answer_200_with_html(self, world: AlowareWorld, method: str, path: str) -> None:
        answer = world.aloware.request(method, path, params={"api_token": world.token})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")

    def test_users_come_all_at_once(self, stage: Stage) -> None:
        with stage.world(people=1) as world:
            users = world.aloware.get(USERS, params={"api_token": world.token}).json()
        assert len(users) == 5
        assert {"id", "name", "email", "agent_status", "human_readable_agent_status"} == set(users[0])

    def test_real_limits_stop_the_calls_above_the_minutes_allowance(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tasks.sandbox.aloware.api.CALLS_PER_MINUTE", 2)
        with stage.world(real_limits=True) as world:
            noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
            monkeypatch.setattr(world.running.world.clock, "now", lambda: noon)
            answers = [world.submit(force_update=1) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 200, 429]
        assert answers[2].json()["code"] == 20429


class TestCatalogue:
    def test_a_new_world_has_the_eight_native_dispositions(self, world: AlowareWorld) -> None:
        listed = world.catalogue("GET").json()
        assert [row["name"] for row in listed] == [
            "Attempted to call", "Bad timing", "Connected", "In progress", "New", "Open", "Open Deal", "Unqualified",
        ]  # fmt: skip
        assert {(row["value"], row["locked"], row["hidden"]) for row in listed} == {(None, False, False)}

    def test_a_mirrored_one_takes_over_the_native_one_of_its_name(self, world: AlowareWorld) -> None:
        native = world.dispositions()["In progress"]["id"]
        answer = world.catalogue("POST", name="In Progress", value="IN_PROGRESS", locked=True)
        assert (answer.status_code, answer.json()["id"]) == (200, native)
        assert world.dispositions()["In Progress"] == {
            "id": native, "name": "In Progress", "value": "IN_PROGRESS", "locked": True,
        }  # fmt: skip
        assert len(world.dispositions()) == 8

    def test_a_mirrored_one_without_a_match_is_added(self, world: AlowareWorld) -> None:
        answer = world.catalogue("POST", name="Attempted to Contact", value="ATTEMPTED_TO_CONTACT", locked=True)
        assert answer.status_code == 201
        assert len(world.dispositions()) == 9

    @pytest.mark.parametrize("twin", [{"name": "Hot", "value": "WARM"}, {"name": "Warm", "value": "HOT"}])
    def test_two_mirrored_ones_share_neither_name_nor_value(self, world: AlowareWorld, twin: dict[str, str]) -> None:
        world.catalogue("POST", name="Hot", value="HOT", locked=True)
        assert world.catalogue("POST", **twin).status_code == 409

    def test_one_can_be_renamed_moved_hidden_unlocked_and_unmirrored(self, world: AlowareWorld) -> None:
        made = world.catalogue("POST", name="Hot", value="HOT", locked=True).json()
        path = f"/{made['id']}"
        changed = world.catalogue("PATCH", path, name="Hottest", position=0, hidden=True, locked=False, value=None)
        assert changed.json() == {
            "id": made["id"], "name": "Hottest", "value": None, "locked": False, "position": 0, "hidden": True,
        }  # fmt: skip
        assert world.catalogue("GET").json()[1]["name"] == "Hottest"

    def test_one_that_contacts_hold_is_not_deleted(self, world: AlowareWorld) -> None:
        held, free = (world.dispositions()[name]["id"] for name in ("New", "Open"))
        world.submit(disposition_status_id=held)
        assert world.catalogue("DELETE", f"/{held}").status_code == 409
        assert world.catalogue("DELETE", f"/{free}").status_code == 204
        assert set(world.dispositions()) & {"New", "Open"} == {"New"}

    def test_a_lock_does_not_hinder_the_api(self, world: AlowareWorld) -> None:
        mirrored = world.catalogue("POST", name="New", value="NEW", locked=True).json()["id"]
        assert world.submit(disposition_status_id=str(mirrored)).status_code == 201
        assert world.look_up().json()["disposition_status_id"] == mirrored

    def test_what_is_not_there_is_a_404_and_a_stranger_stays_outside(self, world: AlowareWorld) -> None:
        assert world.catalogue("PATCH", "/1", name="x").status_code == 404
        assert httpx.get(world.running.ready["aloware"]["catalogue_url"]).status_code == 401
        assert world.running.ready["aloware"]["catalogue_url"].endswith(CATALOGUE)
