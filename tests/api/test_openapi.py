"""The description at /openapi.json is complete and true: routes, bodies, answers, refusals."""

import ast
import random
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import application.access
import application.account_refusals
import application.openid_provider
import application.recording
import application.sign_in
import application.sign_in_tries
import application.store.appends
import application.store.key_ring
import application.store.sealing
import application.store.store
import application.store.together
import application.tracking
import projections.freshness
from api import schemas
from api.app import create_app
from api.examples import ANSWERS, EXAMPLES
from api.problems import KNOWN, OF_STATUS, STATUS_OF, TRANSLATED, status_of
from api.web.page_problems import PAGE_PROBLEMS
from domain import refusals
from domain.refusals import Refusal
from tests.api.json_schema import Schemas
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol, student_number

ROOT = Path(__file__).parents[2]
PROBLEM = "application/problem+json"
OPEN = {
    *("/healthz", "/readyz", "/metrics"),
    *("/v1/token", "/v1/oidc/start", "/v1/oidc/callback"),
}
DESCRIPTION = create_app(lambda: None).openapi()  # type: ignore[arg-type,return-value]
OPERATIONS = {
    (method, path): operation
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
}
WITH_BODY = {key: op for key, op in OPERATIONS.items() if "requestBody" in op}
FORMS = {"/v1/token", "/v1/students/import", "/v1/attendance/import"}
BODIES = [import_module(f"api.schemas.{one.name}") for one in iter_modules(schemas.__path__)]
SCHEMAS = Schemas(DESCRIPTION["components"]["schemas"])
faults = SCHEMAS.faults


def examples_of(media: dict[str, Any]) -> list[Any]:
    several = [one["value"] for one in media.get("examples", {}).values()]
    return [media["example"]] if "example" in media else several


# The document itself -----------------------------------------------------------------------------


async def test_what_is_served_is_the_description(client):
    answer = await client.get("/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == DESCRIPTION
    page = (await client.get("/docs")).text
    assert all(path in page for _, path in OPERATIONS)


def test_every_route_says_what_it_does_under_a_name_of_its_own():
    for operation in OPERATIONS.values():
        assert operation["summary"].strip()
        assert "``" not in operation["summary"]
        assert operation["tags"]
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))


def test_every_parameter_is_described_or_named_by_its_code_list():
    for (_, path), operation in OPERATIONS.items():
        for parameter in operation.get("parameters", []):
            assert parameter["schema"], (path, parameter["name"])
            list(faults(None, {"anyOf": [parameter["schema"], {"type": "null"}]}))


def test_all_but_the_open_routes_ask_for_a_bearer_token():
    schemes = DESCRIPTION["components"]["securitySchemes"]
    assert [scheme["scheme"] for scheme in schemes.values()] == ["bearer"]
    for (_, path), operation in OPERATIONS.items():
        assert operation.get("security") == (
            None if path in OPEN else [{name: [] for name in schemes}]
        ), path


def test_every_body_has_an_example_that_its_schema_and_its_model_allow():
    used = set()
    for (_, path), operation in WITH_BODY.items():
        if path in FORMS:
            continue
        media = operation["requestBody"]["content"]["application/json"]
        name = media["schema"]["$ref"].rpartition("/")[2]
        assert operation["requestBody"]["required"] is True, path
        assert list(faults(media["example"], media["schema"])) == [], path
        home = next(one for one in BODIES if hasattr(one, name))
        getattr(home, name).model_validate(media["example"])
        used.add(name)
    assert used == EXAMPLES.keys()


def test_a_body_schema_refuses_what_the_service_refuses():
    """The description is as strict as the service: no field unknown, required ones required."""
    for operation in WITH_BODY.values():
        for media in operation["requestBody"]["content"].values():
            if "example" not in media:
                continue
            example, schema = media["example"], media["schema"]
            assert list(faults({**example, "surprise": 1}, schema)) == ["/surprise: unknown"]
            for name in SCHEMAS.of(schema["$ref"]).get("required", []):
                lacking = {key: value for key, value in example.items() if key != name}
                assert list(faults(lacking, schema)) == [f"/{name}: missing"]


def test_every_answer_has_an_example_that_its_schema_allows():
    for (method, path), operation in OPERATIONS.items():
        good = [status for status in operation["responses"] if status < "400"]
        assert good, path
        for status, answer in operation["responses"].items():
            assert answer["description"].strip(), (path, status)
            if status in {"302", "303"}:
                assert "Location" in answer["headers"]
                continue
            assert answer.get("content"), (path, status)
            for media in answer["content"].values():
                found = examples_of(media)
                assert found, (method, path, status)
                for example in found:
                    assert list(faults(example, media.get("schema", {}))) == [], (path, status)


