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
    ReadUsers, Scope, Standing, UpdateTiers,
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
    let partners = match grant.also::<ReadPartner>() {
        Some(grant) if !words.is_empty() => {
            let words = words.clone();
            app.db.read(&grant, move |tx| store::partners(tx, &words)).await?
        }
        _ => Vec::new(),
    };
    let readers = grant.also::<ReadUsers>();
    let people = match &readers {
        Some(grant) if !words.is_empty() => {
            let words = words.clone();
            app.db.read(grant, move |tx| store::people(tx, &words)).await?
        }
        _ => Vec::new(),
    };
    let builders = grant.also::<ReadIntegration>();
    let integrations = match &builders {
        Some(grant) if !words.is_empty() => {
            let (words, of) = (words.clone(), partners.iter().map(|one| one.id).collect::<Vec<_>>());
            app.db.read(grant, move |tx| store::integrations(tx, &words, &of)).await?
        }
        _ => Vec::new(),
    };
    let connections = match grant.also::<ReadConnection>() {
        Some(grant) if !words.is_empty() => {
            let words = words.clone();
            app.db.read(&grant, move |tx| store::connections(tx, &words)).await?
        }
        _ => Vec::new(),
    };
    let products = match grant.also::<ReadProduct>() {
        Some(grant) if !words.is_empty() => {
            let words = words.clone();
            app.db.read(&grant, move |tx| store::products(tx, &words)).await?
        }
        _ => Vec::new(),
    };
    let tiers = match grant.also::<ReadTiers>() {
        Some(grant) if !words.is_empty() && grant.actor().has_tiers() => {
            let words = words.clone();
            app.db.read(&grant, move |tx| tiers::store::named(tx, &words, store::SHOWN as i64)).await?
        }
        _ => Vec::new(),
    };
    let campaigns = match grant.also::<ReadCampaign>() {
        Some(grant) if !words.is_empty() => {
            let filter = campaigns::store::Filter { search: words.clone(), ..Default::default() };
            let some = Keyset { size: store::SHOWN as i64, at: None, backward: false };
            let rows = move |tx: &mut ReadTx<'_>| {
                let found = campaigns::store::list(tx, &filter, campaigns::store::Sort::StartDown, &some)?;
                Ok(found.iter().map(|one| CampaignRow::new(one, tx.now())).collect())
            };
            app.db.read(&grant, rows).await?
        }
        _ => Vec::new(),
    };
    let changes_tiers = grant.actor().may(&UpdateTiers::RULE);
    let body = SearchPage {
        has_more_campaigns: campaigns.len() > store::SHOWN,
        campaigns: campaigns.into_iter().take(store::SHOWN).collect(),
        has_more_products: products.len() > store::SHOWN,
        products: products.into_iter().take(store::SHOWN).map(ProductRow::new).collect(),
        tiers: tiers.into_iter().map(|tier| TierRow::new(&tier, changes_tiers)).collect(),
        has_more_connections: connections.len() > store::SHOWN,
        connections: connections.into_iter().take(store::SHOWN).map(ConnectionRow::new).collect(),
        has_more_integrations: integrations.len() > store::SHOWN,
        integrations: integrations.into_iter().take(store::SHOWN).map(IntegrationRow::new).collect(),
        sees_integrations: builders.is_some(),
        has_more_partners: partners.len() > store::SHOWN,
        has_more_people: people.len() > store::SHOWN,
        partners: partners.into_iter().take(store::SHOWN).map(PartnerRow::new).collect(),
        people: people.into_iter().take(store::SHOWN).map(PersonRow::new).collect(),
        sees_list: matches!(grant.actor().scope(), Scope::Program(_)),
        sees_people: readers.is_some(),
        words,
    };
    let title = if body.words.is_empty() { "Search".to_owned() } else { format!("{} – Search", body.words) };
    Ok(Page::new(title, Nav::Search, body).region(|body| body.as_results().render()).answer(&req))
}
