"""Authlib, unmodified, against a running server. One line of TAP a flow: `ok 1 - …` or `not ok 1 - …`."""

import html
import json
import os
import queue
import re
import secrets
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import jwt as jose_jwt
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the issuer is on loopback
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit"))
from person import CALLBACK, ISSUER, api, person, run, submit, through  # noqa: E402

METADATA = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()


def client(**more):
    body = {
        "name": "Authlib",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access read",
    }
    return api("POST", "/api/v1/oauth/clients", body | more)


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
        assert user["sub"] == claims["sub"] and user["name"] == "Some Body", user
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


def signed_and_sealed(text, keys, own):
    """The claims of what the server has signed, and then encrypted to the application's key."""
    plain = jwe.decrypt_compact(text, own, algorithms=["ECDH-ES", "A256GCM"]).plaintext
    return jwt.decode(plain.decode(), keys, algorithms=["ES256"]).claims


def careful(oauth, signer, own, browser=None):
    """Pushes a signed request, comes back with a signed and encrypted answer, and redeems its code."""
    verifier, nonce, state = (secrets.token_urlsafe(48) for _ in range(3))
    asked = {
        "iss": oauth.client_id,
        "aud": ISSUER,
        "client_id": oauth.client_id,
        "exp": int(time.time()) + 60,
        "nbf": int(time.time()),
        "response_type": "code",
        "response_mode": "jwt",
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    header = {"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": signer.kid}
    pushed = oauth.post(
        METADATA["pushed_authorization_request_endpoint"],
        data={"client_id": oauth.client_id, "request": jwt.encode(header, asked, signer)},
        auth=oauth.client_auth("private_key_jwt"),
        withhold_token=True,
        timeout=30,
    )
    assert pushed.status_code == 201, pushed.text
    query = urlencode({"client_id": oauth.client_id, "request_uri": pushed.json()["request_uri"]})
    who = person()
    response = through(f"{METADATA['authorization_endpoint']}?{query}", *who, browser=browser)
    keys = KeySet.import_key_set(requests.get(METADATA["jwks_uri"], timeout=10).json())
    sent = parse_qs(urlsplit(response).query)
    assert list(sent) == ["response"], sent
    answer = signed_and_sealed(sent["response"][0], keys, own)
    assert (answer["iss"], answer["aud"], answer["state"]) == (ISSUER, oauth.client_id, state), answer
    token = oauth.fetch_token(METADATA["token_endpoint"], code=answer["code"], code_verifier=verifier)
    claims = signed_and_sealed(token["id_token"], keys, own)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, oauth.client_id, nonce), claims
    user = oauth.get(METADATA["userinfo_endpoint"], timeout=10)
    told = signed_and_sealed(user.text, keys, own)
    assert (told["sub"], told["email"]) == (claims["sub"], who[0]), told
    return token, claims, keys


def a_careful_application_registers_itself_and_manages_itself():
    """private_key_jwt, PAR, JAR, JARM, pairwise subjects, encrypted ID token and UserInfo."""
    api("PUT", "/api/v1/tenants/default", {"settings": {"registration": "open"}})
    signer = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    own = ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"}, auto_kid=True)
    sent = {
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [signer.as_dict(private=False), own.as_dict(private=False)]},
        "subject_type": "pairwise",
        "require_pushed_authorization_requests": True,
        "require_signed_request_object": True,
        "request_object_signing_alg": "ES256",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "ES256",
        "authorization_signed_response_alg": "ES256",
    }
    for what in ("id_token", "userinfo", "authorization"):
        sent |= {f"{what}_encrypted_response_alg": "ECDH-ES", f"{what}_encrypted_response_enc": "A256GCM"}
    # The metadata names it since registration was turned on.
    metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()
    made = requests.post(metadata["registration_endpoint"], json=sent, timeout=10)
    assert made.status_code == 201, made.text
    app = made.json()
    assert {name: app[name] for name in sent} == sent
    oauth = session(app | {"client_secret": signer}, "private_key_jwt")
    # It names the issuer as the audience, which is what new clients of Writ do.
    oauth.register_client_auth_method(PrivateKeyJWT(ISSUER, alg="ES256"))
    _, claims, _ = careful(oauth, signer, own)
    assert re.fullmatch(r"[0-9a-f-]{36}|\S{20,}", claims["sub"]), claims
    headers = {"authorization": f"Bearer {app['registration_access_token']}"}
    read = requests.get(app["registration_client_uri"], headers=headers, timeout=10).json()
    assert read["client_id"] == app["client_id"]
    change = sent | {"client_id": app["client_id"], "client_name": "Another name"}
    changed = requests.put(app["registration_client_uri"], json=change, headers=headers, timeout=10)
    assert changed.status_code == 200 and changed.json()["client_name"] == "Another name", changed.text
    headers = {"authorization": f"Bearer {changed.json()['registration_access_token']}"}
    gone = requests.delete(app["registration_client_uri"], headers=headers, timeout=10)
    assert gone.status_code == 204, gone.text


class Called(BaseHTTPRequestHandler):
    """An application's server: it keeps what is posted to it."""

    posted = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.posted.put(parse_qs(body.decode()))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def signing_out_is_told_by_back_channel_and_front_channel():
    server = HTTPServer(("localhost", 0), Called)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(os.environ["WRIT_CALLED_CERT"], os.environ["WRIT_CALLED_KEY"])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = client()
    front = "https://app.example/frontchannel"
    uris = {
        "backchannel_logout_uri": f"https://localhost:{server.server_port}/",
        "frontchannel_logout_uri": front,
        "frontchannel_logout_session_required": True,
    }
    api("PATCH", f"/api/v1/clients/{app['client_id']}", uris)
    browser = requests.Session()
    oauth = session(app)
    verifier = secrets.token_urlsafe(48)
    url, state = oauth.create_authorization_url(METADATA["authorization_endpoint"], code_verifier=verifier)
    response = through(url, *person(), browser=browser)
    endpoint = METADATA["token_endpoint"]
    token = oauth.fetch_token(endpoint, authorization_response=response, state=state, code_verifier=verifier)
    keys = KeySet.import_key_set(requests.get(METADATA["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    query = urlencode({"id_token_hint": token["id_token"]})
    page = browser.get(f"{METADATA['end_session_endpoint']}?{query}", timeout=30)
    if 'name="decision"' in page.text:
        page = submit(browser, page, {"decision": "logout"})
        if "location" in page.headers:
            page = browser.get(urljoin(page.url, page.headers["location"]), timeout=30)
    frames = [html.unescape(found) for found in re.findall(r'<iframe[^>]*\ssrc="([^"]*)"', page.text)]
    told = [parse_qs(urlsplit(frame).query) for frame in frames if frame.startswith(front)]
    assert told == [{"iss": [ISSUER], "sid": [claims["sid"]]}], page.text
    posted = Called.posted.get(timeout=20)
    said = jwt.decode(posted["logout_token"][0], keys, algorithms=["RS256"])
    assert said.header["typ"] == "logout+jwt", said.header
    assert (said.claims["sub"], said.claims["sid"]) == (claims["sub"], claims["sid"]), said.claims
    server.shutdown()


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
    a_careful_application_registers_itself_and_manages_itself,
    signing_out_is_told_by_back_channel_and_front_channel,
]

if __name__ == "__main__":
    api("PUT", "/api/v1/tenants/default", {"settings": {"refresh_grace": 0, "password_grant": True}})
    run(FLOWS)
