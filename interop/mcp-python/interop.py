"""The Model Context Protocol's Python SDK, its client and its server, unmodified, against a running Writ. One line of TAP a
flow."""

import asyncio
import http.server
import json
import os
import socket
import ssl
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import httpx2
import uvicorn
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit"))
from person import ISSUER, api, person, run, through  # noqa: E402

CALLBACK = "http://localhost:8765/callback"


class Notes:
    """An MCP server with one tool."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url, self.seen = f"http://localhost:{self.port}/mcp", []
        self.machine = api("POST", "/api/v1/clients", {
            "client_name": "Notes API", "kind": "machine", "grant_types": ["client_credentials"], "scope": "",
        })
        api("POST", "/api/v1/resources", {
            "identifier": self.url, "name": "Notes", "scopes": ["notes:read"],
            "introspection_clients": [self.machine["client_id"]],
        })

    async def verify_token(self, token):
        known = (self.machine["client_id"], self.machine["client_secret"])
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"{ISSUER}/oauth2/introspect", data={"token": token}, auth=known)
        told = answer.json()
        if not told["active"]:
            return None
        self.seen.append(told)
        audience = told["aud"] if isinstance(told["aud"], str) else told["aud"][0]
        return AccessToken(
            token=token, client_id=told["client_id"], scopes=told["scope"].split(), expires_at=told["exp"],
            resource=audience, subject=told["sub"], claims=told,
        )

    async def start(self):
        settings = AuthSettings(
            issuer_url=ISSUER, resource_server_url=self.url, required_scopes=["notes:read"],
            validate_token_resource=True,
        )
        server = MCPServer("notes", auth=settings, token_verifier=self)

        @server.tool()
        def whoami() -> str:
            token = get_access_token()
            return f"{token.claims['username']} by {token.client_id}"

        app = server.streamable_http_app(stateless_http=True, json_response=True)
        self.uvicorn = uvicorn.Server(uvicorn.Config(app, host="localhost", port=self.port, log_level="warning"))
        self.task = asyncio.create_task(self.uvicorn.serve())
        while not self.uvicorn.started:
            await asyncio.sleep(0.05)

    async def stop(self):
        self.uvicorn.should_exit = True
        await self.task


class Described:
    """The host of a document that describes a client, over https on this machine."""

    def __enter__(self):
        described = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(described.document).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["WRIT_CALLED_CERT"], os.environ["WRIT_CALLED_KEY"])
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}/client.json"
        self.document = {
            "client_id": self.url, "client_name": "Inspector", "redirect_uris": ["http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none",
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


class Keeper:
    """What an application keeps, and how it opens a browser."""

    def __init__(self, client=None, document=None):
        self.client, self.document, self.tokens, self.opened = client, document, None, []
        self.username, self.password = person()

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client

    async def open(self, url):
        self.opened.append(url)

    async def arrive(self):
        arrived = await asyncio.to_thread(through, self.opened[-1], self.username, self.password, back=CALLBACK)
        told = {name: values[0] for name, values in parse_qs(urlsplit(arrived).query).items()}
        return AuthorizationCodeResult(code=told["code"], state=told.get("state"), iss=told.get("iss"))

    async def call(self, server, ages=False):
        """What the tool says, where it is wished when the token's time is over."""
        metadata = OAuthClientMetadata(
            client_name="Inspector", redirect_uris=[CALLBACK], grant_types=["authorization_code", "refresh_token"],
            response_types=["code"], token_endpoint_auth_method="none",
        )
        provider = OAuthClientProvider(
            server_url=server.url, client_metadata=metadata, storage=self, redirect_handler=self.open,
            callback_handler=self.arrive, client_metadata_url=self.document,
        )
        async with httpx2.AsyncClient(auth=provider, timeout=30) as client:
            async with streamable_http_client(server.url, http_client=client) as streams:
                async with ClientSession(streams[0], streams[1]) as session:
                    await session.initialize()
                    if ages:
                        provider.context.token_expiry_time = 1
                    return (await session.call_tool("whoami", {})).content[0].text


async def a_client_registers_itself_and_somebody_signs_in(notes, _):
    keeper = Keeper()
    assert await keeper.call(notes) == f"{keeper.username} by {keeper.client.client_id}"
    asked = parse_qs(urlsplit(keeper.opened[0]).query)
    assert asked["resource"] == [notes.url], asked
    assert notes.seen[-1]["aud"] == notes.url, notes.seen[-1]


async def a_client_that_has_a_document_is_known_by_it(notes, _):
    api("PATCH", "/api/v1/tenant", {"settings": {"client_documents": True}})
    try:
        with Described() as site:
            keeper = Keeper(document=site.url)
            assert await keeper.call(notes) == f"{keeper.username} by {site.url}"
            assert keeper.client.client_id == site.url, keeper.client
    finally:
        api("PATCH", "/api/v1/tenant", {"settings": {"client_documents": None}})


async def a_client_that_is_registered_signs_somebody_in(notes, _):
    made = api("POST", "/api/v1/clients", {
        "client_name": "Known", "kind": "native", "redirect_uris": ["http://localhost/callback"],
        "grant_types": ["authorization_code", "refresh_token"], "scope": "notes:read",
    })
    known = OAuthClientInformationFull(
        client_id=made["client_id"], redirect_uris=[CALLBACK], token_endpoint_auth_method="none", issuer=ISSUER,
    )
    keeper = Keeper(known)
    assert await keeper.call(notes) == f"{keeper.username} by {made['client_id']}"


async def a_token_that_has_expired_is_refreshed(notes, _):
    keeper, notes.seen = Keeper(), []
    await keeper.call(notes, ages=True)
    assert len(keeper.opened) == 1, "nobody is asked again"
    assert notes.seen[0]["jti"] != notes.seen[-1]["jti"], notes.seen
    assert notes.seen[-1]["aud"] == notes.url


async def a_token_for_one_server_is_refused_by_another(notes, other):
    keeper = Keeper()
    await keeper.call(notes)
    bearer = {
        "authorization": f"Bearer {keeper.tokens.access_token}", "accept": "application/json, text/event-stream",
    }
    async with httpx2.AsyncClient(headers=bearer) as client:
        answer = await client.post(other.url, json={"jsonrpc": "2.0", "method": "tools/list", "id": 1})
    assert answer.status_code == 401, answer.text
    assert "resource_metadata=" in answer.headers["www-authenticate"]


FLOWS = [
    a_client_registers_itself_and_somebody_signs_in,
    a_client_that_has_a_document_is_known_by_it,
    a_client_that_is_registered_signs_somebody_in,
    a_token_that_has_expired_is_refreshed,
    a_token_for_one_server_is_refused_by_another,
]


def flow(of, notes, other):
    """A flow as the kit runs them."""

    def flow():
        asyncio.run(of(notes, other))

    flow.__name__ = of.__name__
    return flow


async def serve(notes, other, ready, over):
    await notes.start()
    await other.start()
    ready.set()
    await asyncio.to_thread(over.wait)
    await notes.stop()
    await other.stop()


def main():
    api("PATCH", "/api/v1/tenant", {"settings": {"registration": "open", "registration_policy": {
        "scopes": ["openid", "offline_access", "notes:read"],
    }}})
    notes, other, ready, over = Notes(), Notes(), threading.Event(), threading.Event()
    servers = threading.Thread(target=asyncio.run, args=(serve(notes, other, ready, over),))
    servers.start()
    ready.wait(30)
    try:
        run([flow(of, notes, other) for of in FLOWS])
    finally:
        over.set()
        servers.join()


if __name__ == "__main__":
    main()
