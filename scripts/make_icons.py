"""Draw the PNG icons again from static/favicon.svg with Chromium: `.venv/bin/python scripts/make_icons.py`."""

from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).resolve().parent.parent / "static"
GROUND = "#074029"
# Home screens round off or mask the corners: the mark keeps to the middle of a filled square.
ICONS = {"apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512}
SHARE = 0.66


def main() -> None:
    mark = (STATIC / "favicon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for name, size in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            side = round(size * SHARE)
            page.set_content(
                f"<body style='margin:0;display:grid;place-items:center;height:100vh;background:{GROUND}'>"
                f"<div style='width:{side}px;height:{side}px'>{mark}</div>"
            )
            page.screenshot(path=STATIC / name)
        browser.close()


if __name__ == "__main__":
    main()
