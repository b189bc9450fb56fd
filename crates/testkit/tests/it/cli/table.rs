//! The table of commands: how each is given, what it answers, and which audit record it leaves.

/// When a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    AtOnce,
    AnnIsSignedIn,
}

/// A command of the table, run in the order of the table.
pub(super) struct Step {
    /// The command and its arguments; `$name` stands for what an earlier step kept.
    pub(super) line: &'static str,
    /// What goes to its standard input.
    pub(super) input: &'static str,
    /// Whether Ann signs in at the shop before it.
    pub(super) when: When,
    /// The audit record that it leaves; empty: none.
    pub(super) leaves: &'static str,
    /// What is kept of its answer: a name, and where it stands.
    pub(super) keeps: (&'static str, &'static str),
    /// A member of the answer, and its value as text.
    pub(super) shows: (&'static str, &'static str),
}

const fn reads(line: &'static str, shows: (&'static str, &'static str)) -> Step {
    Step { line, input: "", when: When::AtOnce, leaves: "", keeps: ("", ""), shows }
}

const fn writes(line: &'static str, leaves: &'static str) -> Step {
    Step { line, input: "", when: When::AtOnce, leaves, keeps: ("", ""), shows: ("", "") }
}

impl Step {
    const fn keeps(mut self, name: &'static str, at: &'static str) -> Self {
        self.keeps = (name, at);
        self
    }

    const fn shows(mut self, at: &'static str, text: &'static str) -> Self {
        self.shows = (at, text);
        self
    }

    const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    const fn input(mut self, input: &'static str) -> Self {
        self.input = input;
        self
    }
}

pub(super) fn table() -> Vec<Step> {
    let mut all = tenant();
    all.extend(registrations());
    all.extend(people());
    all
}

