"""The service answers as its own schema says, whatever it is asked."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
import schemathesis.specs.openapi.schemas
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.settings import Settings

TOKEN = "secret"
INPUTS = {
    "POST /v1/search",
    "GET /v1/search",
    "GET /v1/similar/{identity}",
    "POST /v1/why",
    "POST /v1/describe",
    "POST /v1/classify",
}
"""The operations that can be asked wrongly."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_the_service_keeps_to_its_schema(library: Library, mode: GenerationMode) -> None:
    app = create_service(library, Settings(token=TOKEN, hostnames=("testserver",)))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=headers)
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) == 12
    checked: set[str] = set()
    for operation in operations:

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        def check(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, headers=headers, timeout=60)

        try:
            check()
        except Unsatisfiable:  # whatever is sent there is in order
            assert mode is GenerationMode.NEGATIVE
        else:
            checked.add(operation.label)
    assert checked >= (INPUTS if mode is GenerationMode.NEGATIVE else {operation.label for operation in operations})
