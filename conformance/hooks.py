"""Facts about this service that Schemathesis cannot know, each with its reason."""

import atexit
import itertools
import json
import os
import re
from collections import Counter, defaultdict

import jsonschema_rs
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData


def dictionary(name):
    with open(f"{name}.dict", encoding="ascii") as file:
        return frozenset(line.strip('"\n') for line in file)


PRECIOUS = dictionary("precious")
# The organizations and projects that the caller must not leave, since its other requests need them; and the people whom they need.
WORKPLACES = {
    "POST /api/v1/organizations/{id}/members/{userId}/erase": dictionary("members") | dictionary("holders"),
    "DELETE /api/v1/me/organizations/{id}": dictionary("organizations"),
    "DELETE /v2/projects/{node_id}/members/me": dictionary("projects"),
}
SCHEMA = jsonschema_rs.Draft202012Validator
NOBODY = "01900000-0000-7000-8000-000000000000"

answered: defaultdict[str, Counter[int]] = defaultdict(Counter)
# A run has several processes that send to the same store.
numbers = (f"{os.environ['LOGGIA_PART']}-{number}" for number in itertools.count())


def is_declared(case, name):
    """Whether a header's value is one that the document has."""
    declared = [one.unoptimized_schema for one in case.operation.headers if one.name == name]
    return any(SCHEMA(schema).is_valid(case.headers[name]) for schema in declared)


@schemathesis.hook
def before_call(context, case, kwargs):
    # In a sequence of requests, a value of a response is used for a header as it is; a number would not be sent at all.
    for name, value in (case.headers or {}).items():
        if isinstance(value, (bool, int, float)):
            case.headers[name] = json.dumps(value)
    if case.method in ("DELETE", "PATCH", "POST"):
        # With the caller's own key revoked, or their organization left, all that follows would be refused and prove nothing.
        kept = PRECIOUS | WORKPLACES.get(case.operation.label, frozenset())
        for name, value in (case.path_parameters or {}).items():
            if str(value) in kept:
                case.path_parameters[name] = NOBODY
    # Headers are made of letters and digits at times, also those that need quotes; the header is optional.
    for name in ("If-Match", "If-None-Match"):
        if (
            case.meta
            and case.meta.generation.mode.is_positive
            and name in (case.headers or {})
            and not is_declared(case, name)
        ):
            del case.headers[name]
    # Examples repeat their Idempotency-Key, and a key belongs to the first request that had it.
    key = (case.headers or {}).get("Idempotency-Key")
    if key is not None and re.fullmatch("[!#-~][!-~]{0,240}", key):
        case.headers["Idempotency-Key"] = f"{key}{next(numbers)}"
    elif key is not None and re.fullmatch(r'"([!#-\[\]-~]|\\["\\]){1,240}"', key):
        case.headers["Idempotency-Key"] = f'"{next(numbers)}{key[1:]}'


# Errors that no schema can express and that get 400, each by its location and its code. All errors of such a response must be of
# these.
BEYOND_ANY_SCHEMA = [
    # A cursor is sealed by the service, and belongs to one list, in one order, with its filters: none can be made up.
    ("cursor", "INVALID_CURSOR"),
    ("page|per_page|offset", "NOT_BESIDE_CURSOR"),
    # OpenAPI cannot say that one query parameter excludes another.
    ("organizationId|projectId|spaceId", "NOT_TOGETHER"),
    # The last page that may be asked for by its number depends on how long pages are.
    ("page", "OUT_OF_RANGE"),
    # How many projects a page of own tasks may have depends on how many tasks of each it shows.
    ("per_page", "OUT_OF_RANGE"),
    # In an array of people no person may be named twice; a schema only knows elements that are the same in every member.
    (r"/\d+/(user_node_id|email|username|employeeNumber)", "DUPLICATE_VALUE"),
    (r"(/\d+)?/projects/\d+/node_id", "DUPLICATE_VALUE|UNKNOWN_PROJECT"),
    # Two members that mean the same person must not differ.
    ("/user_node_id", "CONTRADICTION"),
    # One date against the other, or against that of the record as it is, or against the clock.
    ("/(start|end)_date", "START_AFTER_END"),
    ("/expiresAt", "NOT_IN_THE_FUTURE"),
    # If no default organization is named, it is that of the key of the call, and may be none.
    ("/confinedToOrganization", "NOT_ALLOWED"),
    # References in a body: a record that does not exist and one that the caller may not see get the same 400.
    ("/projectId", "UNKNOWN_PROJECT"),
    ("/assignee_node_id", "NOT_A_MEMBER"),
    # Values that exist already.
    ("/task_no", "TASK_NO_TAKEN|REQUIRED"),
]

