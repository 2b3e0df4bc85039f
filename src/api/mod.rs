//! The JSON API, `/api/v1`: what systems of partners and programs do with a token. `docs/api.md` is its description.
//!
//! The rules this kernel protects: a token counts in the `Authorization` header only, never in an address or a cookie;
//! a session opens nothing here, since this scope has no sessions, and a token opens no page. [`grant::ApiGrant`] is the
//! one door: it makes an actor with the scope of the token's partner, or of its program, and the powers of one token
//! scope, so that *no grant, no transaction* holds as for people. Errors are problems ([`problem::Problem`], RFC 9457).
//! What storefronts read has members in camelCase, as `tierPrecedence`; integrations, tenants and runs, which were there
//! before, keep theirs.

pub mod answer;
mod body;
pub mod campaigns;
pub mod document;
mod filters;
pub mod grant;
mod integrations;
pub mod partners;
mod problem;
pub mod products;
pub mod query;
pub mod redemptions;
pub mod reference;
mod runs;
mod shape;
pub mod store;
mod tenants;
pub mod tiers;

use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;

pub use campaigns::{list as campaigns, show as campaign};
pub use grant::{ApiGrant, rate};
pub use integrations::index as integrations;
pub use partners::{list as partners, show as partner};
pub use problem::Problem;
pub use products::{image as product_image, list as products, show as product};
pub use redemptions::{
    check as check_redemption, list as redemptions, record as record_redemption, show as redemption,
};
pub use runs::{list as runs, put as put_run};
pub use tenants::{create as create_tenant, list as tenants, show as tenant, update as update_tenant};
pub use tiers::list as tiers;

/// Where no route leads: 405 with the methods that the address takes, else 404.
///
/// # Errors
/// Always one of the two.
pub async fn elsewhere(req: HttpRequest) -> ApiResult {
    let takes: Vec<_> = crate::routes::ROUTES
        .iter()
        .filter(|route| route.path.starts_with("/api/") && ResourceDef::new(route.path).is_match(req.path()))
        .collect();
    // What is spelled out stands before what varies: `redemptions/check` is no redemption.
    let varying = |path: &str| path.matches('{').count();
    let least = takes.iter().map(|route| varying(route.path)).min();
    let nearest = takes.iter().filter(|route| Some(varying(route.path)) == least);
    let mut methods: Vec<&str> = nearest.map(|route| route.method).collect();
    if methods.is_empty() {
        return Err(crate::web::error::AppError::NotFound.into());
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    Err(Problem::other_method(methods.join(", ")))
}

/// What a handler of the API answers.
pub type ApiResult = Result<actix_web::HttpResponse, Problem>;
