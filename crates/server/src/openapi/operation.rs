//! What the API description says of one route: [`Operation`], written beside the others of its contract.

use serde_json::Value;
use writ_core::error::ErrorCode;

use crate::call::schema::Schema;

/// Which document a route is part of. It decides under which heading it stands, and the shape of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// OAuth 2.1, OpenID Connect, and what they build on.
    Protocol,
    /// The tenant contract.
    Tenant,
    /// The identity contract.
    Identity,
    /// The oauth2 contract.
    Oauth2,
    /// The clients contract.
    Clients,
    /// Writ's own management: API keys, roles, tenants, signing keys.
    Ours,
    /// Pages for people.
    People,
    /// For whoever runs the server.
    Operations,
}

impl Contract {
    /// All of them, in the order of the document.
    pub const ALL: [Self; 8] = [
        Self::Protocol,
        Self::Tenant,
        Self::Identity,
        Self::Oauth2,
        Self::Clients,
        Self::Ours,
        Self::People,
        Self::Operations,
    ];

    /// The tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::Tenant => "tenant",
            Self::Identity => "identity",
            Self::Oauth2 => "oauth2",
            Self::Clients => "clients",
            Self::Ours => "management",
            Self::People => "people",
            Self::Operations => "operations",
        }
    }

    /// What stands under the tag.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Protocol => {
                "OAuth 2.1 and OpenID Connect: tokens, introspection, revocation, metadata, keys."
            }
            Self::Tenant => {
                "Published contract. Clients for a tenant's administrators, and consent for people. camelCase, in an envelope with success and data; X-Tenant-ID is required for clients."
            }
            Self::Identity => {
                "Published contract. Clients for a platform's administrators, with owner and first party. snake_case; errors have error and message."
            }
            Self::Oauth2 => {
                "Published contract, the widest: clients, users, scopes, consents, tokens, sessions, audit log. snake_case; errors as in RFC 6749."
            }
            Self::Clients => {
                "Published contract. Clients for automation with an API key: cli_ and tnt_ ids, X-Tenant-ID required; errors as in RFC 6749."
            }
            Self::Ours => {
                "Writ's own: clients with every field, API keys, roles, tenants and signing keys. For new code."
            }
            Self::People => "Pages for people. They work without JavaScript.",
            Self::Operations => "For whoever runs the server.",
        }
    }

    /// How its errors look.
    pub const fn errors(self) -> ErrorShape {
        match self {
            Self::Tenant => ErrorShape::Tenant,
            Self::Identity => ErrorShape::Identity,
            Self::Protocol | Self::Oauth2 | Self::Clients | Self::Ours | Self::Operations => {
                ErrorShape::Oauth
            }
            Self::People => ErrorShape::Page,
        }
    }
}

/// How errors look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorShape {
    /// RFC 6749 §5.2.
    Oauth,
    /// `success`, `error.code`, `error.message`.
    Tenant,
    /// `error`, `message`.
    Identity,
    /// A page.
    Page,
    /// To a person in the tenant contract's shape, to all others in that of RFC 6749.
    ByCredential,
}

/// Who may ask, where the route is not one of the management APIs: those say it where they are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// A client with its own credential: HTTP Basic, or in the body.
    Client,
    /// A client with its own credential, or the bearer of a token or API key.
    ClientOrBearer,
    /// The bearer of a token.
    Bearer,
    /// Everybody; a credential is looked at where there is one.
    AnyoneOrBearer,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterIn {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// Among the headers.
    Header,
}

impl ParameterIn {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: ParameterIn,
    /// What it means.
    pub about: &'static str,
    /// Its values.
    pub schema: Schema,
    /// One of them.
    pub example: Option<Value>,
}

/// The media type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// `text/html`.
    Html,
    /// `image/png`.
    Png,
    /// `image/svg+xml`.
    Svg,
    /// `text/css`.
    Css,
    /// `text/javascript`.
    Script,
    /// `text/plain`.
    Plain,
    /// `application/x-ndjson`: a JSON object a line.
    JsonLines,
    /// `application/jwt`.
    Jwt,
    /// `application/token-introspection+jwt` (RFC 9701).
    Introspection,
}

