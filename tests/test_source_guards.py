"""Rules of the house that the source itself must keep; each fails the build when broken."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["wekeza_portal", "accounts", "transfers", "lending", "insurance", "savings", "statements"]
# The room of the ledger that writes; nobody but accounts/ledger.py may enter it.
JOURNAL = "accounts/books/journal.py"
LEDGER = "accounts/ledger.py"
# A process of its own that knows no tables: what it saves are pictures and PDFs, to memory.
FILE_CHECKS = "wekeza_portal/uploads/checking/"
# The one address without a CSRF token: other companies call it, and a secret in the path stands in its place.
CALLBACKS = "wekeza_portal/rails/views.py"
# Plays the branch's teller with the branch's own unlocked SQL, on tables that demobank made and no others.
DEMO_COUNTER = "wekeza_portal/branch/counter/statements.py"


def sources() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/tests/" not in name and "/migrations/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def writes_a_balance(call: ast.Call) -> bool:
    if name_of(call).endswith((".update", ".bulk_update")):
        text = ast.unparse(call)
        return "balance=" in text or "'balance'" in text
    return name_of(call).endswith(".save") and "'balance'" in ast.unparse(call)


def writes_a_transaction(call: ast.Call) -> bool:
    name = name_of(call)
    if name == "sql.insert":
        return ast.unparse(call.args[0]) in {"Account", "AccountTransaction"}
    return name == "AccountTransaction" or (
        name.startswith("AccountTransaction.objects.")
        and name.endswith(("create", "bulk_create", "update", "delete", "get_or_create", "update_or_create"))
    )


@pytest.mark.parametrize(
    "line",
    [
        "Account.objects.filter(pk=1).update(balance=5)",
        "account.save(update_fields=['balance'])",
        "Account.objects.bulk_update(rows, ['balance'])",
        "AccountTransaction(amount=5)",
        "AccountTransaction.objects.create(amount=5)",
        "sql.insert(AccountTransaction, rows)",
        "sql.insert(Account, rows)",
    ],
)
def test_the_guard_sees_whoever_moves_money_through_a_model(line: str) -> None:
    assert [call for call in calls(ast.parse(line)) if writes_a_balance(call) or writes_a_transaction(call)]


def test_nobody_moves_money_through_a_model() -> None:
    """The ledger writes plain SQL, which the next guard watches; whoever else used the models would pass it by."""
    writers = {
        name for name, tree in sources() for call in calls(tree) if writes_a_balance(call) or writes_a_transaction(call)
    }
    assert writers == set()


def test_the_rooms_of_the_ledger_have_one_door() -> None:
    """Kinds and legs are words; what locks, looks and writes is the ledger's alone."""
    inside = re.compile(r"accounts\.books(\.| import .*\b)(holding|looking|following|journal)\b")
    callers = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and inside.search(ast.unparse(node))
    }
    assert LEDGER in callers, "the guard must see the one that does"
    assert {name for name in callers if not name.startswith("accounts/books/")} == {LEDGER}


def test_rows_are_saved_by_naming_their_columns() -> None:
    """Others write these rows too: a save of the whole row would undo what they wrote."""
    whole = [
        f"{name}: {ast.unparse(call)}"
        for name, tree in sources()
        if not name.startswith(FILE_CHECKS)
        for call in calls(tree)
        if name_of(call).endswith(".save")
        and name_of(call) != "default_storage.save"
        and not {word.arg for word in call.keywords} & {"update_fields", "force_insert"}
    ]
    assert whole == []


def test_no_sql_touches_money_outside_the_ledger() -> None:
    pattern = re.compile(
        r"(UPDATE\s+`?accounts|(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+`?transactions)\b", re.IGNORECASE
    )
    found = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.search(node.value)
    }
    assert found == {DEMO_COUNTER, JOURNAL}, "the guard must see the two that do, and nobody else"


def test_nobody_but_its_own_page_plays_the_counter() -> None:
    room = DEMO_COUNTER.rpartition("/")[0]
    callers = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and "branch.counter" in ast.unparse(node)
    }
    assert {name for name in callers if not name.startswith(room)} == set()


def test_only_the_money_module_rounds_and_nothing_is_a_float() -> None:
    for name, tree in sources():
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        if name not in {"wekeza_portal/money.py", "wekeza_portal/charts.py"}:  # charts round pixels
            assert not {word for word in names | imported if word.startswith("ROUND_")}, name
        assert "float" not in {name_of(call) for call in calls(tree)}, name


def test_no_arithmetic_on_money_in_the_database() -> None:
    for name, tree in sources():
        used = {name_of(call) for call in calls(tree)}
        assert not used & {"F", "models.F", "Sum", "models.Sum", "Avg"}, name


def test_nothing_is_marked_safe_and_only_the_callbacks_are_exempt_from_csrf() -> None:
    for name, tree in sources():
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not words & {"mark_safe", "SafeString"}, name
        assert "csrf_exempt" not in words or name == CALLBACKS, name
    for path in (ROOT / "templates").rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape off", path.read_text(encoding="utf-8")), path


def test_templates_carry_no_inline_script_or_style() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if path.parts[-2] == "documents":
            continue  # printed on paper by WeasyPrint, never sent to a browser
        assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style|<script(?![^>]*\bsrc=)", text), path


def test_every_function_is_short_and_every_file_is_a_room_one_can_live_in() -> None:
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 70, f"{name}: {node.name} has {length} lines"
        lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
        assert lines <= 500, f"{name} has {lines} lines"


def test_nobody_outside_the_demo_knows_its_passwords() -> None:
    for name, tree in sources():
        if "demobank" in name or name.endswith(("accounts/demo.py", "passwords.py")):
            continue
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not any("password123" in text for text in texts), name


def test_the_frame_alone_puts_error_before_a_pages_title() -> None:
    """A page that did it too would say it twice."""
    prefixed = [path.name for path in (ROOT / "templates").rglob("*.html") if "title_prefix" in path.read_text("utf-8")]
    assert prefixed == ["base.html"]


# --- Messages to customers ----------------------------------------------------------------------------------------

SENDER = "wekeza_portal/notifications/services.py"


def tells_without_an_event(call: ast.Call) -> bool:
    """Both take their words by name alone; what they hand on refuses an event that is none."""
    name = name_of(call).rpartition(".")[2]
    return name in {"tell", "enqueue"} and "event" not in {word.arg for word in call.keywords}


def writes_a_message(call: ast.Call) -> bool:
    name = name_of(call)
    if name == "sql.insert":
        return ast.unparse(call.args[0]) == "OutboxMessage"
    return name == "OutboxMessage" or (
        name.startswith("OutboxMessage.objects.") and name.endswith(("create", "get_or_create", "update_or_create"))
    )


@pytest.mark.parametrize("line", ["tell(customer, cause='c')", "outbox.enqueue(cause='c', to='t')"])
def test_the_guard_sees_a_message_about_nothing(line: str) -> None:
    assert [call for call in calls(ast.parse(line)) if tells_without_an_event(call)]


def test_every_message_says_what_it_is_about() -> None:
    """By it a customer's choice is obeyed, and what is about security can't be muted."""
    assert [name for name, tree in sources() for call in calls(tree) if tells_without_an_event(call)] == []


def test_messages_have_one_door() -> None:
    writers = {name for name, tree in sources() for call in calls(tree) if writes_a_message(call)}
    assert writers == {SENDER}
