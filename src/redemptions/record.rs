//! The use cases: to ask whether a customer may redeem a product, and to record that they did.

use chrono::{DateTime, Utc};

use super::model::{Named, Once, Redemption, Wanted};
use super::store;
use super::verdict::{Question, Verdict, status, tier, verdicts};
use crate::access::RecordRedemption;
use crate::activity::{Event, OfferEvent};
use crate::db::{Change, ReadTx, WriteTx};
use crate::partners;
use crate::products::availability::Setting;
use crate::products::model::{Owner, Product};
use crate::products::{self, availability};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::FieldError;

fn no_such(field: &'static str, words: &str) -> AppError {
    AppError::Invalid(vec![FieldError::new(field, field, words)])
}

/// The product that a caller names.
fn named(tx: &mut ReadTx<'_>, name: &Named) -> Result<Product, AppError> {
    let found = match name {
        Named::Id(id) => return products::store::find(tx, id).map_err(|error| unknown(error, "product")),
        Named::Sku { sku, partner } => {
            let own = tx.actor().partner().map(|own| own.code.clone());
            let code = partner.clone().or(own).ok_or_else(|| no_such("partner", "Is missing: say whose SKU it is."))?;
            let partner = partners::store::find(tx, &code).map_err(|error| unknown(error, "partner"))?;
            products::store::find_sku(tx, partner.id, sku)
        }
    };
    found.map_err(|error| unknown(error, "sku"))
}

fn unknown(error: AppError, field: &'static str) -> AppError {
    match error {
        AppError::NotFound => no_such(field, "There is no such one here, or this token cannot see it."),
        other => other,
    }
}

/// An answer about one product, with what it is about.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The product.
    pub product: Product,
    /// Its partner.
    pub owner: Owner,
    /// The customer's tier, by precedence and name; none for a customer without one, and while tiers are off.
    pub tier: Option<(i32, String)>,
    /// What was decided.
    pub verdict: Verdict,
    /// The moment.
    pub at: DateTime<Utc>,
}

/// Decides about a product that was found in scope.
fn answered(tx: &mut ReadTx<'_>, product: Product, wanted: &Wanted, at: DateTime<Utc>) -> Result<Answer, AppError> {
    let setting = Setting::load(tx)?;
    let rank = tier(&setting, wanted.tier.as_ref())
        .map_err(|_| no_such("tier", "The program has no tier of this name or precedence."))?;
    let rank = rank.map(|tier| (tier.precedence, tier.name.clone()));
    let owner = availability::owner(tx, &product)?;
    let question = Question { setting: &setting, tier: rank.as_ref().map(|(number, _)| *number), at, campaign: None };
    let mut verdict = verdicts(tx, &question, &[(&product, status(Some(&owner)))])?;
    let verdict = verdict.pop().ok_or(AppError::NotFound)?;
    Ok(Answer { product, owner, tier: rank, verdict, at })
}

/// Whether a customer may redeem a product, now or at another moment. Nothing is recorded.
///
/// # Errors
/// [`AppError::Invalid`] for what nobody in scope has.
pub fn asked(tx: &mut ReadTx<'_>, wanted: &Wanted, at: Option<DateTime<Utc>>) -> Result<Answer, AppError> {
    let product = named(tx, &wanted.product)?;
    let at = at.unwrap_or(tx.now());
    answered(tx, product, wanted, at)
}

/// What became of a redemption.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is recorded.
    Recorded(Redemption),
    /// It was already.
    Again(Redemption),
    /// The key came with another request.
    OtherRequest,
    /// The rules refuse it; nothing was recorded.
    Refused(Box<Answer>),
}

fn again(known: Redemption, once: &Once) -> Change<Outcome> {
    Change::nothing(if known.request_hash == once.hash { Outcome::Again(known) } else { Outcome::OtherRequest })
}

/// Records a redemption of now, if the decision allows it.
///
/// # Errors
/// [`AppError::Invalid`] for what nobody in scope has; [`AppError::Busy`] when what decides is being changed for longer
/// than a request waits.
pub fn recorded(
    tx: &mut WriteTx<'_, RecordRedemption>,
    wanted: &Wanted,
    once: &Once,
) -> Result<Change<Outcome>, AppError> {
    if let Some(known) = store::by_key(tx, &once.key)? {
        return Ok(again(known, once));
    }
    let product = named(tx, &wanted.product)?;
    // What was read before is not held; only what is read from here on counts.
    store::hold(tx, product.id)?;
    let product = products::store::find(tx, &product.id.to_string())?;
    let now = tx.now();
    let answer = answered(tx, product, wanted, now)?;
    if !answer.verdict.decision.availability.is_open() {
        return Ok(Change::nothing(Outcome::Refused(Box::new(answer))));
    }
    let Some(redemption) = store::insert(tx, wanted, once, &answer)? else {
        // The same request came twice at once, and the other one was faster.
        let known = store::by_key(tx, &once.key)?.ok_or(AppError::NotFound)?;
        return Ok(again(known, once));
    };
    let event = Event::Offer {
        partner: Some(redemption.partner_id),
        product: Some(redemption.product_id),
        name: answer.product.name.clone(),
        event: OfferEvent::Redeemed {
            quantity: redemption.quantity,
            tier: redemption.tier_name.clone(),
            rule: answer.verdict.decision.rule.key().into(),
        },
    };
    Ok(Change::new(Outcome::Recorded(redemption), event))
}