# Errors of whole requests that depend on the current state of the record.
BY_THE_STATE = {
    "ALREADY_A_MEMBER",
    "NOT_A_MEMBER",
    "CANNOT_REMOVE_SELF",
    "CANNOT_REMOVE_ADMIN",
    "USERNAME_TAKEN",
    "EMPLOYEE_NUMBER_TAKEN",
    "EMAIL_TAKEN",
}


def beyond_any_schema(error):
    place = error.get("parameter") or error.get("pointer") or ""
    return any(re.fullmatch(of, place) and re.fullmatch(code, error["code"]) for of, code in BEYOND_ANY_SCHEMA)


def is_invalid_after_all(case, error):
    """Whether a query parameter that is found wrong is wrong by the document, too.

    In a sequence of requests, what answers show is taken for parameters of like names: the number that is a project's `id` for the
    `projectId` of another request, which is a UUID.
    """
    name = error.get("parameter")
    if name is None or name not in (case.query or {}):
        return False
    value = case.query[name]
    declared = [one.unoptimized_schema for one in case.operation.query if one.name == name]
    readings = [value, *([json.loads(str(value))] if re.fullmatch(r"-?\d+|true|false", str(value)) else [])]
    return not any(SCHEMA(schema, validate_formats=True).is_valid(one) for schema in declared for one in readings)


def trimmed(value):
    if isinstance(value, dict):
        return {name: trimmed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [trimmed(one) for one in value]
    return value.strip() if isinstance(value, str) else value


def is_valid_once_trimmed(case):
    """Whether nothing is wrong with the body but white space, which is taken away before characters are counted."""
    body = ParameterLocation.BODY
    if any(case.meta.is_negative_at(location) for location in case.meta.components if location != body):
        return False
    schemas = [one.unoptimized_schema for one in case.operation.body if one.media_type == case.media_type]
    return any(SCHEMA(schema).is_valid(trimmed(case.body)) for schema in schemas)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Leave out correct responses that the document, which cannot express everything, does not allow."""
    if isinstance(failure, AcceptedNegativeData):
        return not is_valid_once_trimmed(case)
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    problem = response.json()
    if problem["code"] in BY_THE_STATE:
        return False
    errors = problem.get("errors", [])
    return not errors or not all(beyond_any_schema(error) or is_invalid_after_all(case, error) for error in errors)


@schemathesis.hook
def after_call(context, case, response):
    """Count, so that an operation that never succeeded is noticed: the absence of findings would mean nothing there."""
    answered[case.operation.label][response.status_code] += 1


@atexit.register
def tell_what_was_answered():
    with open("answered.json", "w", encoding="utf-8") as file:
        json.dump(answered, file)


PROBLEM = {
    "type": str,
    "title": str,
    "status": int,
    "detail": str,
    "instance": str,
    "code": str,
    "request_id": str,
}


@schemathesis.check
def refusals_are_problems(context, response, case):
    """Every refusal with a body is one of RFC 9457, whether or not the document has its status."""
    if response.status_code < 400:
        return
    kind = response.headers.get("content-type", [""])[0]
    if not response.content and response.status_code in (400, 408, 431):
        # What the HTTP parser itself refuses comes to no code of ours; the contract says so.
        return
    if response.request.method == "HEAD":
        return
    assert kind == "application/problem+json", f"a refusal of the type {kind!r}"
    problem = response.json()
    for member, of in PROBLEM.items():
        assert isinstance(problem.get(member), of), f"a problem without {member}"
    assert problem["status"] == response.status_code, "a problem with another status than the response's"
    assert problem["type"] == f"/docs/errors/{problem['code']}", "a problem whose type is not its code's page"
    assert response.headers.get("x-request-id") == [problem["request_id"]], "a problem of another request"