def test_every_refusal_is_a_problem_with_an_example_under_its_own_status():
    for (_, path), operation in OPERATIONS.items():
        for status, answer in operation["responses"].items():
            if status < "400" or path == "/readyz":
                continue
            assert set(answer["content"]) == {PROBLEM}, (path, status)
            for slug, example in answer["content"][PROBLEM]["examples"].items():
                assert example["value"]["type"] == slug
                assert example["value"]["status"] == int(status) == slugs()[slug], path
                assert slug in answer["description"]
        if path not in OPEN:
            expected = {"400", "401", "403", "422", "503"} - (
                {"403"} if path in {"/v1/password", "/v1/sign-out"} else set()
            )
            assert expected <= operation["responses"].keys(), path
        if "{student_id}" in path:
            assert "404" in operation["responses"], path
        has = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert ("If-Match" in has) == ("412" in operation["responses"]), path


def test_the_docs_answer_examples_look_like_nobody_real():
    told = str(DESCRIPTION)
    assert set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", told)) <= {"19000000001"}
    numbers = set(re.findall(r"(?<!\d)(\d{6})\d{11}[\dX](?!\d)", told))
    assert numbers <= {"410399"}  # an area code nobody has


# The answers are what the examples say -----------------------------------------------------------


def shape(value: Any) -> Any:
    """The fields of an answer, whatever they hold."""
    return {name: shape(inner) for name, inner in value.items()} if isinstance(value, dict) else ""


async def test_real_answers_have_the_fields_of_their_examples(
    client, sign_in, bureau, teacher, child
):
    done = await teacher.record(child, "absence-flags")
    position = done["position"]
    await bureau.fresh("/v1/students", position)
    paths = {
        "health": "/healthz",
        "readiness": "/readyz",
        "students": "/v1/students",
        "student": f"/v1/students/{child}",
        "duties": f"/v1/students/{child}/duties",
        "history": f"/v1/students/{child}/history?limit=1",
        "entry": f"/v1/students/{child}/history/2",
        "ledger": "/v1/ledgers/dropout-control",
    }
    auditor = await sign_in("auditor")
    answers = {name: (await bureau.get(path)).json() for name, path in paths.items()}
    answers["recorded"] = done
    promoted = await bureau.post(f"/v1/schools/{SCHOOL}/promotions", {})
    answers["promotion"] = promoted.json()
    glass = f"/v1/students/{child}/break-glass"
    answers["glass_broken"] = (await teacher.post(glass, EXAMPLES["GlassBreak"])).json()
    answers["glass"] = (await bureau.get("/v1/break-glass")).json()
    answers["who_can_see"] = (await bureau.get(f"/v1/who-can-see/{child}")).json()
    await bureau.get("/v1/ledgers/dropout-control")
    answers["access_log"] = (await auditor.get("/v1/access-log")).json()
    for name, answer in answers.items():
        assert shape(answer) == shape(ANSWERS[name]), name
        if name in {"students", "ledger", "access_log", "glass", "who_can_see"}:
            assert shape(answer["items"][0]) == shape(ANSWERS[name]["items"][0]), name
    assert answers["entry"]["sentence"] == ANSWERS["entry"]["sentence"]
    assert answers["duties"]["items"][1].keys() == ANSWERS["duties"]["items"][0].keys()
    metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert (
        ANSWERS["ledger_csv"].partition("\r")[0]
        in (await bureau.get("/v1/ledgers/dropout-control?format=csv")).text
    )


# Refusals ----------------------------------------------------------------------------------------


def all_refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for rule in kind.__subclasses__():
        yield rule
        yield from all_refusals(rule)


def status(rule: type[Refusal]) -> int:
    return status_of(rule.__new__(rule))


def slugs() -> dict[str, int]:
    """Every slug a caller may meet, with its status."""
    return {
        **{slug: words[0] for slug, words in KNOWN.items()},
        **{rule.slug: status(rule) for rule in all_refusals()},
    }


def names_used(*folders: str) -> set[str]:
    """Every name and attribute that code of some folders uses."""
    used = set()
    for folder in folders:
        for source in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text())):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    used.add(node.id)
                elif isinstance(node, ast.Attribute):
                    used.add(node.attr)
    return used


def test_every_rule_has_one_status_and_none_has_a_row_without_being_a_rule():
    rules = list(all_refusals())

    assert {rule.__module__ for rule in rules} == {
        *("domain.refusals", "domain.return_refusals", "domain.inspection_refusals"),
        *("domain.supervision_refusals", "domain.rules_refusals"),
    }
    assert {rule: status(rule) for rule in rules if status(rule) != 409} == {
        refusals.NoSuchEntry: 404,
        refusals.SuperiorUnitRequired: 403,
    }
    assert STATUS_OF.keys() <= set(rules)
    assert all(STATUS_OF[rule] != 409 for rule in STATUS_OF)


