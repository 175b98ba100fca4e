"""What pages say about their scripts and style sheets is what those files are."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from wekeza_portal import assets


def test_the_digest_is_that_of_the_file() -> None:
    content = (Path(settings.BASE_DIR) / "static" / "portal.css").read_bytes()
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    assert assets.integrity("portal.css") == f"sha384-{digest}"
    written = Template("{% load portal %}<link{% integrity 'portal.css' %}>").render(Context())
    assert written == f'<link integrity="sha384-{digest}">'


def test_it_refuses_a_file_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r"no-such\.css"):
        assets.integrity("no-such.css")


def test_every_script_and_style_sheet_of_our_templates_names_its_digest() -> None:
    tags = [
        (path.name, tag)
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for tag in re.findall(r"<(?:script|link rel=\"stylesheet\")(?:{%.*?%}|[^>])*>", path.read_text("utf-8"))
    ]
    assert len(tags) >= 4
    assert [tag for tag in tags if "{% integrity '" not in tag[1]] == []
    for _name, tag in tags:
        static, integrity = re.search(r"static '([^']+)'", tag), re.search(r"integrity '([^']+)'", tag)
        assert static is not None
        assert integrity is not None
        assert static.group(1) == integrity.group(1)
