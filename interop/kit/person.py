"""What programs in Python need of a server that has just been started: applications, people, and somebody who signs in.
Each flow is one line of TAP: `ok 1 - …` or `not ok 1 - …`."""

import html
import json
import os
import re
import secrets
import traceback
from urllib.parse import urljoin, urlsplit

import requests

ISSUER = os.environ["WRIT_ISSUER"]
CALLBACK = "https://app.example/callback"
with open(os.environ["WRIT_BOOTSTRAP"], encoding="utf-8") as file:
    BOOTSTRAP = json.load(file)


def api(method, path, body=None, tenant=None):
    """A request to the management API, as its operator."""
    headers = {"authorization": f"Bearer {BOOTSTRAP['api_key']}"} | ({"x-tenant-id": tenant} if tenant else {})
    answer = requests.request(method, ISSUER + path, json=body, headers=headers, timeout=30)
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.text else None


def person(tenant=None):
    """A new person, with a password that nobody guesses."""
    username = f"somebody-{secrets.token_hex(8)}@example.com"
    password = f"quite unguessable {secrets.token_hex(16)}"
    api("POST", "/api/v1/users", {"username": username, "password": password, "name": "Some Body"}, tenant)
    return username, password


def attribute(tag, name):
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found.group(1)) if found else None


def submit(browser, page, values):
    """Sends the page's first form that has the first of these names."""
    for tag, inner in re.findall(r"(<form\b[^>]*>)(.*?)</form>", page.text, re.S):
        controls = re.findall(r"<(?:input|button)\b[^>]*>", inner)
        if not any(attribute(control, "name") == next(iter(values)) for control in controls):
            continue
        fields = []
        for control in controls:
            name, kind = attribute(control, "name"), attribute(control, "type")
            unchecked = kind in ("checkbox", "radio") and not re.search(r"\schecked\b", control)
            if name and name not in values and control.startswith("<input") and not unchecked:
                fields.append((name, attribute(control, "value") or ""))
        action = urljoin(page.url, attribute(tag, "action") or page.url)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        fields += values.items()
        return browser.post(
            action, data=fields, headers={"origin": origin}, allow_redirects=False, timeout=30
        )
    raise AssertionError(f"no form with {next(iter(values))} at {page.url}: {page.status_code} {page.text}")


def through(url, username, password, decision="allow", browser=None, back=CALLBACK):
    """Signs in and decides; gives the address that the application is sent to, which begins with `back`."""
    browser = browser or requests.Session()
    page = browser.get(url, allow_redirects=False, timeout=30)
    for _ in range(12):
        location = page.headers.get("location")
        if location:
            location = urljoin(page.url, location)
            if location.startswith(back):
                return location
            page = browser.get(location, allow_redirects=False, timeout=30)
        elif 'name="password"' in page.text:
            page = submit(browser, page, {"username": username, "password": password})
        elif 'name="decision"' in page.text:
            page = submit(browser, page, {"decision": decision})
        else:
            raise AssertionError(f"{page.status_code} at {page.url}: {page.text}")
    raise AssertionError("the pages never end")


def run(flows):
    """Runs them in their order, and ends the program."""
    failed = 0
    for number, flow in enumerate(flows, 1):
        try:
            flow()
        except Exception:
            failed += 1
            print(f"not ok {number} - {flow.__name__}")
            print("# " + traceback.format_exc().replace("\n", "\n# "))
        else:
            print(f"ok {number} - {flow.__name__}")
    raise SystemExit(1 if failed else 0)
