"""The simulator's own SQLite database: what it received, what it owes, what it executed, which faults are on."""

import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, company TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  body TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS callback (
  id INTEGER PRIMARY KEY, company TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL, content_type TEXT NOT NULL,
  made_at REAL NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', headers TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS callback_due ON callback (state, due_at);
CREATE TABLE IF NOT EXISTS execution (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, company TEXT NOT NULL, originator TEXT NOT NULL, reference TEXT NOT NULL,
  amount TEXT NOT NULL, receiver TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS execution_originator ON execution (company, originator);
CREATE TABLE IF NOT EXISTS fault (
  company TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (company, name));
CREATE TABLE IF NOT EXISTS note (
  company TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (company, kind, key));
"""
TABLES = ("request", "callback", "execution", "fault", "note")
KEPT_REQUESTS = 2000
LONGEST_KEPT = 8000


class Store:
    """One connection behind one lock: the simulator is no place for speed. `file` may be ":memory:"."""

    def __init__(self, file: Path | str) -> None:
        self.lock = threading.RLock()
        self._connection = sqlite3.connect(str(file), check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)

    def close(self) -> None:
        with self.lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        with self.lock:
            return [dict(row) for row in self._connection.execute(sql, values).fetchall()]

    def write(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; returns the id of the row it inserted, if it did."""
        with self.lock:
            return int(self._connection.execute(sql, values).lastrowid or 0)

    def reset(self) -> None:
        """Forget everything, faults and tokens too."""
        with self.lock:
            for table in TABLES:
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above

    def log(self, company: str, method: str, path: str, body: str, status: int, answer: str) -> None:
        number = self.write(
            "INSERT INTO request (at, company, method, path, body, status, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (time.time(), company, method, path, body[:LONGEST_KEPT], status, answer[:LONGEST_KEPT]),
        )
        self.write("DELETE FROM request WHERE id <= ?", (number - KEPT_REQUESTS,))

    # --- Faults ---

    def fault(self, company: str, name: str) -> int:
        """The fault's value for this company, else for all ("*"), else 0."""
        sql = "SELECT value FROM fault WHERE name = ? AND company IN (?, '*') ORDER BY company = '*' LIMIT 1"
        found = self.rows(sql, (name, company))
        return int(found[0]["value"]) if found else 0

    def set_fault(self, company: str, name: str, value: int) -> None:
        self.write(
            "INSERT INTO fault VALUES (?, ?, ?) ON CONFLICT (company, name) DO UPDATE SET value = excluded.value",
            (company, name, value),
        )

    # --- A company's own small memory ---

    def remember(self, company: str, kind: str, key: str, value: Any) -> bool:
        """Keep `value` under a key; False when the key is there already (and nothing changes)."""
        with self.lock:
            sql = "INSERT INTO note VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            return self._connection.execute(sql, (company, kind, key, json.dumps(value))).rowcount == 1

    def replace(self, company: str, kind: str, key: str, value: Any) -> None:
        sql = (
            "INSERT INTO note VALUES (?, ?, ?, ?) ON CONFLICT (company, kind, key) DO UPDATE SET value = excluded.value"
        )
        self.write(sql, (company, kind, key, json.dumps(value)))

    def recall(self, company: str, kind: str, key: str) -> Any:
        """What was kept under the key; None for nothing."""
        found = self.rows("SELECT value FROM note WHERE company = ? AND kind = ? AND key = ?", (company, kind, key))
        return json.loads(found[0]["value"]) if found else None

    def recall_all(self, company: str, kind: str) -> list[tuple[str, Any]]:
        """(key, value) of everything kept as this kind."""
        found = self.rows("SELECT key, value FROM note WHERE company = ? AND kind = ?", (company, kind))
        return [(row["key"], json.loads(row["value"])) for row in found]

    # --- What must never happen ---

    def alarms(self) -> list[str]:
        """Payments executed twice: one id executed twice, or two ids for one instruction's reference."""
        twice = self.rows(
            "SELECT company, originator, COUNT(*) AS times FROM execution GROUP BY company, originator HAVING times > 1"
        )
        doubles = self.rows(
            "SELECT company, reference, COUNT(DISTINCT originator) AS ids FROM execution WHERE reference <> ''"
            " GROUP BY company, reference HAVING ids > 1"
        )
        return [f"{row['company']}: {row['originator']} was executed {row['times']} times" for row in twice] + [
            f"{row['company']}: reference {row['reference']} was paid under {row['ids']} ids" for row in doubles
        ]