/// What a tenant has by itself, up to its tokens and the log.
fn tenant() -> Vec<Step> {
    vec![
        writes("tenant create acme --name Acme --set access_token_alg=EdDSA", "tenant.created")
            .shows("/settings/access_token_alg", "EdDSA"),
        reads("tenant list", ("/tenants/0/slug", "acme")),
        reads("tenant show acme", ("/name", "Acme")),
        writes("tenant update acme --name Other --set access_token_alg=null", "tenant.updated")
            .shows("/name", "Other"),
        reads("tenant own --tenant acme", ("/slug", "acme")),
        writes("tenant own --tenant acme --set self_registration=true", "tenant.updated")
            .shows("/settings/self_registration", "true"),
        writes("tenant update acme --interaction-client $client", "tenant.updated"),
        writes("tenant update acme --no-interaction-clients", "tenant.updated"),
        writes("tenant update acme --registration token", "tenant.updated")
            .shows("/settings/registration", "token"),
        writes(
            "tenant update acme --client-documents true --client-document-host *.example.com --refused-client-document-host a.example.com",
            "tenant.updated",
        )
        .shows("/settings/client_document_hosts/0", "*.example.com"),
        writes("tenant update acme --brand-color #0e4a3c --ground-color #0c3028 --hue 160", "tenant.updated")
            .shows("/settings/look/brand_color", "#0e4a3c"),
        writes(
            "tenant own --font serif --corners 3 --tos-uri https://acme.example/ --tenant acme",
            "tenant.updated",
        )
        .shows("/settings/look/ground_color", "#0c3028"),
        writes(
            "tenant update acme --policy-uri https://acme.example/p --help-uri https://acme.example/h",
            "tenant.updated",
        )
        .shows("/settings/look/corners", "3"),
        writes("tenant update acme --text en.sign_in_title=Hello --text de.footer=Acme", "tenant.updated")
            .shows("/settings/texts/de/footer", "Acme"),
        reads(
            "tenant preview --tenant acme --page consent --language de --text de.footer=Neu",
            ("/page", "consent"),
        ),
        writes("tenant own --text en.sign_in_title= --tenant acme", "tenant.updated")
            .shows("/settings/texts/en", ""),
        writes("registration-token create partner --uses 3 --tenant acme", "registration_token.created")
            .keeps("partner", "/id")
            .shows("/uses_left", "3"),
        reads("registration-token list --tenant acme", ("/registration_tokens/0/name", "partner")),
        reads("registration-token show $partner --tenant acme", ("/uses", "0")),
        writes("registration-token delete $partner --yes --tenant acme", "registration_token.deleted"),
        writes(
            "identity-provider create google --preset google --provider-client-id id-at-google --auth-method none --tenant acme",
            "identity_provider.created",
        )
        .shows("/issuer", "https://accounts.google.com"),
        reads("identity-provider list --tenant acme", ("/identity_providers/0/slug", "google")),
        writes(
            "identity-provider update google --domain corp.example --enabled false --tenant acme",
            "identity_provider.updated",
        )
        .shows("/enabled", "false"),
        reads("identity-provider show google --tenant acme", ("/domains/0", "corp.example")),
        writes("identity-provider delete google --yes --tenant acme", "identity_provider.deleted"),
        writes("role create clerk --permission users:read,oauth:read --tenant acme", "role.created"),
        reads("role list --tenant acme", ("/roles/0/name", "clerk")),
        reads("role show clerk --tenant acme", ("/permissions/0", "oauth:read")),
        writes("role update clerk --permission audit:read --tenant acme", "role.updated")
            .shows("/permissions/0", "audit:read"),
        writes("role delete clerk --yes --tenant acme", "role.deleted"),
        writes("group create staff --tenant acme", "group.created"),
        writes("group create platform --description Clusters --within staff --tenant acme", "group.created")
            .shows("/within/0", "staff"),
        reads("group list --tenant acme", ("/groups/0/name", "platform")),
        reads("group show platform --tenant acme", ("/description", "Clusters")),
        writes("group update platform --name clusters --tenant acme", "group.updated")
            .shows("/name", "clusters"),
        reads("group members clusters --tenant acme", ("/total", "0")),
        writes("group delete staff --yes --tenant acme", "group.deleted"),
        writes(
            "api-key create ci --permission keys:read --expires-at 2099-01-31T12:00:00Z",
            "api_key.created",
        )
        .keeps("key", "/id"),
        reads("api-key list", ("/api_keys/0/name", "ci")),
        reads("api-key show $key", ("/expires_at", "2099-01-31T12:00:00Z")),
        writes("api-key update $key --name builds --no-expiry", "api_key.updated").shows("/name", "builds"),
        writes("api-key revoke $key --yes", "api_key.revoked"),
        writes("key rotate --alg EdDSA --tenant acme", "signing_key.rotated").keeps("kid", "/kid"),
        reads("key list --tenant acme", ("/keys/0/alg", "EdDSA")),
        writes("key compromised $kid --yes --tenant acme", "signing_key.compromised"),
        writes("token get --bootstrap $bootstrap --scope oauth:read", "access_token.issued")
            .keeps("token", "/access_token"),
        reads("token inspect $token", ("/scope", "oauth:read")).keeps("jti", "/jti"),
        reads("token inspect -", ("/active", "false")).input("nothing\n"),
        reads("token list --client $client", ("/tokens/0/id", "$jti")),
        writes("token revoke $token --yes", "access_token.revoked"),
        reads("token inspect $token", ("/active", "false")),
        writes("token get --bootstrap $bootstrap", "access_token.issued").keeps("token", "/access_token"),
        writes("token revoke-all --client $client --yes", "tokens.revoked").shows("/revoked", "1"),
        reads("token inspect $token", ("/active", "false")),
        reads("audit list --action tokens.revoked", ("/audit_logs/0/target/type", "client")),
        reads("audit export --limit 1 --action tokens.revoked", ("/outcome", "success")),
    ]
}

