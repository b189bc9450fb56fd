"""Authlib, unmodified, against a running server. One line of TAP a flow: `ok 1 - …` or `not ok 1 - …`."""

import html
import json
import os
import re
import secrets
import traceback
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import jwt as jose_jwt
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc.jwk import ECKey

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the issuer is on loopback
ISSUER = os.environ["WRIT_ISSUER"]
CALLBACK = "https://app.example/callback"
with open(os.environ["WRIT_BOOTSTRAP"], encoding="utf-8") as file:
    BOOTSTRAP = json.load(file)
METADATA = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()


def api(method, path, body=None):
    headers = {"authorization": f"Bearer {BOOTSTRAP['api_key']}"}
    answer = requests.request(method, ISSUER + path, json=body, headers=headers, timeout=30)
    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.text else None


def client(**more):
    body = {
        "name": "Authlib",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access read",
    }
    return api("POST", "/api/v1/oauth/clients", body | more)


def person():
    username = f"authlib-{secrets.token_hex(8)}@example.com"
    password = f"quite unguessable {secrets.token_hex(16)}"
    api("POST", "/api/v1/users", {"username": username, "password": password, "name": "Auth Lib"})
    return username, password


def session(app, method="client_secret_basic", **more):
    return OAuth2Session(
        app["client_id"],
        app.get("client_secret"),
        token_endpoint_auth_method=method,
        redirect_uri=CALLBACK,
        scope="openid profile email read",
        code_challenge_method="S256",
        **more,
    )


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


def through(url, username, password, decision="allow"):
    """Signs in and decides; gives the address that the application is sent to."""
    browser = requests.Session()
    page = browser.get(url, allow_redirects=False, timeout=30)
    for _ in range(12):
        location = page.headers.get("location")
        if location:
            location = urljoin(page.url, location)
            if location.startswith(CALLBACK):
                return location
            page = browser.get(location, allow_redirects=False, timeout=30)
        elif 'name="password"' in page.text:
            page = submit(browser, page, {"username": username, "password": password})
        elif 'name="decision"' in page.text:
            page = submit(browser, page, {"decision": decision})
        else:
            raise AssertionError(f"{page.status_code} at {page.url}: {page.text}")
    raise AssertionError("the pages never end")


