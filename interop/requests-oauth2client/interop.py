"""requests_oauth2client, unmodified, with tokens that are bound to a key (DPoP, RFC 9449): in the first tenant, and in one that
demands proofs with its nonces."""

import os
import secrets
import sys

import requests
from requests_oauth2client import DPoPKey, DPoPToken, InvalidGrant, OAuth2Client

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit"))
from person import CALLBACK, ISSUER, api, person, run, through  # noqa: E402

SLUG = f"bound-{secrets.token_hex(4)}"


def application(place, tenant, **more):
    body = {
        "client_name": "An application with a key",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid email offline_access",
        "dpop_bound_access_tokens": True,
    }
    app = api("POST", "/api/v1/clients", body | more, tenant)
    # The issuer is on loopback.
    return OAuth2Client.from_discovery_endpoint(
        f"{place}/.well-known/openid-configuration",
        issuer=place,
        client_id=app["client_id"],
        client_secret=app["client_secret"],
        redirect_uri=CALLBACK,
        dpop_bound_access_tokens=True,
        testing=True,
    )


def somebody_signs_in_with_a_key(place, tenant, pushed):
    client = application(place, tenant)
    username, password = person(tenant)
    asked = client.authorization_request(scope="openid email offline_access", dpop=True)
    sent = client.pushed_authorization_request(asked) if pushed else asked
    arrived = asked.validate_callback(through(str(sent), username, password))
    # It would lose the key while it validates the ID token.
    token = client.authorization_code(arrived, validate=False)
    assert isinstance(token, DPoPToken) and token.dpop_key == asked.dpop_key, token
    told = requests.get(client.userinfo_endpoint, auth=token, timeout=10)
    assert told.ok and told.json()["email"] == username, told.text
    stolen = requests.get(
        client.userinfo_endpoint, headers={"authorization": f"Bearer {token.access_token}"}, timeout=10
    )
    assert stolen.status_code == 401, stolen.text
    following = client.refresh_token(token)
    assert isinstance(following, DPoPToken), following
    assert requests.get(client.userinfo_endpoint, auth=following, timeout=10).ok


def a_machine_gets_tokens_for_its_keys(place, tenant):
    more = {"grant_types": ["client_credentials"], "redirect_uris": [], "scope": "read"}
    client = application(place, tenant, **more)
    for alg in ["ES256", "RS256", "PS256", "EdDSA"]:
        key = DPoPKey.generate(alg=alg)
        token = client.client_credentials(dpop_key=key)
        assert isinstance(token, DPoPToken), token
        said = client.introspect_token(token)
        assert said["active"] and said["cnf"] == {"jkt": key.dpop_jkt}, said


def a_code_is_for_one_key(place, tenant):
    client = application(place, tenant)
    asked = client.authorization_request(scope="openid", dpop=True)
    arrived = asked.validate_callback(through(str(asked), *person(tenant)))
    try:
        client.authorization_code(
            arrived.code,
            code_verifier=arrived.code_verifier,
            redirect_uri=CALLBACK,
            dpop_key=DPoPKey.generate(alg="ES256"),
        )
    except InvalidGrant:
        return
    raise AssertionError("another key redeemed the code")


def named(name, flow, *arguments):
    def run_it():
        flow(*arguments)

    run_it.__name__ = name
    return run_it


if __name__ == "__main__":
    settings = {"dpop_bound_access_tokens": True, "require_dpop_nonce": True}
    api("POST", "/api/v1/tenants", {"slug": SLUG, "name": "Bound", "settings": settings})
    flows = []
    for where, place, tenant in [("", ISSUER, None), (", with nonces", f"{ISSUER}/t/{SLUG}", SLUG)]:
        flows += [
            named(f"somebody signs in with a key{where}", somebody_signs_in_with_a_key, place, tenant, False),
            named(f"the request is pushed{where}", somebody_signs_in_with_a_key, place, tenant, True),
            named(f"a machine gets tokens for its keys{where}", a_machine_gets_tokens_for_its_keys, place, tenant),
            named(f"a code is for one key{where}", a_code_is_for_one_key, place, tenant),
        ]
    run(flows)