/// Scopes and clients.
#[expect(clippy::too_many_lines, reason = "a table")]
fn registrations() -> Vec<Step> {
    vec![
        writes("scope create reports:read --description Reports", "scope.created")
            .shows("/description", "Reports"),
        reads("scope list", ("/scopes/0/name", "reports:read")),
        writes("scope update reports:read --description Figures", "scope.updated"),
        reads("scope show reports:read", ("/description", "Figures")),
        writes(
            "resource create https://reports.example.com --name Reports --scope reports:read \
             --access-token-lifetime 300 --introspection-client $client",
            "resource.created",
        )
        .shows("/scopes/0", "reports:read"),
        reads("resource list", ("/resources/0/name", "Reports")),
        writes(
            "resource update https://reports.example.com --access-token-lifetime 0 --client $client",
            "resource.updated",
        )
        .shows("/access_token_lifetime", "null"),
        reads("resource show https://reports.example.com", ("/clients/0", "$client")),
        writes("resource update https://reports.example.com --all-clients --name Figures", "resource.updated")
            .shows("/clients", "null"),
        writes("resource delete https://reports.example.com --yes", "resource.deleted"),
        writes("client create Robot --type machine --scope reports:read", "client.created")
            .keeps("robot", "/client_id")
            .shows("/client_name", "Robot"),
        reads("client list", ("/clients/0/client_id", "$robot")),
        reads("client show $robot", ("/scope", "reports:read")),
        reads("client list --unused-for 1", ("/total", "0")),
        writes("client update $robot --name Builder", "client.updated").shows("/client_name", "Builder"),
        writes("client rotate-secret $robot --overlap 60", "client.secret_added")
            .shows("/client_id", "$robot"),
        writes("client rotate-secret $robot --yes", "client.secret_added"),
        // Fields that no contract has together: one request, and one record.
        writes(
            "client update $robot --name Mason --description Walls --logo-uri https://example.com/l.png",
            "client.updated",
        )
        .shows("/logo_uri", "https://example.com/l.png"),
        reads("client show $robot", ("/description", "Walls")),
        reads("client logo $robot", ("/uploaded", "false")),
        writes("client logo $robot $picture", "client.updated").shows("/uploaded", "true"),
        writes("client logo $robot --remove", "client.updated").shows("/logo", "null"),
        writes(
            "client update $robot --auth-method client_secret_post --contact ada@example.com --tos-uri https://example.com/tos \
             --policy-uri https://example.com/privacy",
            "client.updated",
        )
        .shows("/contacts/0", "ada@example.com"),
        reads("client show $robot", ("/token_endpoint_auth_method", "client_secret_post")),
        writes("client update $robot --disable", "client.updated").shows("/enabled", "false"),
        writes("client update $robot --token-rate 7 --token-burst 9", "client.updated")
            .shows("/token_burst", "9"),
        writes("client update $robot --token-rate default", "client.updated").shows("/token_burst", "null"),
        writes("client update $robot --multiple-resources true", "client.updated")
            .shows("/multiple_resources", "true"),
        writes(
            "client update $robot --exchange-subject app,web --exchange-impersonation true --may-act front --agent true",
            "client.updated",
        )
        .shows("/exchange_subjects/1", "web"),
        reads("client show $robot", ("/may_act", "front")),
        writes(
            "client update $robot --no-exchange-subjects --exchange-impersonation false --may-act= --agent false",
            "client.updated",
        )
        .shows("/agent", "false"),
        writes(
            "client update $robot --audience https://api.example.com --access-token-alg EdDSA --require-pkce true",
            "client.updated",
        )
        .shows("/audience/0", "https://api.example.com"),
        reads("client show $robot", ("/access_token_signed_response_alg", "EdDSA")),
        writes(
            "client update $robot --access-token-alg default --no-audience --rotation false",
            "client.updated",
        )
        .shows("/audience", "[]"),
        writes(
            "client create Sealed --type web --redirect-uri https://example.com/cb --jwks $keys \
             --id-token-encryption ECDH-ES,A256GCM --access-token-encryption ECDH-ES --id-token-alg ES256 \
             --userinfo-encryption ECDH-ES --authorization-encryption ECDH-ES,A256GCM --introspection-encryption ECDH-ES \
             --request-object-encryption ECDH-ES,A256GCM",
            "client.created",
        )
        .keeps("sealed", "/client_id")
        .shows("/id_token_encrypted_response_enc", "A256GCM"),
        reads("client show $sealed", ("/access_token_encrypted_response_enc", "A128CBC-HS256")),
        reads("client show $sealed", ("/userinfo_encrypted_response_alg", "ECDH-ES")),
        reads("client show $sealed", ("/request_object_encryption_enc", "A256GCM")),
        reads("client show $sealed", ("/authorization_encrypted_response_enc", "A256GCM")),
        reads("client show $sealed", ("/introspection_encrypted_response_enc", "A128CBC-HS256")),
        writes(
            "client update $sealed --id-token-encryption none --access-token-encryption none --userinfo-encryption none \
             --authorization-encryption none --introspection-encryption none --request-object-encryption none --no-jwks \
             --access-token-format opaque",
            "client.updated",
        )
        .shows("/access_token_format", "opaque"),
        reads("client show $sealed", ("/jwks", "null")),
        writes("client delete $sealed --yes", "client.deleted"),
        writes("scope delete reports:read --force --yes", "scope.deleted"),
        reads("client show $robot", ("/scope", "")),
        writes("client delete $robot --yes", "client.deleted"),
        writes(
            "client create Shop --type web --redirect-uri https://example.com/cb --first-party \
             --access-token-ttl 120 --scope openid --tenant acme",
            "client.created",
        )
        .keeps("shop", "/client_id")
        .shows("/first_party", "true"),
        reads("client show $shop --tenant acme", ("/access_token_lifetime", "120")),
    ]
}