def sign_in(app, method="client_secret_basic"):
    oauth = session(app, method)
    verifier = secrets.token_urlsafe(48)
    nonce = secrets.token_urlsafe(16)
    url, state = oauth.create_authorization_url(
        METADATA["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    response = through(url, *person())
    token = oauth.fetch_token(
        METADATA["token_endpoint"], authorization_response=response, state=state, code_verifier=verifier
    )
    keys = requests.get(METADATA["jwks_uri"], timeout=10).json()
    claims = jose_jwt.decode(
        token["id_token"],
        keys,
        claims_options={
            "iss": {"essential": True, "value": ISSUER},
            "aud": {"essential": True, "value": app["client_id"]},
            "nonce": {"essential": True, "value": nonce},
        },
    )
    claims.validate()
    return oauth, token, claims


def is_active(oauth, token):
    return oauth.introspect_token(METADATA["introspection_endpoint"], token=token).json()["active"]


def refused(code, call):
    try:
        call()
    except OAuthError as error:
        assert error.error == code, error
    else:
        raise AssertionError(f"not refused with {code}")


def a_confidential_client_signs_somebody_in():
    for method in ("client_secret_basic", "client_secret_post"):
        oauth, token, claims = sign_in(client(), method)
        user = oauth.get(METADATA["userinfo_endpoint"], timeout=10).json()
        assert user["sub"] == claims["sub"] and user["name"] == "Auth Lib", user
        assert is_active(oauth, token["access_token"])


def a_public_client_signs_somebody_in():
    app = client(confidential=False)
    assert app.get("client_secret") is None
    oauth, _, claims = sign_in(app, "none")
    assert oauth.get(METADATA["userinfo_endpoint"], timeout=10).json()["sub"] == claims["sub"]


def refresh_tokens_rotate_and_reuse_ends_the_family():
    for app, method in ((client(), "client_secret_basic"), (client(confidential=False), "none")):
        oauth, first, _ = sign_in(app, method)
        second = oauth.refresh_token(METADATA["token_endpoint"], refresh_token=first["refresh_token"])
        assert second["refresh_token"] != first["refresh_token"]
        again = lambda token: lambda: oauth.refresh_token(METADATA["token_endpoint"], refresh_token=token)
        refused("invalid_grant", again(first["refresh_token"]))
        refused("invalid_grant", again(second["refresh_token"]))


def revoking_a_refresh_token_ends_its_grant():
    oauth, token, _ = sign_in(client())
    answer = oauth.revoke_token(METADATA["revocation_endpoint"], token=token["refresh_token"])
    assert answer.status_code == 200
    assert not is_active(oauth, token["access_token"])
    assert not is_active(oauth, token["refresh_token"])


def a_person_who_says_no_is_taken_at_their_word():
    oauth = session(client())
    url, state = oauth.create_authorization_url(METADATA["authorization_endpoint"], code_verifier="v" * 43)
    response = through(url, *person(), decision="deny")
    sent = parse_qs(urlsplit(response).query)
    assert (sent["error"], sent["iss"], sent["state"]) == (["access_denied"], [ISSUER], [state]), sent


def prompt_none_asks_nobody():
    oauth = session(client())
    url, _ = oauth.create_authorization_url(
        METADATA["authorization_endpoint"], code_verifier="v" * 43, prompt="none"
    )
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == ["login_required"]


def the_password_grant_works_where_it_is_on():
    app = client(grant_types=["password"], redirect_uris=[])
    username, password = person()
    oauth = session(app)
    token = oauth.fetch_token(METADATA["token_endpoint"], username=username, password=password)
    assert is_active(oauth, token["access_token"])
    wrong = lambda: oauth.fetch_token(METADATA["token_endpoint"], username=username, password="wrong")
    refused("invalid_grant", wrong)


def a_machine_gets_a_token_of_its_own():
    app = client(grant_types=["client_credentials"], redirect_uris=[], scope="read")
    oauth = OAuth2Session(app["client_id"], app["client_secret"], scope="read")
    token = oauth.fetch_token(METADATA["token_endpoint"], grant_type="client_credentials")
    assert token["scope"] == "read" and is_active(oauth, token["access_token"])


def a_machine_proves_itself_by_what_it_signs():
    """Authlib names the token endpoint as the audience, so the clients say that this is taken."""
    key = ECKey.generate_key("P-256")
    body = {
        "client_name": "Authlib",
        "grant_types": ["client_credentials"],
        "scope": "read",
        "client_assertion_audience": "token_endpoint",
    }
    public = {"keys": [key.as_dict(private=False)]}
    by_key = api("POST", "/api/v1/clients", body | {"token_endpoint_auth_method": "private_key_jwt", "jwks": public})
    by_secret = api("POST", "/api/v1/clients", body | {"token_endpoint_auth_method": "client_secret_jwt"})
    endpoint = METADATA["token_endpoint"]
    for app, secret, method in (
        (by_key, key, PrivateKeyJWT(endpoint, alg="ES256")),
        (by_secret, by_secret["client_secret"], ClientSecretJWT(endpoint)),
    ):
        ways = {"token_endpoint_auth_method": method.name, "revocation_endpoint_auth_method": method.name}
        oauth = OAuth2Session(app["client_id"], secret, scope="read", **ways)
        oauth.register_client_auth_method(method)
        token = oauth.fetch_token(endpoint, grant_type="client_credentials")
        assert token["scope"] == "read" and is_active(oauth, token["access_token"])
        answer = oauth.revoke_token(METADATA["revocation_endpoint"], token=token["access_token"])
        assert answer.status_code == 200, answer.text
        assert not is_active(oauth, token["access_token"])
    other = ECKey.generate_key("P-256")
    oauth = OAuth2Session(by_key["client_id"], other, token_endpoint_auth_method="private_key_jwt", scope="read")
    oauth.register_client_auth_method(PrivateKeyJWT(endpoint, alg="ES256"))
    refused("invalid_client", lambda: oauth.fetch_token(endpoint, grant_type="client_credentials"))


def an_application_that_registered_itself_signs_somebody_in():
    """Authlib's sessions register nobody: the request is written as RFC 7591 has it, and what comes back is used."""
    api("PUT", "/api/v1/tenants/default", {"settings": {"registration": "open"}})
    metadata = requests.get(f"{ISSUER}/.well-known/oauth-authorization-server", timeout=10).json()
    sent = {"redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"]}
    made = requests.post(metadata["registration_endpoint"], json=sent, timeout=10)
    assert made.status_code == 201, made.text
    app = made.json()
    oauth, token, claims = sign_in(app)
    assert claims["aud"] == app["client_id"] and token["refresh_token"]
    headers = {"authorization": f"Bearer {app['registration_access_token']}"}
    gone = requests.delete(app["registration_client_uri"], headers=headers, timeout=10)
    assert gone.status_code == 204, gone.text
    refused("invalid_client", lambda: oauth.refresh_token(METADATA["token_endpoint"]))


FLOWS = [
    a_confidential_client_signs_somebody_in,
    a_public_client_signs_somebody_in,
    refresh_tokens_rotate_and_reuse_ends_the_family,
    revoking_a_refresh_token_ends_its_grant,
    a_person_who_says_no_is_taken_at_their_word,
    prompt_none_asks_nobody,
    the_password_grant_works_where_it_is_on,
    a_machine_gets_a_token_of_its_own,
    a_machine_proves_itself_by_what_it_signs,
    an_application_that_registered_itself_signs_somebody_in,
]

if __name__ == "__main__":
    api("PUT", "/api/v1/tenants/default", {"settings": {"refresh_grace": 0, "password_grant": True}})
    failed = 0
    for number, flow in enumerate(FLOWS, 1):
        try:
            flow()
        except Exception:
            failed += 1
            print(f"not ok {number} - {flow.__name__}")
            print("# " + traceback.format_exc().replace("\n", "\n# "))
        else:
            print(f"ok {number} - {flow.__name__}")
    raise SystemExit(1 if failed else 0)
