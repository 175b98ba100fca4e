"""What is let through comes out new; what could do harm does not come out at all."""

import io
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image

from wekeza_portal.uploads import cleaning, errors
from wekeza_portal.uploads.cleaning import Clean
from wekeza_portal.uploads.errors import Active, Damaged, Locked, Moves, TooManyPages, TooManyPixels
from wekeza_portal.uploads.tests.files import chunk, noise, pdf, picture, png_saying, saved

SECRET = b"-1.2921,36.8219 and <?php system($_GET[0]); ?>"


def opened(clean: Clean) -> Image.Image:
    return Image.open(io.BytesIO(clean.content))


# --- Pictures -----------------------------------------------------------------------------------------------------


def test_a_photograph_keeps_its_picture_and_loses_everything_else() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A phone"
    exif[0x9286] = SECRET.decode()
    content = picture(exif=exif, comment=SECRET, icc_profile=b"profile" * 20) + SECRET
    clean = cleaning.clean("JPEG", content)
    assert (clean.width, clean.height, clean.pages) == (60, 40, None)
    for left in (b"A phone", b"php", b"-1.29", b"profile", b"Exif"):
        assert left in content
        assert left not in clean.content
    assert opened(clean).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photograph_taken_upright_stays_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(cleaning.clean("JPEG", picture(exif=exif))).size == (40, 60)


def test_texts_in_a_png_are_dropped() -> None:
    content = picture("PNG")
    content = content[:33] + chunk(b"tEXt", b"Comment\0" + SECRET) + content[33:] + SECRET
    clean = cleaning.clean("PNG", content)
    assert SECRET not in clean.content
    assert opened(clean).getpixel((5, 5)) == (0, 0, 0)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_every_jpeg_becomes_one_that_any_program_shows(mode: str) -> None:
    assert opened(cleaning.clean("JPEG", picture(mode=mode))).mode in {"L", "RGB"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_png_becomes_one_that_any_program_shows(mode: str) -> None:
    clean = opened(cleaning.clean("PNG", picture("PNG", mode=mode)))
    assert clean.mode in {"L", "RGB"}
    assert clean.size == (60, 40)


def test_sixteen_bits_keep_their_brightness() -> None:
    out = io.BytesIO()
    Image.new("I;16", (4, 4), 0x8080).save(out, "PNG")
    assert opened(cleaning.clean("PNG", out.getvalue())).getpixel((1, 1)) in {127, 128}


def test_what_was_see_through_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(cleaning.clean("PNG", out.getvalue())).getpixel((1, 1)) == (255, 255, 255)


def test_of_several_pictures_in_one_photograph_the_first_is_kept() -> None:
    out = io.BytesIO()
    first, second = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (60, 40), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"
    clean = opened(cleaning.clean("JPEG", out.getvalue()))
    red, _green, blue = clean.getpixel((5, 5))
    assert (clean.format, red > 200, blue < 50) == ("JPEG", True, True)


def test_a_picture_that_moves_is_refused() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with pytest.raises(Moves):
        cleaning.clean("PNG", out.getvalue())


def test_a_large_picture_is_made_smaller_and_twenty_five_megapixels_are_the_end() -> None:
    assert max(opened(cleaning.clean("PNG", picture("PNG", "L", (5000, 5000)))).size) == 3508
    with pytest.raises(TooManyPixels):
        cleaning.clean("PNG", picture("PNG", "L", (5001, 5000)))


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (25_000_001, 1)])
def test_a_bomb_is_refused_by_what_its_header_says(size: tuple[int, int]) -> None:
    with pytest.raises((TooManyPixels, Damaged)):
        cleaning.clean("PNG", png_saying(*size))


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_a_bomb_in_a_text_or_colour_profile_does_not_go_off(name: bytes) -> None:
    content = picture("PNG")
    bomb = chunk(name, b"x\0\0" + zlib.compress(bytes(200_000_000)))
    try:
        clean = cleaning.clean("PNG", content[:33] + bomb + content[33:])
    except Damaged:
        return
    assert len(clean.content) < 10_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_half_a_picture_is_refused(kind: str) -> None:
    content = noise(kind, (300, 300))
    with pytest.raises(Damaged):
        cleaning.clean(kind, content[: len(content) // 2])


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("JPEG", b"\xff\xd8\xff"),
        ("JPEG", b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>"),
        ("JPEG", b"\xff\xd8\xff" + b"GIF89a/*" + b"*/=1;alert(1)"),
        ("JPEG", picture("GIF")),
        ("JPEG", picture("PNG")),
        ("JPEG", picture("TIFF")),
        ("PNG", b"\x89PNG\r\n\x1a\n"),
        ("PNG", picture("BMP")),
        ("PNG", png_saying(0, 0)),
        ("PNG", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ],
)
def test_what_only_begins_like_a_picture_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(Damaged):
        cleaning.clean(kind, content)


# --- PDF ----------------------------------------------------------------------------------------------------------


def test_a_plain_pdf_keeps_its_pages_and_loses_its_notes_and_its_tail() -> None:
    paper = pikepdf.new()
    paper.add_blank_page()
    paper.add_blank_page()
    paper.docinfo["/Author"] = "Wanjiku of Nyeri"
    paper.Root.Metadata = Stream(paper, b"<xmp>Nyeri</xmp>")
    clean = cleaning.clean("PDF", saved(paper) + b"\n<script>alert(1)</script>")
    assert clean.pages == 2
    assert b"<script>" not in clean.content
    again = pikepdf.open(io.BytesIO(clean.content))
    assert len(again.pages) == 2
    assert "/Author" not in again.docinfo
    assert "/Metadata" not in again.Root


SCRIPT = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize(
    "root",
    [
        {"OpenAction": SCRIPT},
        {"OpenAction": Dictionary(S=Name.URI, URI="https://example.com")},
        {"AA": Dictionary(WC=SCRIPT)},
        {"Names": Dictionary(JavaScript=Dictionary(Names=Array(["x", SCRIPT])))},
        {"Names": Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))},
        {"AcroForm": Dictionary(XFA=Array([]), Fields=Array([]))},
        {"Hidden": Array([Array([Dictionary(Deep=Dictionary(S=Name.Launch, F="cmd.exe"))])])},
        {"Hidden": Dictionary(Type=Name.Filespec, EF=Dictionary())},
        {"Hidden": Dictionary(Subtype=Name.RichMedia)},
        {"Collection": Dictionary()},
        {"Hidden": Dictionary(S=Name.SubmitForm, F="https://example.com")},
        {"Hidden": Dictionary(S=Name.GoToE)},
    ],
)
def test_a_pdf_that_could_do_something_is_refused(root: dict[str, object]) -> None:
    with pytest.raises(Active):
        cleaning.clean("PDF", pdf(**root))