impl Media {
    /// The media type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Multipart => "multipart/form-data",
            Self::Html => "text/html",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Css => "text/css",
            Self::Script => "text/javascript",
            Self::Plain => "text/plain",
            Self::JsonLines => "application/x-ndjson",
            Self::Jwt => "application/jwt",
            Self::Introspection => "application/token-introspection+jwt",
        }
    }
}

/// A body that is sent or answered.
#[derive(Debug, Clone)]
pub struct BodyContent {
    /// Its media type.
    pub media: Media,
    /// Its schema.
    pub schema: Schema,
    /// An example.
    pub example: Value,
}

/// An answer that is no error.
#[derive(Debug, Clone)]
pub struct DescribedReply {
    /// The status.
    pub status: u16,
    /// When it is given.
    pub about: &'static str,
    /// Its body in each media type; none: it has none.
    pub content: Vec<BodyContent>,
    /// Headers that are always there, with what they mean.
    pub headers: Vec<(&'static str, &'static str)>,
}

/// Whether the answers of a route carry the version of what they show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioned {
    /// `ETag` in answers; `If-Match` and `If-None-Match` are honoured.
    Yes,
    /// They do not.
    No,
}

/// Whether a route may be asked again with the same `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeatable {
    /// The same key gives the same answer and happens once.
    ByKey,
    /// It knows no such key.
    No,
}

/// What is said of one route.
#[derive(Debug, Clone)]
pub struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The operation id, unique.
    pub id: &'static str,
    /// Which document it is part of.
    pub contract: Contract,
    /// How its errors look: its contract's way, unless two contracts share the route.
    pub errors: ErrorShape,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else there is to know.
    pub about: &'static str,
    /// Who may ask; not looked at where the route is managed.
    pub access: Access,
    /// Parameters of its own.
    pub parameters: Vec<Parameter>,
    /// What is sent: the same body in each media type that it may have.
    pub body: Vec<BodyContent>,
    /// Answers that are no errors.
    pub replies: Vec<DescribedReply>,
    /// Errors beyond those that every such route has.
    pub refusals: Vec<ErrorCode>,
    /// Whether it knows versions.
    pub versioned: Versioned,
    /// Whether it may be repeated.
    pub repeatable: Repeatable,
}

impl Operation {
    /// A description that is to be completed: route, operation id and contract.
    pub fn new(route: (&'static str, &'static str), id: &'static str, contract: Contract) -> Self {
        let (method, path) = route;
        Self {
            method,
            path,
            id,
            contract,
            errors: contract.errors(),
            summary: "",
            about: "",
            access: Access::Anyone,
            parameters: Vec::new(),
            body: Vec::new(),
            replies: Vec::new(),
            refusals: Vec::new(),
            versioned: Versioned::No,
            repeatable: Repeatable::No,
        }
    }

