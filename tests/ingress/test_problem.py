import json

import pytest

from msggw.errors import Fault, Location, Rule
from msggw.ingress.problem import _TITLES, FAULTS_MAX, Problem, problem

FAULT = Fault(Location("json", "/amount/value"), Rule.CLASS, "a decimal text")


@pytest.mark.parametrize("status", _TITLES)
def test_a_problem_is_a_document_of_rfc_9457(status: int) -> None:
    """Type, title, status, detail and instance, in its own media type."""
    answer = problem(Problem(status, "some-code", "why"), "/v1/x")
    body = json.loads(answer.body)

    assert (status, "application/problem+json") == (answer.status_code, answer.media_type)
    assert ("urn:msggw:problem:some-code", status, "why", "/v1/x") == tuple(
        body[key] for key in ("type", "status", "detail", "instance")
    )
    assert body["title"]
    assert "errors" not in body
    assert (False, None) == (body["retryable"], answer.headers.get("retry-after"))


def test_faults_are_listed_with_pointers_up_to_a_limit() -> None:
    """So that a client can mark the fields."""
    body = json.loads(problem(Problem(422, "c", "d", [FAULT] * (FAULTS_MAX + 1)), "/").body)

    assert FAULTS_MAX == len(body["errors"])
    assert {"pointer": "/amount/value", "code": "class", "message": "a decimal text"} == (
        body["errors"][0]
    )


def test_what_may_be_tried_again_says_when() -> None:
    """In the header that clients know (RFC 9110, 10.2.3)."""
    answer = problem(Problem(503, "c", "d", retry_after_s=3), "/")

    assert "3" == answer.headers["retry-after"]
    assert json.loads(answer.body)["retryable"]