def test_no_two_refusals_share_a_slug_and_each_speaks_both_languages():
    rules = [rule.slug for rule in all_refusals()]

    assert len({*rules, *KNOWN}) == len(rules) + len(KNOWN)
    for rule in all_refusals():
        assert re.search(r"[一-鿿]", rule.zh), rule
        assert rule.en.isascii() or set(rule.en) - set(map(chr, range(128))) <= set("“”")
        assert set(re.findall(r"\{(\w+?)(?:_zh)?\}", rule.zh)) == set(
            re.findall(r"\{(\w+?)(?:_en)?\}", rule.en)
        ), rule


def test_every_refusal_is_raised_somewhere():
    used = names_used("domain", "application", "api")

    assert {rule.__name__ for rule in all_refusals()} - used == set()


def test_every_slug_of_the_web_layer_is_raised_somewhere_and_no_other_is():
    raised = set()
    for source in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                first = node.args[0]
                raised |= {first.value} if isinstance(first, ast.Constant) else set()
    assert raised | set(OF_STATUS.values()) == KNOWN.keys()
    assert all(code == KNOWN[slug][0] for code, slug in OF_STATUS.items())


def test_every_fault_of_the_application_becomes_a_problem():
    faults_of_ours = {
        kind
        for module in (
            *(application.access, application.tracking, application.recording),
            *(application.store.store, application.store.appends, application.store.together),
            *(application.store.sealing, application.store.key_ring),
            *(application.account_refusals, application.sign_in, application.sign_in_tries),
            application.openid_provider,
            projections.freshness,
        )
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
        if kind.__module__ == module.__name__
    }
    turned_into_others = {"VersionConflict", "NumberTaken", "KeyRetired"}
    turned_into_others |= {"AccountRefusal", "AdministratorExists"}  # every one; the command line's
    assert {kind.__name__ for kind in faults_of_ours - TRANSLATED.keys()} == turned_into_others


def test_every_refusal_is_listed_by_some_route():
    listed = {
        slug
        for operation in OPERATIONS.values()
        for answer in operation["responses"].values()
        for slug in answer.get("content", {}).get(PROBLEM, {}).get("examples", {})
    }

    # answered where there is no route, by hand of the framework, or by pages
    assert slugs().keys() - listed == {"method-not-allowed", *PAGE_PROBLEMS}


def listed_for(path: str, status: int) -> dict[str, Any]:
    answer = OPERATIONS["post", path]["responses"].get(str(status), {})
    found: dict[str, Any] = answer.get("content", {}).get(PROBLEM, {}).get("examples", {})
    return found


CHANCES: dict[str, list[Any]] = {
    **{
        name: ["2001-01-01", "2026-08-01", "2026-09-20", "2026-10-20", "2999-01-01"]
        for name in ("occurred_on", "seen_on", "first_absent_on", "served_on", "from")
    },
    "school_code": [SCHOOL, "3141999999"],
    "to_school": [SCHOOL, OTHER_SCHOOL, PRIMARY, "3141999999"],
    "until": ["2001-01-01"],
    "papers": [[], [{"kind": "police_letter"}], [{"kind": "roll_extract"}]],
    "reason": ["C02", "C05", "C13"],
    "kind": ["12", "21", "22", "51", "29"],
    "entry": [1, 2, 3, 4, 99],
    "accept": [False],
    "changes": [
        {"name": "测小洲"},
        {"student_number": student_number(999)},
        {"school_code": "3141999999"},
        {"birth_date": "2026-09-18"},
        {"first_absent_on": "2026-11-01"},
        {"papers": []},
        {"seen_on": "2001-01-01"},
    ],
}


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_a_step_is_refused_with_its_route_lists(sign_in, registrar, bureau, seed):
    """Steps taken at random through many lives: each refusal met is one the route has named."""
    chance = random.Random(seed)
    people = [await sign_in(name) for name in ("principal", "bureau", "township", "registrar2")]
    await enrol(bureau, 999)
    steps = [
        (path, EXAMPLES[op["requestBody"]["content"]["application/json"]["schema"]["$ref"][21:]])
        for (_, path), op in WITH_BODY.items()
        if "{student_id}" in path
    ]
    met = set()
    for serial in range(5):
        child = (await enrol(registrar, serial))["student_id"]
        for path in ("absence-flags", "suspicions", "written-reports")[: chance.randrange(4)]:
            await people[0].record(child, path)
        for _ in range(70):
            path, example = chance.choice(steps)
            entry, code = chance.randrange(1, 9), chance.choice(["left_behind", "rich"])
            where = path.format(student_id=child, entry=entry, code=code)
            body = dict(example)
            for field in chance.sample(sorted(CHANCES), k=chance.randrange(len(CHANCES))):
                if field in body:
                    body[field] = chance.choice(CHANCES[field])
            for caller in people:
                answer = await caller.post(where, body)
                if answer.status_code != 403:
                    break
            if answer.status_code == 201:
                continue
            slug = answer.json()["type"]
            assert slug in listed_for(path, answer.status_code), (path, body, answer.text)
            met.add(slug)
    assert len(met) > 12
