//! The application: what handlers share, and the middlewares in their order.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix_session::SessionMiddleware;
use actix_session::config::{BrowserSession, CookieContentSecurity};
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};

use crate::access::origin;
use crate::access::password::Hasher;
use crate::access::seal::Sealer;
use crate::access::session::PgSessions;
use crate::api;
use crate::config::Config;
use crate::db::Db;
use crate::routes;
use crate::web::outbound::Outbound;
use crate::web::{assets, error, guard, health};

/// What handlers share; one for all worker threads.
pub struct App {
    /// The only way to the database.
    pub db: Db,
    /// The configuration.
    pub config: Config,
    /// Hashes passwords, a few at a time.
    pub hasher: Hasher,
    /// For cookies and links.
    pub key: Vec<u8>,
    /// Encrypts what has to be read again.
    pub sealer: Sealer,
    /// The way out to other people's servers.
    pub outbound: Outbound,
    /// Set once the program was told to end.
    pub stopping: Arc<AtomicBool>,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When there is no secret key, or a file that the configuration names cannot be read.
    pub fn new(db: Db, config: Config) -> anyhow::Result<App> {
        let key = config.key()?;
        let sealer = Sealer::new(&key, &config.old_keys()?);
        let outbound = Outbound::new(&config)?;
        Ok(App { db, config, hasher: Hasher::default(), key, sealer, outbound, stopping: Arc::default() })
    }
}

/// The service with everything around it.
///
/// From the outside in: log and request id; security headers; compression; error pages for what fails before a
/// session is known; then, for pages only: session, error pages with the navigation, cross-site check, and
/// around each route a deadline that also catches panics. Assets and health addresses never touch the sessions.
pub fn service(
    app: Data<App>,
) -> actix_web::App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
> {
    let session =
        SessionMiddleware::builder(PgSessions::new(app.db.clone(), app.config.lifetimes()), cookie_key(&app.key))
            .cookie_name(if app.config.http.is_https() { "__Host-portico" } else { "portico" }.into())
            .cookie_secure(app.config.http.is_https())
            .cookie_same_site(SameSite::Lax)
            .cookie_http_only(true)
            .cookie_path("/".into())
            .cookie_content_security(CookieContentSecurity::Private)
            .session_lifecycle(BrowserSession::default())
            .build();
    let pages = web::scope("")
        .wrap(from_fn(origin::check))
        .wrap(from_fn(error::render))
        .wrap(session)
        .configure(routes::configure)
        .default_service(web::to(routes::not_found));
    // No session and so no cookie counts here; and what no cookie opens, another site cannot make a browser open.
    let api = web::scope("/api")
        .wrap(from_fn(error::render))
        .wrap(from_fn(api::rate))
        .configure(routes::configure_api)
        .default_service(web::to(api::elsewhere));
    actix_web::App::new()
        .app_data(app)
        .route("/static/{path:.*}", web::get().to(assets::serve))
        .route("/static/{path:.*}", web::head().to(assets::serve))
        .route("/healthz", web::get().to(health::alive))
        .route("/livez", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .service(api)
        .service(pages)
        .wrap(from_fn(error::render))
        .wrap(Compress::default())
        .wrap(from_fn(boxed))
        .wrap(from_fn(guard::headers))
        .wrap(from_fn(guard::head))
        .wrap(from_fn(guard::log))
}

fn cookie_key(key: &[u8]) -> Key {
    Key::derive_from(key)
}

async fn boxed(
    req: ServiceRequest,
    next: actix_web::middleware::Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    next.call(req).await.map(ServiceResponse::map_into_boxed_body)
}
