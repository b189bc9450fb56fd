//! The API description at `/openapi.json`: complete, true, and the one that is kept in `docs/`. And what it
//! promises for every management route: versions, and requests that may be repeated.

mod document;
mod repeats;
mod versions;
