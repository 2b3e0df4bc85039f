//! The integrations of one partner, on its own pages.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use askama::Template;

use super::create::first_step;
use super::views::First;
use crate::access::{CreateIntegration, Grant, ReadIntegration};
use crate::app::App;
use crate::integrations::content::IntegrationKind;
use crate::integrations::model::Integration;
use crate::integrations::stage::Stage;
use crate::integrations::views::badges;
use crate::integrations::{self, store};
use crate::partners;
use crate::partners::handlers::{Found, found};
use crate::partners::views::{Header, may};
use crate::values::Choice;
use crate::web::page::{Page, PageResult};
use crate::web::time::When;

/// Longest list; the list of all integrations pages through more.
const MOST: i64 = 200;

/// A line.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub name: String,
    pub kind: IntegrationKind,
    pub stage: Stage,
    pub updated: When,
    pub updated_by: String,
}

impl Row {
    fn badges(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        badges(self.stage)
    }
}

/// The tab.
#[derive(Template)]
#[template(path = "integrations/tab.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct TabPage {
    pub header: Header,
    pub rows: Vec<Row>,
    pub is_cut: bool,
    pub can_create: bool,
    /// What comes before a new one.
    pub first: Option<First>,
}

impl TabPage {
    fn new_address(&self) -> String {
        format!("/integrations/new?partner={}", crate::web::encode(&self.header.code))
    }
}

/// `GET /partners/{code}/integrations`
///
/// # Errors
/// As every page.
pub async fn of_partner(
    grant: Grant<ReadIntegration>,
    app: Data<App>,
    code: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let body = app
        .db
        .read(&grant, move |tx| {
            let Found { partner, header, .. } = found(tx, &code, "integrations")?;
            let found = store::of_partner(tx, partner.id, MOST + 1)?;
            let first = first_step(tx, &partner)?;
            let can_create = may::<CreateIntegration>(tx.actor());
            let (now, zone) = (tx.now(), tx.actor().zone());
            let row = |one: Integration| Row {
                address: integrations::address(one.id),
                kind: one.kind,
                stage: one.stage(),
                updated: When::new(one.updated_at, now, zone),
                updated_by: one.updated_by_name,
                name: one.name,
            };
            let is_cut = found.len() as i64 > MOST;
            let rows = found.into_iter().take(MOST as usize).map(row).collect();
            Ok(TabPage { header, rows, is_cut, can_create, first })
        })
        .await?;
    let title = format!("Integrations of {}", body.header.name);
    let nav = partners::handlers::nav(grant.actor(), "integrations");
    Ok(Page::new(title, nav, body).answer(&req))
}
