//! [`ApiGrant`]: the door of the API. As [`Grant`] for people, it is the only way to a transaction here.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};

use super::problem::Problem;
use super::store::{self, Known};
use crate::access::limits::{self, API, Spent};
use crate::access::{Actor, Grant, Permission, Standing, client};
use crate::app::App;
use crate::db::ids::TokenId;
use crate::tokens::model::{TokenScope, hash, scopes};
use crate::values::Choice;

/// A scope of tokens, as a type.
pub trait Door: 'static {
    /// The scope that the token has to have.
    const SCOPE: TokenScope;
}

macro_rules! doors {
    ($($name:ident)*) => {$(
        #[doc = concat!("Asks for [`TokenScope::", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Door for $name {
            const SCOPE: TokenScope = TokenScope::$name;
        }
    )*};
}
doors!(ProductsRead CampaignsRead TiersRead PartnersRead RedemptionsCheck RedemptionsRead RedemptionsWrite);
doors!(IntegrationsRead TenantsRead TenantsWrite RunsWrite);

/// Shows that a token of scope `S` came with the request, and holds the permission `P` by that scope alone.
pub struct ApiGrant<S, P> {
    grant: Grant<P>,
    token: TokenId,
    scope: PhantomData<fn() -> S>,
}

impl<S, P> ApiGrant<S, P> {
    /// The token.
    pub fn token(&self) -> TokenId {
        self.token
    }
}

impl<S, P> Deref for ApiGrant<S, P> {
    type Target = Grant<P>;
    fn deref(&self) -> &Grant<P> {
        &self.grant
    }
}

impl<S: Door, P: Permission> FromRequest for ApiGrant<S, P> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let known = known(&req).await?;
            if !scopes(&known.scopes).contains(&S::SCOPE) {
                let detail = format!("This token does not have the scope {}.", S::SCOPE.key());
                return Err(Problem::new(StatusCode::FORBIDDEN, detail));
            }
            let grant = Grant::check(actor(&req, &known, S::SCOPE))?;
            Ok(ApiGrant { grant, token: known.id, scope: PhantomData })
        })
    }
}

/// The token in the `Authorization` header: nowhere else is one looked for.
fn bearer(req: &HttpRequest) -> Result<&str, Problem> {
    let mut headers = req.headers().get_all(header::AUTHORIZATION);
    let (one, more) = (headers.next(), headers.next());
    let Some(value) = one else { return Err(Problem::unauthorized(false)) };
    let named = value.to_str().ok().and_then(|text| text.split_once(' '));
    match named {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && more.is_none() => Ok(token.trim()),
        _ => Err(Problem::unauthorized(false)),
    }
}

/// The token of a request, one request of its minute taken off.
async fn known(req: &HttpRequest) -> Result<Known, Problem> {
    let hash = hash(bearer(req)?).ok_or_else(|| Problem::unauthorized(true))?;
    let app = req.app_data::<Data<App>>().ok_or_else(|| Problem::unauthorized(false))?.clone();
    let found = app
        .db
        .system("know an API token", move |tx| {
            let Some(known) = store::known(tx, &hash)? else { return Ok(None) };
            let spent = limits::count(tx, &format!("api {}", known.id), API)?;
            Ok(Some((known, spent)))
        })
        .await?;
    let Some((known, spent)) = found else { return Err(Problem::unauthorized(true)) };
    req.extensions_mut().insert(spent);
    spent.check()?;
    Ok(known)
}

fn actor(req: &HttpRequest, known: &Known, scope: TokenScope) -> Actor {
    let standing = if known.is_stopped() { Standing::ReadOnly } else { Standing::Full };
    Actor::by_token(
        &known.name,
        scope.powers(known.partner.is_none()),
        standing,
        (known.program(), known.is_single()),
        (known.partner(), known.zone()),
        (crate::web::request_id(req), client::address(req)),
    )
}

/// Middleware that tells a client how many requests it has left.
///
/// # Errors
/// Those of the services inside.
pub async fn rate(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(req).await?;
    let spent = response.request().extensions().get::<Spent>().copied();
    if let Some(spent) = spent {
        let headers = response.headers_mut();
        for (name, value) in [
            ("ratelimit-limit", i64::from(spent.limit)),
            ("ratelimit-remaining", i64::from(spent.left)),
            ("ratelimit-reset", spent.reset),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
    Ok(response)
}