def test_opening_at_a_page_is_not_doing_something() -> None:
    paper = pikepdf.new()
    paper.add_blank_page()
    paper.Root.OpenAction = Array([paper.pages[0].obj, Name.Fit])
    assert cleaning.clean("PDF", saved(paper)).pages == 1


def test_a_script_is_found_in_a_packed_object_and_under_an_escaped_name() -> None:
    packed = pdf(OpenAction=SCRIPT)
    paper = pikepdf.open(io.BytesIO(packed))
    paper.Root.Hidden = paper.make_indirect(Dictionary(A=paper.make_indirect(Dictionary(AA=SCRIPT))))
    del paper.Root["/OpenAction"]
    packed = saved(paper, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"/AA" not in packed
    with pytest.raises(Active):
        cleaning.clean("PDF", packed)
    plain = pdf(Hidden=Dictionary(S=Name.JavaScript))
    escaped = plain.replace(b"/S /JavaScript >>", b"/S/J#61vaScript>>")
    assert escaped != plain
    assert len(escaped) == len(plain)
    with pytest.raises(Active):
        cleaning.clean("PDF", escaped)


def test_an_attached_file_is_refused() -> None:
    paper = pikepdf.open(io.BytesIO(pdf()))
    paper.attachments["x.exe"] = b"MZ"
    with pytest.raises(Active):
        cleaning.clean("PDF", saved(paper))


def test_a_script_that_hangs_on_a_page_or_a_note_is_refused() -> None:
    paper = pikepdf.open(io.BytesIO(pdf()))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, A=SCRIPT, Rect=Array([0, 0, 9, 9]))
    paper.pages[0].obj["/Annots"] = Array([paper.make_indirect(note)])
    with pytest.raises(Active):
        cleaning.clean("PDF", saved(paper))


@pytest.mark.parametrize("user", ["", "secret"])
def test_a_locked_pdf_is_refused_also_when_anybody_may_open_it(user: str) -> None:
    paper = pikepdf.open(io.BytesIO(pdf()))
    with pytest.raises(Locked):
        cleaning.clean("PDF", saved(paper, encryption=pikepdf.Encryption(owner="owner", user=user)))


def test_fifty_pages_are_taken_and_ten_thousand_are_not() -> None:
    assert cleaning.clean("PDF", pdf(50)).pages == 50
    for pages in (51, 10_000):
        with pytest.raises(TooManyPages):
            cleaning.clean("PDF", pdf(pages))