/// People, where they are signed in, and the end of the tenant.
fn people() -> Vec<Step> {
    vec![
        reads("session list", ("/total", "0")),
        writes("user create ann@example.com --name Ann --verified --tenant acme", "user.created")
            .shows("/email_verified", "true")
            .input("four unrelated words here\n")
            .keeps("ann", "/id"),
        writes("user import - --tenant acme", "user.created")
            .input(
                "username,password_hash\nzed,$2b$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS\n",
            )
            .shows("/imported", "1"),
        reads("user list --tenant acme --search ann", ("/users/0/username", "ann@example.com")),
        reads("user list --sub 00000000-0000-8000-8000-000000000000 --tenant acme", ("/total", "0")),
        reads("user show ANN@example.com --tenant acme", ("/name", "Ann")),
        writes("group create crew --tenant acme", "group.created"),
        writes("group add crew ann@example.com --tenant acme", "group.members_changed"),
        reads("group members crew --tenant acme", ("/members/0/username", "ann@example.com")),
        writes("group remove crew $ann --tenant acme", "group.members_changed"),
        writes("user update $ann --name Anna --tenant acme", "user.updated").shows("/name", "Anna"),
        writes("user set-roles $ann admin --tenant acme", "user.updated").shows("/roles/0", "admin"),
        writes("user set-password $ann --tenant acme", "user.updated")
            .input("five other unrelated words here\n"),
        reads("session list --tenant acme", ("/sessions/0/username", "ann@example.com"))
            .when(When::AnnIsSignedIn)
            .keeps("session", "/sessions/0/id"),
        writes("session end $session --yes --tenant acme", "session.ended"),
        reads("session list --tenant acme", ("/total", "0")),
        reads("session logouts --tenant acme", ("/total", "0")),
        writes("client delete $shop --yes --tenant acme", "client.deleted"),
        writes("user send-reset ann@example.com --tenant acme", "user.password_reset_requested"),
        writes("token revoke-all --user ann@example.com --yes --tenant acme", "tokens.revoked")
            .shows("/revoked", "0"),
        reads(
            "audit list --target ann@example.com --action tokens.revoked --tenant acme",
            ("/audit_logs/0/target/type", "user"),
        ),
        reads("user factors $ann --tenant acme", ("/recovery_codes_left", "0")),
        writes("user reset-factors $ann --yes --tenant acme", "user.factor_removed"),
        writes("user disable $ann --yes --tenant acme", "user.updated").shows("/enabled", "false"),
        writes("user enable $ann --tenant acme", "user.updated").shows("/enabled", "true"),
        writes("user delete $ann --yes --tenant acme", "user.deleted"),
        writes("tenant delete acme --yes", "tenant.deleted"),
    ]
}
