import io
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from django.template import engines

from wekeza_portal.documents import pdf


@pytest.fixture
def _paper(settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that prints its text unescaped: the worst that can happen to what a customer typed."""
    (tmp_path / "raw.html").write_text(
        "{% load i18n %}<!doctype html><html lang='{{ language }}'><head><title>Paper</title></head>"
        "<body><h1>{% translate 'Save' %}</h1>{% autoescape off %}{{ text }}{% endautoescape %}</body></html>"
    )
    loader = engines["django"].engine
    monkeypatch.setattr(loader, "dirs", [*loader.dirs, str(tmp_path)])


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A host that notes every knock."""
    knocks: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                visitor, _address = server.accept()
            except OSError:
                return
            knocks.append(visitor.recv(200))
            visitor.close()

    threading.Thread(target=answer, daemon=True).start()
    yield server.getsockname()[1], knocks
    server.close()


def words_in(content: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


@pytest.mark.usefixtures("_paper")
def test_it_reads_no_file_and_calls_no_host_even_when_markup_slips_through(listener: tuple[int, list[bytes]]) -> None:
    port, knocks = listener
    text = (
        "<link rel=attachment href='file:///etc/passwd'><a rel=attachment href='file:///etc/passwd'>x</a>"
        f"<img src='http://127.0.0.1:{port}/a.png'><style>@import url('http://127.0.0.1:{port}/b.css');"
        f"body {{ background: url('http://127.0.0.1:{port}/c.png') }}</style><img src='file:///etc/passwd'>"
        f"<object data='http://127.0.0.1:{port}/d'></object>"
    )
    content = pdf.render("raw.html", {"text": text}, language="en")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert not list(document.attachments)
        assert "root:" not in words_in(content)
    assert knocks == []


@pytest.mark.usefixtures("_paper")
def test_the_trap_is_real_without_the_safe_fetcher() -> None:
    from weasyprint import HTML

    html = "<link rel=attachment href='file:///etc/passwd'><p>x"
    with pikepdf.open(io.BytesIO(HTML(string=html).write_pdf())) as document:
        assert list(document.attachments)


@pytest.mark.usefixtures("_paper")
def test_a_paper_is_tagged_and_says_its_language() -> None:
    content = pdf.render("raw.html", {"text": "hello"}, language="sw")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "sw"
        assert "/StructTreeRoot" in document.Root
    assert "hello" in words_in(content)


@pytest.mark.usefixtures("_paper")
def test_it_leaves_the_language_of_the_page_alone() -> None:
    from django.utils import translation

    with translation.override("en"):
        pdf.render("raw.html", {"text": "x"}, language="sw")
        assert translation.get_language() == "en"
