#!/usr/bin/env python3
"""Opens a page of `dirbench report --html` in Chromium and checks that it works.

    pip install playwright; apt install chromium     # or: playwright install chromium
    ci/page/check.py report.html [FOLDER for screenshots and a PDF]

No console message, no request, no horizontal scrolling of the page at 375 pixels, sorting by click and by keyboard, a
leaderboard that can be narrowed, everything unfolded on paper. Exit status 1 with a line for each fault.
"""
import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

WIDTHS = {"phone": 375, "desktop": 1280}
faults = []


def check(condition, fault):
    if not condition:
        faults.append(fault)


def column(table, index):
    return table.locator(f"tbody tr > :nth-child({index + 1})").all_inner_texts()


def values(table, index):
    """The numbers of a column, or its texts if it has none."""
    cells = table.locator(f"tbody tr > :nth-child({index + 1})")
    numbers = cells.evaluate_all("list => list.map(c => c.dataset.value).filter(v => v !== undefined).map(Number)")
    return numbers or cells.all_inner_texts()


def sorting(page):
    """Sorts the first table with two rows by its column of most different values, by click and by keyboard."""
    table = page.locator("table:has(tbody tr:nth-child(2))").first
    headers = table.locator("thead th")
    chosen = max(range(1, headers.count()), key=lambda i: len(set(column(table, i))))
    header, button = headers.nth(chosen), headers.nth(chosen).locator("button")
    button.click()
    check(header.get_attribute("aria-sort") == "ascending", "a click does not sort")
    ascending = values(table, chosen)
    check(ascending == sorted(ascending), f"not ascending: {ascending}")
    table.locator("thead button").first.focus()
    for _ in range(chosen):
        page.keyboard.press("Tab")
    check(button.evaluate("e => e === document.activeElement"), "Tab does not reach the headers in order")
    page.keyboard.press("Enter")
    check(header.get_attribute("aria-sort") == "descending", "Enter does not sort")
    descending = values(table, chosen)
    check(descending == sorted(descending, reverse=True), f"not descending: {descending}")
    headers.first.locator("button").focus()
    page.keyboard.press("Space")
    names = column(table, 0)
    check(headers.first.get_attribute("aria-sort") == "ascending", "Space does not sort")
    check(header.get_attribute("aria-sort") is None, "two columns say that they are sorted")
    check(names == sorted(names, key=str.lower), f"not in order: {names}")
    check("Sorted by" in page.locator("#announcement").inner_text(), "sorting is not announced")


def leaderboard(page):
    """Narrows the first leaderboard, if there is one, and sorts it: rows stay with their protocol."""
    table = page.locator("table.leaderboard").first
    if not table.count():
        return
    groups = "bodies => bodies.map(b => [b.hidden, [...b.rows].map(r => [r.hidden, r.cells[0].textContent])])"
    before = table.locator("tbody").evaluate_all(groups)
    field = page.locator(".filter input").first
    method = before[0][1][1][1]
    field.fill(method)
    shown = [row[1] for hidden, rows in table.locator("tbody").evaluate_all(groups) if not hidden for row in rows[1:] if not row[0]]
    check(shown and all(method.lower() in name.lower() for name in shown), f"filter {method}: {shown}")
    field.fill("no such row")
    check(all(hidden for hidden, _ in table.locator("tbody").evaluate_all(groups)), "a filter that nothing has leaves rows")
    field.fill("")
    check(table.locator("tbody").evaluate_all(groups) == before, "an empty filter changes rows")
    table.locator("thead button").nth(2).click()
    for (_, old), (_, new) in zip(before, table.locator("tbody").evaluate_all(groups)):
        check(old[0] == new[0] and sorted(old[1:]) == sorted(new[1:]), f"sorting moves rows of {old[0]}")


def open_page(browser, url, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.on("console", lambda m: faults.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: faults.append(f"error: {e}"))
    page.on("request", lambda r: r.url != url and not r.url.startswith("data:") and faults.append(f"request: {r.url}"))
    page.goto(url)
    return page


def main(path, folder=None):
    url = pathlib.Path(path).resolve().as_uri()
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, width in WIDTHS.items():
            for scheme in ("light", "dark"):
                page = open_page(browser, url, width, scheme)
                scroll = page.evaluate("document.documentElement.scrollWidth")
                check(scroll <= width, f"{name}: the page is {scroll} pixels wide")
                if folder:
                    page.screenshot(path=f"{folder}/{name}-{scheme}.png", full_page=True)
                sorting(page)
                leaderboard(page)
                page.close()
        page = open_page(browser, url, WIDTHS["desktop"], "dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        check(page.locator("details:not([open])").count() == 0, "print leaves something folded")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        check(page.locator("details[open]").count() == 0, "after printing something stays unfolded")
        if folder:
            page.pdf(path=f"{folder}/print.pdf", format="A4", print_background=True)
        browser.close()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
