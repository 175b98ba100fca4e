"""What the simulator shows: to people as a page, to tests as JSON."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from wekeza_portal.rails.simulator.company import Company
from wekeza_portal.rails.simulator.store import Store

SHOWN = 60
NAIROBI = ZoneInfo("Africa/Nairobi")
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Rail simulator</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:70rem;
padding:0 1rem;overflow-wrap:anywhere}article{border-top:1px solid #8886;padding:.5rem 0}pre{white-space:pre-wrap;
margin:.25rem 0;font-size:.85rem}form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.5rem 0}
*{box-sizing:border-box}label{display:grid;grid-template-columns:minmax(0,auto);max-width:100%}
input,select,button{font:inherit;min-height:44px;max-width:100%}.alarm{border:3px solid #c00;padding:.5rem 1rem}
</style><h1>Rail simulator</h1><p>Plays the companies the demo bank talks to. No money moves.</p>"""


def state(store: Store) -> dict[str, Any]:
    """Everything, newest first, for tests: requests, callbacks, executions, faults, alarms."""
    return {
        "alarms": store.alarms(),
        "requests": store.rows("SELECT * FROM request ORDER BY id DESC"),
        "callbacks": store.rows("SELECT * FROM callback ORDER BY id DESC"),
        "executions": store.rows("SELECT * FROM execution ORDER BY id DESC"),
        "faults": store.rows("SELECT * FROM fault WHERE value > 0 ORDER BY company, name"),
    }


def render(
    store: Store, companies: Mapping[str, Company], faults: Mapping[str, str], phones: str = "", said: str = ""
) -> str:
    """The page at the root; `phones` is HTML, `said` what a phone showed last."""
    told = f'<p role="status"><b>{escape(said)}</b></p>' if said else ""
    return "".join([HEAD, told, phones, _alarms(store), _faults(store, companies, faults), _traffic(store), "</html>"])


def _alarms(store: Store) -> str:
    alarms = store.alarms()
    if not alarms:
        return "<h2>Alarms</h2><p>None: no payment was executed twice.</p>"
    lines = "".join(f"<li>{escape(alarm)}</li>" for alarm in alarms)
    return f'<section class="alarm"><h2>Executed twice</h2><ul>{lines}</ul></section>'


def _faults(store: Store, companies: Mapping[str, Company], faults: Mapping[str, str]) -> str:
    who = "".join(f'<option value="{name}">{escape(company.title)}</option>' for name, company in companies.items())
    which = "".join(f'<option value="{name}">{escape(words)}</option>' for name, words in faults.items())
    on = store.rows("SELECT * FROM fault WHERE value > 0 ORDER BY company, name")
    lines = "".join(
        f"<li>{escape(row['company'])}: {escape(faults.get(row['name'], row['name']))} = {row['value']}</li>"
        for row in on
    )
    return (
        '<h2>Faults</h2><form method="post" action="/_sim/faults"><input type="hidden" name="back" value="1">'
        f'<label>Company<select name="company"><option value="*">All</option>{who}</select></label>'
        f'<label>Fault<select name="name">{which}</select></label>'
        '<label>Value (0 is off)<input name="value" value="1" inputmode="numeric" size="5"></label>'
        f"<button>Set</button></form><ul>{lines or '<li>None is on.</li>'}</ul>"
    )


def _traffic(store: Store) -> str:
    received = store.rows("SELECT * FROM request ORDER BY id DESC LIMIT ?", (SHOWN,))
    sent = store.rows("SELECT * FROM callback ORDER BY id DESC LIMIT ?", (SHOWN,))
    both = [(row["at"], _request(row)) for row in received] + [(row["made_at"], _callback(row)) for row in sent]
    newest = sorted(both, key=lambda pair: pair[0], reverse=True)[:SHOWN]
    return "<h2>Received and sent, newest first</h2>" + ("".join(text for _, text in newest) or "<p>Nothing yet.</p>")


def _request(row: dict[str, Any]) -> str:
    title = f"{_clock(row['at'])} {row['company']} received {row['method']} {row['path']}, answered {row['status']}"
    texts = f"<pre>{escape(row['body'])}</pre><pre>{escape(row['answer'])}</pre>"
    return f"<article><b>{escape(title)}</b>{texts}</article>"


def _callback(row: dict[str, Any]) -> str:
    title = f"{_clock(row['made_at'])} {row['company']} calls back: {row['state']} {row['note']}"
    return f"<article><b>{escape(title)}</b><pre>{escape(row['body'])}</pre></article>"


def _clock(moment: Any) -> str:
    return datetime.fromtimestamp(moment, NAIROBI).strftime("%H:%M:%S")
