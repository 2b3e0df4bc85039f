//! `/search`: one field over partners, integrations, people, connections, products, tiers and campaigns.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;
use unicode_normalization::UnicodeNormalization;

use super::store;
use super::views::{
    CampaignRow, ConnectionRow, IntegrationRow, PartnerRow, PersonRow, ProductRow, SearchPage, TierRow,
};
use crate::access::{
    Grant, ManageSelf, Permission, ReadCampaign, ReadConnection, ReadIntegration, ReadPartner, ReadProduct, ReadTiers,
    ReadUsers, Rule, Scope, Standing, UpdateTiers,
};
use crate::app::App;
use crate::db::ReadTx;
use crate::web::error::AppError;
use crate::web::listing::{Keyset, Params};
use crate::web::page::{Nav, Page, PageResult};
use crate::{campaigns, tiers};

/// What the words find, grouped.
///
/// # Errors
/// As every page.
pub async fn index(grant: Grant<ManageSelf>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    // Searching is everybody's, but not before they have the second factor that their role asks for.
    if grant.actor().standing() == Standing::NeedsSecondFactor {
        return Err(AppError::SecondFactor);
    }
    // Names are stored composed, so the words are composed too.
    let words: String = params.get("q").nfc().collect();
    let body = app.db.read(&grant, move |tx| found(tx, words)).await?;
    let title = if body.words.is_empty() { "Search".to_owned() } else { format!("{} – Search", body.words) };
    Ok(Page::new(title, Nav::Search, body).region(|body| body.as_results().render()).answer(&req))
}

/// What some words find of what the person may read, all in one transaction.
fn found(tx: &mut ReadTx<'_>, words: String) -> Result<SearchPage, AppError> {
    let actor = tx.actor().clone();
    let seeks = |rule: Rule| !words.is_empty() && actor.may(&rule);
    let partners = if seeks(ReadPartner::RULE) { store::partners(tx, &words)? } else { Vec::new() };
    let people = if seeks(ReadUsers::RULE) { store::people(tx, &words)? } else { Vec::new() };
    let integrations = if seeks(ReadIntegration::RULE) {
        let of: Vec<_> = partners.iter().map(|one| one.id).collect();
        store::integrations(tx, &words, &of)?
    } else {
        Vec::new()
    };
    let connections = if seeks(ReadConnection::RULE) { store::connections(tx, &words)? } else { Vec::new() };
    let products = if seeks(ReadProduct::RULE) { store::products(tx, &words)? } else { Vec::new() };
    let tiers = if seeks(ReadTiers::RULE) && actor.has_tiers() {
        tiers::store::named(tx, &words, store::SHOWN as i64)?
    } else {
        Vec::new()
    };
    let campaigns = if seeks(ReadCampaign::RULE) { campaigns_named(tx, &words)? } else { Vec::new() };
    let changes_tiers = actor.may(&UpdateTiers::RULE);
    Ok(SearchPage {
        has_more_campaigns: campaigns.len() > store::SHOWN,
        campaigns: campaigns.into_iter().take(store::SHOWN).collect(),
        has_more_products: products.len() > store::SHOWN,
        products: products.into_iter().take(store::SHOWN).map(ProductRow::new).collect(),
        tiers: tiers.into_iter().map(|tier| TierRow::new(&tier, changes_tiers)).collect(),
        has_more_connections: connections.len() > store::SHOWN,
        connections: connections.into_iter().take(store::SHOWN).map(ConnectionRow::new).collect(),
        has_more_integrations: integrations.len() > store::SHOWN,
        integrations: integrations.into_iter().take(store::SHOWN).map(IntegrationRow::new).collect(),
        sees_integrations: actor.may(&ReadIntegration::RULE),
        has_more_partners: partners.len() > store::SHOWN,
        has_more_people: people.len() > store::SHOWN,
        partners: partners.into_iter().take(store::SHOWN).map(PartnerRow::new).collect(),
        people: people.into_iter().take(store::SHOWN).map(PersonRow::new).collect(),
        sees_list: matches!(actor.scope(), Scope::Program(_)),
        sees_people: actor.may(&ReadUsers::RULE),
        words,
    })
}

fn campaigns_named(tx: &mut ReadTx<'_>, words: &str) -> Result<Vec<CampaignRow>, AppError> {
    let filter = campaigns::store::Filter { search: words.to_owned(), ..Default::default() };
    let some = Keyset { size: store::SHOWN as i64, at: None, backward: false };
    let found = campaigns::store::list(tx, &filter, campaigns::store::Sort::StartDown, &some)?;
    Ok(found.iter().map(|one| CampaignRow::new(one, tx.now())).collect())
}
