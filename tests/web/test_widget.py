"""The widget in a real browser, against the real server, with the built bundle."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.web.conftest import Server, Website

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
NARROWEST = {"viewport": {"width": 320, "height": 640}}
ZOOMED = {"viewport": {"width": 640, "height": 400}}  # 1280 x 800 at 200%
MAX_GZIPPED = 25 * 1024


@pytest.fixture
def open_page(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Open a page; at the end, no page may have had an error or a policy violation."""
    contexts, troubles = [], []

    def opened(path: str = "/chat", **options: Any) -> Any:
        context = options.pop("context", None)
        if context is None:
            context = browser.new_context(reduced_motion="reduce", **(options or DESKTOP))
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda message: (
                troubles.append(message.text)
                if "Content Security Policy" in message.text or "Trusted" in message.text
                else None
            ),
        )
        page.goto(path if path.startswith("http") else server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def ask(page: Any, text: str) -> Any:
    """Type a question, wait for its answer, return the exchange."""
    count = page.locator(".exchange:has(> .me)").count()
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    exchange = page.locator(".exchange:has(> .me)").nth(count)
    exchange.locator(".bot").first.wait_for()
    return exchange


def open_menu(page: Any, entry: str) -> None:
    page.get_by_role("button", name="Menu").click()
    page.locator(".menu").get_by_role("button", name=entry).click()


def session_of(page: Any) -> str:
    key = "Object.keys(localStorage).find((k) => k.endsWith(':session'))"
    return str(json.loads(page.evaluate(f"localStorage.getItem({key})"))["token"])


def history(server: Server, page: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {session_of(page)}"}
    answer = requests.get(f"{server.url}/api/history", headers=headers, timeout=10)
    return list(answer.json()["exchanges"])


def embed(website: Website, server: Server, attributes: str = "", head: str = "") -> str:
    """Put the embed line on the foreign website; return the page's address."""
    website.policy = (
        f"default-src 'none'; script-src {server.url}; connect-src {server.url}; "
        "style-src 'self' 'unsafe-inline'"
    )
    website.pages["/shop"] = (
        "<!doctype html><html lang=en><head><title>Shop</title>"
        "<style>html{font-size:62.5%}*{color:lime!important;letter-spacing:9px!important}button{display:none!important}"
        f"dialog{{opacity:0}}</style>{head}</head><body><h1>Shop</h1>"
        f'<button id=host>x</button><script src="{server.url}/widget.js" defer {attributes}>'
        "</script></body></html>"
    )
    return f"{website.url}/shop"


# ---- embedding ----


def test_one_line_on_a_foreign_page(
    open_page: Callable[..., Any], website: Website, server: Server
) -> None:
    page = open_page(embed(website, server))
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    launcher = page.get_by_role("button", name="Ask about baby eczema")
    launcher.click()
    exchange = ask(page, "kefir")
    assert "Not yet" in exchange.inner_text()
    field = page.get_by_label("Your question")
    assert field.evaluate("(e) => getComputedStyle(e).fontSize") == "16px"
    assert field.evaluate("(e) => getComputedStyle(e).color") != "rgb(0, 255, 0)"
    words = exchange.locator(".section p").first
    assert words.evaluate("(e) => getComputedStyle(e).color") != "rgb(0, 255, 0)"
    assert words.evaluate("(e) => getComputedStyle(e).letterSpacing") == "normal"
    assert page.locator("h1").evaluate("(e) => getComputedStyle(e).color") == "rgb(0, 255, 0)"
    assert hosts == {server.url.removeprefix("http://")}, "nobody else is asked for anything"
    assert page.context.cookies() == []


def test_a_website_that_is_not_on_the_list_gets_a_sentence(
    open_page: Callable[..., Any],
    browser: Any,
    start_server: Callable[..., Server],
    website: Website,
) -> None:
    closed = start_server(WEB_ORIGINS="https://elsewhere.example")
    page = open_page(embed(website, closed))
    page.get_by_role("button", name="Ask about baby eczema").click()
    page.get_by_label("Your question").fill("kefir")
    page.keyboard.press("Enter")
    page.get_by_text("Not sent yet").wait_for()
    assert "can't reach the guide" in page.locator(".offline").inner_text()
    assert page.locator(".sos a[href='tel:112']").is_visible()


def test_attributes(open_page: Callable[..., Any], website: Website, server: Server) -> None:
    line = (
        'data-title="Oma fragen" data-color="#fde047" data-position="left" data-lang="ar" '
        'data-greeting="Grüß dich" data-topic="kefir" data-country="gb"'
    )
    page = open_page(embed(website, server, line))
    launcher = page.locator(".launcher")
    assert launcher.inner_text().strip() == "Oma fragen"
    assert launcher.evaluate("(e) => getComputedStyle(e).color") == "rgb(0, 0, 0)"
    assert launcher.bounding_box()["x"] < 100
    launcher.click()
    page.get_by_text("Grüß dich").wait_for()
    # The world's numbers stand there until the list of countries has come.
    page.locator(".sos", has_text=re.compile(r"^\s*In danger now\?\s*999\s*112\s*$")).wait_for()
    page.locator(".quick").get_by_role("button", name="Kefir", exact=True).click()
    page.get_by_text("Offer your usual milk").wait_for()


def test_right_to_left(open_page: Callable[..., Any]) -> None:
    page = open_page("/embed")
    page.evaluate("window.babyGuideStrings = {ar: {title: 'دليل'}}")
    page.evaluate(
        """() => { const E = customElements.get('baby-guide');
        document.body.append(new E({base: location.origin, mode: 'bubble', lang: 'ar'})) }"""
    )
    second = page.locator("baby-guide").nth(1)
    assert second.locator(".launcher").bounding_box()["x"] < 100
    second.locator(".launcher").click()
    assert second.locator("dialog").evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert second.locator("dialog").bounding_box()["x"] < 100


def test_everything_the_page_loads_is_small(server: Server) -> None:
    total = 0
    for path in ("/chat", "/page.css", "/widget.js"):
        body = requests.get(server.url + path, timeout=10).content
        total += len(gzip.compress(body, 9))
    session = requests.post(f"{server.url}/api/session", json={}, timeout=10).content
    assert total + len(session) <= MAX_GZIPPED


@pytest.mark.parametrize("path", ["/chat", "/embed"])
def test_nothing_jumps(open_page: Callable[..., Any], path: str) -> None:
    page = open_page(path)
    page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver((list) => {
        for (const e of list.getEntries()) window.shift += e.value;
        }).observe({type: 'layout-shift', buffered: true}) }"""
    )
    if path == "/embed":
        page.locator(".launcher").click()
    page.get_by_label("Your question").fill("hello")
    page.wait_for_timeout(600)
    assert page.evaluate("window.shift") == 0


# ---- chatting ----


def test_an_answer_is_a_card(open_page: Callable[..., Any]) -> None:
    exchange = ask(open_page(), "can I give kefir?")
    titles = exchange.locator(".section-title").all_inner_texts()
    assert titles == [
        "For your baby",
        "What to do",
        "What the guide suggests",
        "What the evidence says",
        "When to see someone",
    ]
    assert exchange.locator(".chip.not_yet").inner_text().split() == ["Kefir", "Not", "yet"]
    folded = exchange.get_by_role("link", name="Foods to avoid")
    assert not folded.is_visible()
    exchange.get_by_text("Sources (2)").click()
    assert folded.get_attribute("href") == "https://example.org/foods"
    assert folded.get_attribute("rel") == "noopener noreferrer"
    assert exchange.locator("a[href^='javascript']").count() == 0


def test_buttons_are_answered_and_shown_as_said(open_page: Callable[..., Any]) -> None:
    page = open_page()
    ask(page, "kefir")
    page.locator(".quick").get_by_role("button", name="Tell me more").click()
    page.get_by_text("I can tell you what the guide says").wait_for()
    assert page.locator(".me").last.inner_text().endswith("Tell me more")
    page.reload()
    page.get_by_text("I can tell you what the guide says").wait_for()
    assert page.locator(".me").last.inner_text().endswith("Tell me more")


def test_starters(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.get_by_role("button", name="Can I give kefir?").click()
    page.get_by_text("Offer your usual milk").wait_for()


@pytest.mark.parametrize("trouble", ["silent", "crash"])
def test_trouble_is_said_in_words(open_page: Callable[..., Any], trouble: str) -> None:
    assert "local emergency number" in ask(open_page(), trouble).inner_text()


def test_a_slow_answer_arrives_after_all(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.get_by_label("Your question").fill("slow")
    page.keyboard.press("Enter")
    page.locator(".typing").wait_for()
    page.get_by_text("still working on it").wait_for()
    page.get_by_text("Here is the slow answer.").wait_for()
    assert page.locator(".typing").count() == 0
    assert page.get_by_text("Here is the slow answer.").count() == 1


@pytest.mark.parametrize("text", ["kefir", "she can't breathe"])
def test_an_answer_is_read_from_its_beginning(open_page: Callable[..., Any], text: str) -> None:
    page = open_page("/chat", **PHONE)
    for _ in range(3):
        ask(page, "kefir")
    exchange = ask(page, text)
    page.wait_for_timeout(150)
    log = page.get_by_role("log").bounding_box()
    answer = exchange.locator(".bot").first.bounding_box()
    assert log["y"] <= answer["y"] < log["y"] + log["height"] / 2


# ---- danger ----


def test_an_emergency_stands_out_and_dials(open_page: Callable[..., Any]) -> None:
    page = open_page()
    exchange = ask(page, "she can't breathe")
    alert = exchange.get_by_role("alert")
    assert "Emergency" in alert.inner_text()
    numbers = alert.locator(".call").evaluate_all("(all) => all.map((a) => a.href)")
    assert numbers == ["tel:112", "tel:911", "tel:999", "tel:000"]
    assert page.locator(".sos.on").is_visible()
    exchange.get_by_label("Country for emergency numbers").select_option("US")
    assert exchange.get_by_label("Country for emergency numbers").count() == 0
    assert alert.locator(".call").evaluate_all("(all) => all.map((a) => a.href)") == ["tel:911"]
    assert page.locator(".sos").inner_text().split() == ["Call", "now:", "911"]
    assert exchange.locator(".rate").count() == 0
    page.route("**/api/*", lambda route: route.abort())
    page.reload()
    page.locator(".bot.emergency").wait_for()
    assert page.locator(".sos.on").inner_text().split() == ["Call", "now:", "911"], "also offline"
    page.unroute("**/api/*")
    page.reload()
    ask(page, "hello")
    assert not page.locator(".sos.on").is_visible()


def test_an_emergency_overtakes_a_slow_answer(open_page: Callable[..., Any]) -> None:
    page = open_page()
    for text in ("slow", "he can't breathe"):
        page.get_by_label("Your question").fill(text)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    page.locator("[role=alert]").wait_for(timeout=1200)
    page.get_by_text("Here is the slow answer.").wait_for(timeout=15_000)


def test_urgent_and_check_have_their_own_look(open_page: Callable[..., Any]) -> None:
    page = open_page()
    assert "Get medical help today" in ask(page, "fever").inner_text()
    assert "Quick safety check" in ask(page, "vomiting").inner_text()
    assert page.get_by_role("button", name="Hard to wake").is_visible()


# ---- network ----


def test_offline_and_back(open_page: Callable[..., Any], server: Server) -> None:
    page = open_page()
    ask(page, "hello")
    page.context.set_offline(True)
    for text in ("kefir", "fever"):
        page.get_by_label("Your question").fill(text)
        page.keyboard.press("Enter")
    page.get_by_text("Not sent yet").nth(1).wait_for()
    assert "You are offline" in page.locator(".offline").inner_text()
    assert page.locator(".sos a[href='tel:112']").is_visible()
    page.wait_for_timeout(2600)  # the next try by the clock is now seconds away
    page.context.set_offline(False)
    page.get_by_text("Phone your doctor today").wait_for(timeout=1500)
    assert page.get_by_text("Not sent yet").count() == 0
    assert not page.locator(".offline").is_visible()
    assert [each["text"] for each in history(server, page)] == ["hello", "kefir", "fever"]


def test_a_lost_answer_is_fetched_and_never_doubled(
    open_page: Callable[..., Any], server: Server
) -> None:
    page = open_page()
    ask(page, "hello")
    lost = []

    def lose(route: Any) -> None:
        if not lost:
            lost.append(route.fetch().status)  # the server has answered; the answer is lost
            route.abort()
        else:
            route.continue_()

    page.route("**/api/message", lose)
    page.get_by_label("Your question").fill("kefir")
    page.keyboard.press("Enter")
    page.get_by_text("Not sent yet").wait_for()
    page.get_by_role("button", name="Try now").click()
    page.get_by_text("Offer your usual milk").wait_for()
    assert lost == [200]
    assert [each["text"] for each in history(server, page)] == ["hello", "kefir"]
    assert page.get_by_text("Offer your usual milk").count() == 1


def test_unsent_messages_survive_a_reload(open_page: Callable[..., Any], server: Server) -> None:
    page = open_page()
    ask(page, "hello")
    page.route("**/api/message", lambda route: route.abort())
    page.get_by_label("Your question").fill("kefir")
    page.keyboard.press("Enter")
    page.get_by_text("Not sent yet").wait_for()
    page.unroute("**/api/message")
    page.reload()
    page.get_by_text("Offer your usual milk").wait_for()
    assert [each["text"] for each in history(server, page)] == ["hello", "kefir"]
    assert page.locator(".me").count() == 2


def test_a_message_on_its_way_survives_a_reload(
    open_page: Callable[..., Any], server: Server
) -> None:
    page = open_page()
    ask(page, "hello")
    page.route("**/api/message", lambda _route: None)  # never answered
    page.get_by_label("Your question").fill("kefir")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    page.unroute("**/api/message")
    page.reload()
    page.get_by_text("Offer your usual milk").wait_for()
    assert [each["text"] for each in history(server, page)] == ["hello", "kefir"]


def test_a_reload_resumes(open_page: Callable[..., Any]) -> None:
    page = open_page("/embed")
    page.locator(".launcher").click()
    ask(page, "hello")
    ask(page, "kefir")
    before = page.locator(".log").inner_text()
    page.reload()
    page.locator(".section.do").wait_for()
    assert page.locator(".log").inner_text() == before


def test_two_tabs_share_the_conversation(open_page: Callable[..., Any]) -> None:
    first = open_page()
    ask(first, "hello")
    second = open_page(context=first.context)
    second.get_by_text("Ask me about your baby").wait_for()
    ask(second, "kefir")
    first.get_by_text("Offer your usual milk").wait_for()
    assert session_of(first) == session_of(second)
    open_menu(first, "Clear this chat")
    first.get_by_role("button", name="Yes, erase it").click()
    second.get_by_text("Offer your usual milk").wait_for(state="detached")


def test_an_ended_session_starts_anew(open_page: Callable[..., Any]) -> None:
    page = open_page()
    ask(page, "hello")
    page.evaluate(
        """() => { const k = Object.keys(localStorage).find((k) => k.endsWith(':session'));
        localStorage.setItem(k, JSON.stringify({token: 'old.1.token', since: Date.now()})) }"""
    )
    page.reload()
    ask(page, "kefir").get_by_text("Offer your usual milk").wait_for()


# ---- hostile words ----


def test_markup_stays_words(open_page: Callable[..., Any]) -> None:
    page = open_page()
    said = "<img src=x onerror='window.hacked=1'> inject <script>window.hacked=1</script>"
    exchange = ask(page, said)
    assert said in exchange.locator(".me").inner_text()
    assert "<script>" in exchange.locator(".bot").first.inner_text()
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    root = page.locator("baby-guide")
    assert root.locator("img, script, b b, iframe").count() == 0
    hrefs = root.locator("a").evaluate_all("(all) => all.map((a) => a.protocol)")
    assert set(hrefs) <= {"https:", "tel:"}
    page.reload()
    page.locator(".me").first.wait_for()
    assert page.evaluate("window.hacked") is None


def test_ten_thousand_characters(open_page: Callable[..., Any]) -> None:
    page = open_page()
    field = page.get_by_label("Your question")
    field.fill("x" * 10_000)
    page.keyboard.press("Enter")
    assert "10000" in page.locator(".hint").inner_text()
    assert len(field.input_value()) == 10_000, "nobody's words are thrown away"
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("x " * 4_000 + "she can't breathe " + "x " * 600)
    page.keyboard.press("Enter")
    page.locator("[role=alert]").wait_for()


# ---- clear, note, thumbs ----


def test_clearing(open_page: Callable[..., Any], server: Server) -> None:
    page = open_page()
    ask(page, "kefir")
    old = session_of(page)
    open_menu(page, "Clear this chat")
    dialog = page.get_by_role("alertdialog")
    assert dialog.get_by_role("button", name="Keep it").evaluate(
        "(e) => e.getRootNode().activeElement === e"
    )
    page.keyboard.press("Escape")
    assert page.get_by_text("Offer your usual milk").is_visible()
    open_menu(page, "Clear this chat")
    page.get_by_role("button", name="Yes, erase it").click()
    page.get_by_text("Offer your usual milk").wait_for(state="detached")
    page.get_by_role("status").get_by_text("has been erased").wait_for()
    headers = {"Authorization": f"Bearer {old}"}
    left = requests.get(f"{server.url}/api/history", headers=headers, timeout=10).json()
    assert left["exchanges"] == []
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "kefir" not in stored
    assert session_of(page) != old


def test_clearing_drops_what_was_not_sent(open_page: Callable[..., Any], server: Server) -> None:
    page = open_page()
    ask(page, "hello")
    page.route("**/api/message", lambda route: route.abort())
    page.get_by_label("Your question").fill("kefir")
    page.keyboard.press("Enter")
    page.get_by_text("Not sent yet").wait_for()
    open_menu(page, "Clear this chat")
    page.get_by_role("button", name="Yes, erase it").click()
    page.get_by_text("Not sent yet").wait_for(state="detached")
    page.unroute("**/api/message")
    assert "kefir" not in page.evaluate("JSON.stringify({...localStorage})")
    page.reload()
    page.get_by_role("button", name="Can I give kefir?").wait_for()
    page.wait_for_timeout(300)
    assert history(server, page) == []


def test_the_note_can_be_taken_along(open_page: Callable[..., Any]) -> None:
    page = open_page("/embed")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".launcher").click()
    page.get_by_label("Your question").wait_for()
    page.wait_for_timeout(300)
    open_menu(page, "A note for the doctor")
    note = page.locator(".paper")
    note.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "note-for-the-doctor.txt"
    assert "Age: 5 months" in Path(download.value.path()).read_text()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "Age: 5 months" in page.evaluate("navigator.clipboard.readText()")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    assert page.locator(".sheet").is_visible()
    assert not page.locator("h1").is_visible()
    assert not page.locator(".panel").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("h1").is_visible()
    assert page.locator(".sheet").count() == 0


def test_thumbs(open_page: Callable[..., Any], server: Server) -> None:
    page = open_page()
    first = ask(page, "kefir")
    first.get_by_role("button", name="Yes").click()
    first.get_by_text("Thank you").wait_for()
    second = ask(page, "kefir again")
    second.get_by_role("button", name="No").click()
    second.get_by_label("Hard to understand").check()
    second.get_by_role("button", name="Send feedback").click()
    second.get_by_text("Thank you").wait_for()
    with sqlite3.connect(server.state / "feedback.db") as database:
        rows = database.execute(
            "SELECT helpful, reason, question FROM feedback ORDER BY rowid DESC LIMIT 2"
        ).fetchall()
    assert rows == [(0, "hard_to_understand", None), (1, None, None)]


# ---- for everyone ----


def test_keyboard_only(open_page: Callable[..., Any]) -> None:
    page = open_page("/embed")
    focused = "() => document.activeElement.shadowRoot?.activeElement"
    page.keyboard.press("Tab")
    while not page.evaluate(f"({focused})()?.className === 'launcher'"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"({focused})().tagName") == "TEXTAREA"
    page.keyboard.type("kefir")
    page.keyboard.press("Enter")
    page.get_by_text("Offer your usual milk").wait_for()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(f"({focused})()?.textContent") == "Tell me more":
            break
    page.keyboard.press("Enter")
    page.get_by_text("I can tell you what the guide says").wait_for()
    assert page.evaluate(f"({focused})().tagName") == "TEXTAREA"
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate(f"({focused})().getAttribute('aria-label')") == "Menu"
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    assert page.evaluate(f"({focused})().className") == "launcher"


def test_a_phone_gets_the_whole_screen_and_keeps_focus_inside(
    open_page: Callable[..., Any],
) -> None:
    page = open_page("/embed", **PHONE)
    page.locator(".launcher").click()
    box = page.locator("dialog").bounding_box()
    assert (box["x"], box["y"], box["width"]) == (0, 0, 390)
    for _ in range(15):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") in ("baby-guide", "body")


@pytest.mark.parametrize("size", [NARROWEST, ZOOMED, {"viewport": {"width": 320, "height": 256}}])
@pytest.mark.parametrize("path", ["/chat", "/embed"])
def test_small_and_zoomed_screens(
    open_page: Callable[..., Any], size: dict[str, Any], path: str
) -> None:
    page = open_page(path, **size)
    if path == "/embed":
        page.locator(".launcher").click()
    ask(page, "kefir")
    ask(page, "she can't breathe")
    wide = page.locator("baby-guide").evaluate(
        """(host) => [...host.shadowRoot.querySelectorAll('*')].filter((e) =>
        e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.sr')
        ).map((e) => e.className)"""
    )
    assert wide == []
    field = page.get_by_label("Your question")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box["y"] + box["height"] <= size["viewport"]["height"]


def test_targets_are_large_enough(open_page: Callable[..., Any]) -> None:
    page = open_page("/chat", **PHONE)
    ask(page, "kefir").get_by_role("button", name="No").click()
    page.get_by_text("Sources (2)").click()
    page.get_by_role("button", name="Menu").click()
    small = page.locator("baby-guide").evaluate(
        """(host) => [...host.shadowRoot.querySelectorAll(
            'button, select, summary, textarea, .call, .sos a, .why label')]
        .map((e) => [e.textContent || e.className, e.getBoundingClientRect()])
        .filter(([, box]) => box.height > 0 && (box.height < 43.5 || box.width < 43.5))
        .map(([name, box]) => [name, box.width, box.height])"""
    )
    assert small == []


def test_screen_readers_are_told(open_page: Callable[..., Any]) -> None:
    page = open_page()
    log = page.get_by_role("log", name="Messages")
    assert log.get_attribute("aria-live") == "polite"
    page.get_by_label("Your question").fill("slow")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("The guide is answering").wait_for()
    assert page.locator(".me .sr").first.inner_text().strip() == "You:"


STATES: dict[str, Callable[[Any], Any]] = {
    "welcome": lambda page: page.get_by_label("Your question").wait_for(),
    "card": lambda page: ask(page, "kefir").get_by_text("Sources (2)").click(),
    "emergency": lambda page: ask(page, "she can't breathe"),
    "urgent": lambda page: ask(page, "fever"),
    "check": lambda page: ask(page, "vomiting"),
    "note": lambda page: ask(page, "note"),
    "reasons": lambda page: ask(page, "kefir").get_by_role("button", name="No").click(),
    "menu": lambda page: page.get_by_role("button", name="Menu").click(),
    "clear": lambda page: open_menu(page, "Clear this chat"),
    "privacy": lambda page: page.get_by_role("button", name="Privacy").click(),
    "too long": lambda page: page.get_by_label("Your question").fill("x" * 3000),
    "typing": lambda page: (
        page.get_by_label("Your question").fill("slow"),
        page.keyboard.press("Enter"),
        page.locator(".typing").wait_for(),
    ),
    "offline": lambda page: (
        page.context.set_offline(True),
        page.get_by_label("Your question").fill("kefir"),
        page.get_by_role("button", name="Send", exact=True).click(),
        page.get_by_text("Not sent yet").wait_for(),
    ),
}
RUNS = {
    "phone-light": (PHONE, "light", "/chat"),
    "phone-dark": (PHONE, "dark", "/chat"),
    "desktop-light": (DESKTOP, "light", "/embed"),
    "desktop-dark": (DESKTOP, "dark", "/embed"),
}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("state", ["closed", *STATES])
def test_axe_finds_nothing(
    open_page: Callable[..., Any], axe_source: str, state: str, run: str
) -> None:
    options, scheme, path = RUNS[run]
    page = open_page(path, color_scheme=scheme, **options)
    if path == "/embed" and state != "closed":
        page.locator(".launcher").click()
    page.wait_for_timeout(150)
    if state in STATES:
        STATES[state](page)
    page.wait_for_timeout(150)
    found = page.evaluate(f"() => {{ {axe_source}\n return axe.run(document) }}")
    # Where axe isn't sure of a contrast ("incomplete") it is a finding here as well.
    unsure = [each for each in found["incomplete"] if each["id"] != "color-contrast"]
    report = [
        (each["id"], [node["html"][:160] for node in each["nodes"]])
        for each in [*found["violations"], *unsure]
    ]
    pictures = os.environ.get("WEB_SCREENSHOTS")
    if pictures:
        page.screenshot(path=Path(pictures) / f"{state.replace(' ', '-')}-{run}.png")
    assert report == []


def test_forced_colours_keep_the_borders(open_page: Callable[..., Any]) -> None:
    page = open_page("/chat", forced_colors="active", **DESKTOP)
    exchange = ask(page, "she can't breathe")
    border = exchange.locator(".bot").evaluate("(e) => getComputedStyle(e).borderTopWidth")
    assert border == "3px"


def test_reduced_motion_stops_the_dots(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.get_by_label("Your question").fill("slow")
    page.keyboard.press("Enter")
    dot = page.locator(".typing i").first
    dot.wait_for()
    assert dot.evaluate("(e) => getComputedStyle(e).animationName") == "none"


def test_the_bundle_speaks_to_nobody_else() -> None:
    bundle = (Path(__file__).parents[2] / "widget" / "dist" / "widget.js").read_text()
    addresses = set(re.findall(r"https?://[\w.-]+", bundle))
    assert addresses <= {"http://www.w3.org"}
    assert "innerHTML" not in bundle
    assert "document.cookie" not in bundle
