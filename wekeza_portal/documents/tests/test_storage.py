"""Files in the database: unreadable without the key, whole or not at all."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from wekeza_portal.documents.models import StoredFile
from wekeza_portal.documents.storage import EncryptedDatabaseStorage, UnreadableFile

pytestmark = pytest.mark.django_db


def test_it_is_the_default_storage() -> None:
    default_storage.save("note.txt", ContentFile(b"Habari"))
    assert StoredFile.objects.get(name="note.txt").size == 6


def test_what_was_stored_comes_back() -> None:
    content = bytes(range(256)) * 100
    name = default_storage.save("a/b.bin", ContentFile(content))
    assert default_storage.open(name).read() == content
    assert default_storage.size(name) == len(content)


def test_text_is_stored_as_utf_8() -> None:
    name = default_storage.save("note.txt", ContentFile("Shilingi ✓"))
    assert default_storage.open(name).read() == "Shilingi ✓".encode()


def test_the_table_shows_nothing_of_it() -> None:
    default_storage.save("note.txt", ContentFile(b"KES 84,406.00"))
    assert b"84,406" not in bytes(StoredFile.objects.get(name="note.txt").content)


def test_a_name_in_use_gets_a_neighbour() -> None:
    first = default_storage.save("note.txt", ContentFile(b"one"))
    second = default_storage.save("note.txt", ContentFile(b"two"))
    assert first != second
    assert default_storage.open(first).read() == b"one"


def test_a_flipped_byte_is_noticed() -> None:
    default_storage.save("note.txt", ContentFile(b"one"))
    row = StoredFile.objects.get(name="note.txt")
    damaged = bytearray(bytes(row.content))
    damaged[40] ^= 1
    StoredFile.objects.filter(pk=row.pk).update(content=bytes(damaged))
    with pytest.raises(UnreadableFile):
        default_storage.open("note.txt")


def test_one_files_content_cannot_be_passed_off_as_anothers() -> None:
    default_storage.save("mine.txt", ContentFile(b"mine"))
    default_storage.save("yours.txt", ContentFile(b"yours"))
    StoredFile.objects.filter(name="yours.txt").update(content=StoredFile.objects.get(name="mine.txt").content)
    with pytest.raises(UnreadableFile):
        default_storage.open("yours.txt")


def test_a_new_key_reads_what_the_old_one_wrote(settings: Settings) -> None:
    settings.FIELD_KEYS = ["old" * 12]
    default_storage.save("note.txt", ContentFile(b"one"))
    settings.FIELD_KEYS = ["new" * 12, "old" * 12]
    assert default_storage.open("note.txt").read() == b"one"
    settings.FIELD_KEYS = ["new" * 12]
    with pytest.raises(UnreadableFile):
        default_storage.open("note.txt")


def test_what_is_not_there_is_said_so() -> None:
    for ask in (default_storage.open, default_storage.size):
        with pytest.raises(FileNotFoundError):
            ask("nothing.txt")
    assert not default_storage.exists("nothing.txt")


def test_deleted_is_gone() -> None:
    default_storage.save("note.txt", ContentFile(b"one"))
    default_storage.delete("note.txt")
    default_storage.delete("note.txt")
    assert not StoredFile.objects.exists()


def test_two_storages_see_the_same_files() -> None:
    EncryptedDatabaseStorage().save("note.txt", ContentFile(b"one"))
    assert EncryptedDatabaseStorage().open("note.txt").read() == b"one"