    /// What it does, in a few words.
    #[must_use]
    pub fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// What else there is to know.
    #[must_use]
    pub fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }

    /// Who may ask.
    #[must_use]
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// A parameter of the path.
    #[must_use]
    pub fn path(self, name: &'static str, about: &'static str, example: &'static str) -> Self {
        let schema = Schema::text();
        self.parameter(Parameter {
            name,
            place: ParameterIn::Path,
            about,
            schema,
            example: Some(example.into()),
        })
    }

    /// A parameter of the query.
    #[must_use]
    pub fn query(self, name: &'static str, about: &'static str, schema: Schema) -> Self {
        self.parameter(Parameter { name, place: ParameterIn::Query, about, schema, example: None })
    }

    /// A parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// It answers a list, a page at a time: `limit` and `cursor`.
    #[must_use]
    pub fn paged(self) -> Self {
        self.query("limit", "Rows of a page.", Schema::integer().within(1, 200).default_is(50)).query(
            "cursor",
            "The next_cursor of the page before.",
            Schema::text(),
        )
    }

    /// What it takes of a query, where it lists something: a GET whose path names no single thing.
    pub fn list_takes(&self) -> Option<Vec<&'static str>> {
        let in_query = |parameter: &&Parameter| parameter.place == ParameterIn::Query;
        let is_list = self.method == "GET" && !self.path.ends_with('}');
        is_list.then(|| self.parameters.iter().filter(in_query).map(|parameter| parameter.name).collect())
    }

    /// It takes a JSON body.
    #[must_use]
    pub fn takes(self, schema: Schema, example: Value) -> Self {
        self.takes_as(Media::Json, schema, example)
    }

    /// It takes a body of some media type; said twice, either.
    #[must_use]
    pub fn takes_as(mut self, media: Media, schema: Schema, example: Value) -> Self {
        self.body.push(BodyContent { media, schema, example });
        self
    }

    /// It answers with JSON.
    #[must_use]
    pub fn answers(self, status: u16, about: &'static str, content: (Schema, Value)) -> Self {
        let (schema, example) = content;
        self.reply(status, about, vec![BodyContent { media: Media::Json, schema, example }])
    }

    /// It answers with JSON, or with a JWT of this media type where its client wants that.
    #[must_use]
    pub fn answers_or_jwt(self, about: &'static str, content: (Schema, Value), media: Media) -> Self {
        let (schema, example) = content;
        let jwt =
            BodyContent { media, schema: Schema::text(), example: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln".into() };
        self.reply(200, about, vec![BodyContent { media: Media::Json, schema, example }, jwt])
    }

    /// It answers with a page.
    #[must_use]
    pub fn shows(self, status: u16, about: &'static str) -> Self {
        let page =
            BodyContent { media: Media::Html, schema: Schema::text(), example: "<!doctype html>…".into() };
        self.reply(status, about, vec![page])
    }

    /// It answers with a stylesheet, a script, or a picture.
    #[must_use]
    pub fn styles(self, status: u16, about: &'static str) -> Self {
        let sheet = BodyContent { media: Media::Css, schema: Schema::text(), example: "body{…}".into() };
        let others = [Media::Script, Media::Svg, Media::Png];
        let others = others.map(|media| BodyContent { media, schema: Schema::text(), example: "".into() });
        self.reply(status, about, [sheet].into_iter().chain(others).collect())
    }

    /// It shows a picture.
    #[must_use]
    pub fn pictures(self, status: u16, about: &'static str) -> Self {
        let picture = BodyContent { media: Media::Png, schema: Schema::text(), example: "".into() };
        self.reply(status, about, vec![picture])
    }

    /// It answers without a body.
    #[must_use]
    pub fn answers_nothing(self, status: u16, about: &'static str) -> Self {
        self.reply(status, about, Vec::new())
    }

    /// It sends the browser on.
    #[must_use]
    pub fn redirects(mut self, status: u16, about: &'static str) -> Self {
        let headers = vec![("location", "Where to go on.")];
        self.replies.push(DescribedReply { status, about, content: Vec::new(), headers });
        self
    }

    /// An answer in one of several media types.
    #[must_use]
    pub fn reply(mut self, status: u16, about: &'static str, content: Vec<BodyContent>) -> Self {
        self.replies.push(DescribedReply { status, about, content, headers: Vec::new() });
        self
    }

    /// It refuses for these reasons too.
    #[must_use]
    pub fn refuses(mut self, codes: &[ErrorCode]) -> Self {
        self.refusals.extend_from_slice(codes);
        self
    }

    /// Its errors look another way than its contract's.
    #[must_use]
    pub fn errs(mut self, shape: ErrorShape) -> Self {
        self.errors = shape;
        self
    }

    /// Its answers carry `ETag`, and it honours `If-Match` and `If-None-Match`.
    #[must_use]
    pub fn versioned(mut self) -> Self {
        self.versioned = Versioned::Yes;
        self
    }

    /// It honours `Idempotency-Key`.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = Repeatable::ByKey;
        self
    }
}
