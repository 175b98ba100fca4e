"""The yardstick itself: what Mozilla's rules say of answers that we would never give."""

from dataclasses import replace

import pytest

from tests.transport.observatory import Answer, directives, modifiers, score

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
SESSION = "__Host-session=abc; HttpOnly; Path=/; SameSite=Lax; Secure"
BEST = Answer(
    headers={
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": POLICY,
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "same-origin",
        "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    },
    cookies=(SESSION,),
    body='<script src="/static/a.js" integrity="sha384-x"></script>',
    http_location="https://bank.example.com/",
)
FROM_ELSEWHERE = '<script src="https://cdn.example.com/a.js"></script>'


def changed(header: str, value: str) -> Answer:
    return replace(BEST, headers={**BEST.headers, header: value})


def test_the_best_answer_scores_140_and_an_empty_one_nothing_to_be_proud_of() -> None:
    assert score(BEST) == 140
    assert modifiers(Answer(headers={})) == {
        "content-security-policy": -25, "cookies": 0, "cross-origin-resource-sharing": 0, "redirection": -20,
        "referrer-policy": 0, "strict-transport-security": -20, "subresource-integrity": 0,
        "x-content-type-options": -5, "x-frame-options": -20, "cross-origin-resource-policy": 0,
    }  # fmt: skip
    assert score(Answer(headers={})) == 10


@pytest.mark.parametrize(
    ("answer", "test", "points"),
    [
        (changed("content-security-policy", "default-src 'self'"), "content-security-policy", 5),
        (changed("content-security-policy", POLICY + "; style-src 'unsafe-inline'"), "content-security-policy", 0),
        (changed("content-security-policy", "default-src 'self' 'unsafe-eval'"), "content-security-policy", -10),
        (changed("content-security-policy", POLICY + "; img-src http://x"), "content-security-policy", -10),
        (changed("content-security-policy", POLICY + "; script-src 'unsafe-inline'"), "content-security-policy", -20),
        (changed("content-security-policy", "script-src 'self'"), "content-security-policy", -20),
        (changed("content-security-policy", POLICY + "; connect-src http://x"), "content-security-policy", -20),
        (changed("content-security-policy", ""), "content-security-policy", -25),
        (changed("content-security-policy", "default-src 'none'"), "x-frame-options", 0),
        (changed("cross-origin-resource-policy", "anybody"), "cross-origin-resource-policy", -5),
        (changed("cross-origin-resource-policy", "cross-origin"), "cross-origin-resource-policy", 0),
        (changed("referrer-policy", "unsafe-url"), "referrer-policy", -5),
        (changed("strict-transport-security", "max-age=100"), "strict-transport-security", -10),
        (changed("strict-transport-security", "preload"), "strict-transport-security", -20),
        (changed("x-content-type-options", "sniff"), "x-content-type-options", -5),
        (changed("access-control-allow-origin", "*"), "cross-origin-resource-sharing", 0),
        (replace(BEST, http_location="http://bank.example.com/"), "redirection", -20),
        (replace(BEST, body=""), "subresource-integrity", 0),
        (replace(BEST, body='<script src="/a.js"></script>'), "subresource-integrity", 0),
        (replace(BEST, body=FROM_ELSEWHERE), "subresource-integrity", -5),
        (replace(BEST, cookies=()), "cookies", 0),
        (replace(BEST, cookies=("a=1; Secure",)), "cookies", 0),
        (replace(BEST, cookies=("a=1; SameSite=Lax",)), "cookies", -5),
        (replace(BEST, cookies=(SESSION, "csrf=1; Secure")), "cookies", -20),
        (replace(BEST, cookies=("session=1; Secure; SameSite=Lax",)), "cookies", -30),
        (replace(BEST, cookies=("session=1; HttpOnly; SameSite=Lax",)), "cookies", -10),
        (replace(changed("strict-transport-security", ""), cookies=("session=1; HttpOnly",)), "cookies", -40),
    ],
)
def test_each_rule_is_worth_what_mozilla_says(answer: Answer, test: str, points: int) -> None:
    assert modifiers(answer)[test] == points


def test_credentials_for_every_origin_cost_fifty() -> None:
    answer = replace(
        BEST,
        headers={
            **BEST.headers,
            "access-control-allow-origin": "https://evil.example",
            "access-control-allow-credentials": "true",
        },
    )
    assert score(answer) == 50, "below 90 no bonus counts"


def test_a_policy_is_read_by_directive() -> None:
    assert directives("a 'self'; b; ") == {"a": {"'self'"}, "b": set()}