def test_a_pdf_without_pages_is_refused() -> None:
    with pytest.raises(Damaged):
        cleaning.clean("PDF", pdf(0))


@pytest.mark.parametrize("length", [20, 200, -30])
def test_half_a_pdf_is_refused(length: int) -> None:
    with pytest.raises(Damaged):
        cleaning.clean("PDF", pdf()[:length])


def test_a_page_tree_that_bites_its_tail_is_refused() -> None:
    paper = pikepdf.open(io.BytesIO(pdf()))
    paper.Root.Pages.Kids.append(paper.Root.Pages)
    with pytest.raises(Damaged):
        cleaning.clean("PDF", saved(paper))


def test_a_stream_packed_twice_or_growing_without_end_is_refused() -> None:
    for content, filters in (
        (zlib.compress(zlib.compress(bytes(1000))), Array([Name.FlateDecode, Name.FlateDecode])),
        (zlib.compress(bytes(100_000_000)), Name.FlateDecode),
    ):
        paper = pikepdf.new()
        paper.add_blank_page()
        paper.Root.Bomb = Stream(paper, content, Filter=filters)
        raw = saved(paper, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        with pytest.raises(Damaged):
            cleaning.clean("PDF", raw)


def test_an_object_stream_that_grows_without_end_is_refused() -> None:
    packed = zlib.compress(b"9 0 " + b"[1] " + b" " * 400_000_000)
    parts = [
        b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Type/Pages/Kids[9 0 R]/Count 1>> endobj\n",
        b"3 0 obj <</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>> stream\n" % len(packed)
        + packed
        + b"\nendstream endobj\n",
    ]
    content, offsets = b"%PDF-1.5\n", []
    for part in parts:
        offsets.append(len(content))
        content += part
    rows = [b"\0\0\0\0\0\0", *(b"\1" + at.to_bytes(4, "big") + b"\0" for at in offsets)]
    rows += [b"\0\0\0\0\0\0"] * 5 + [b"\2" + (3).to_bytes(4, "big") + b"\0"]
    table = b"".join(rows)
    start = len(content)
    content += b"4 0 obj <</Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Length %d>> stream\n" % (len(rows), len(table))
    content += table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % start
    with pytest.raises(Damaged):
        cleaning.clean("PDF", content)


def test_deep_nesting_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def nested(depth: int) -> bytes:
        """Behind everything else, so that no other object moves."""
        content = pdf()
        start = content.rindex(b"startxref")
        table = int(content[start:].split()[1])
        trailer = content[content.rindex(b"trailer") + 7 : start].strip()
        deep = b"[" * depth + b"]" * depth
        inserted = trailer[:-2] + b"/Prev %d /Deep " % table + deep + b" >>"
        return content[:start] + b"xref\n0 0\ntrailer " + inserted + b"\nstartxref\n%d\n%%%%EOF" % start

    assert cleaning.clean("PDF", nested(400)).pages == 1
    with pytest.raises(Damaged):
        cleaning.clean("PDF", nested(100_000))
    assert "ended with" not in caplog.text, "refused, not crashed"


# --- The process --------------------------------------------------------------------------------------------------


def test_a_process_that_hangs_or_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    monkeypatch.setattr(cleaning, "PROGRAM", program)
    monkeypatch.setattr(cleaning, "MOST_SECONDS", 1)
    for source in ("import time; time.sleep(60)", "import os; os.abort()", "x = bytearray(10**18)"):
        program.write_text(source)
        with pytest.raises(Damaged):
            cleaning.clean("PNG", picture("PNG"))


def test_it_sees_none_of_our_secrets_and_can_write_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import json, os, runpy, sys\n"
        f"runpy.run_path({str(cleaning.PROGRAM)!r})['limit_itself']()\n"
        f"try:\n    open({str(tmp_path / 'written')!r}, 'wb', buffering=0).write(b'x' * 10)\n"
        "except OSError:\n    stopped = 1\n"
        "else:\n    stopped = 0\n"
        "sys.stdout.write(json.dumps({'width': len(os.environ.keys() - {'LC_CTYPE'}), 'height': stopped}) + '\\n')\n"
    )
    monkeypatch.setattr(cleaning, "PROGRAM", program)
    monkeypatch.setenv("FIELD_KEYS", "secret")
    clean = cleaning.clean("PNG", b"")
    assert (clean.width, clean.height) == (0, 1)


def test_too_many_at_once_are_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = cleaning.EXAMINED
    with taken.one_for("1"), taken.one_for("2"), pytest.raises(errors.Busy):
        cleaning.clean("PNG", picture("PNG"))
    assert cleaning.clean("PNG", picture("PNG")).width == 60
