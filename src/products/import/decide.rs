//! What a row means for a product: what is read, what it makes of what is there, and what is written then.

use std::collections::{BTreeMap, HashMap};

use super::Products;
use super::fields::Field;
use crate::access::CreateProduct;
use crate::activity::{Event, FieldChange, OfferEvent};
use crate::db::WriteTx;
use crate::db::ids::PartnerId;
use crate::imports::Decided;
use crate::imports::file::{Row, Table, is_empty};
use crate::imports::model::{Line, Outcome, Refusal, Report, readable};
use crate::imports::plan::{Cells, codes, unknown};
use crate::partners;
use crate::partners::model::Partner;
use crate::products::model::{Facts, Kind, LONGEST_CATEGORY, LONGEST_NAME, LONGEST_SKU, Product, Status};
use crate::products::money::{Currency, Price};
use crate::products::{needs_partner, store};
use crate::values::{Choice, line, paragraphs};
use crate::web::error::AppError;

type No = Refusal<Field>;

fn refusal(field: Field, reason: impl Into<String>) -> No {
    Refusal::of(field, reason)
}

/// What is to be written once every row was decided, each with the place of its row in the report.
#[derive(Default)]
pub struct Writes {
    created: Vec<(usize, PartnerId, Facts)>,
    updated: Vec<(usize, Product, Facts)>,
}

/// Decides every row.
///
/// # Errors
/// When the database does not answer.
pub fn decide(
    tx: &mut WriteTx<'_, CreateProduct>,
    table: &Table,
    places: &BTreeMap<Field, usize>,
) -> Result<Decided<Products>, AppError> {
    let own = tx.actor().partner().map(|own| own.code.clone()).filter(|_| tx.actor().is_single());
    let mut deciding = Deciding::new(tx, table, places, own)?;
    let lines = table.rows.iter().enumerate().map(|(place, row)| deciding.decide(place, row)).collect();
    Ok((lines, deciding.writes))
}

struct Deciding<'a> {
    places: &'a BTreeMap<Field, usize>,
    own: Option<String>,
    partners: HashMap<String, Partner>,
    present: HashMap<(PartnerId, String), Product>,
    /// The line on which a product stood already.
    seen: HashMap<(PartnerId, String), i32>,
    writes: Writes,
}

impl<'a> Deciding<'a> {
    fn new(
        tx: &mut WriteTx<'_, CreateProduct>,
        table: &Table,
        places: &'a BTreeMap<Field, usize>,
        own: Option<String>,
    ) -> Result<Deciding<'a>, AppError> {
        let named = codes(table, places, Field::Partner);
        let codes: Vec<&str> = own.iter().chain(&named).map(String::as_str).collect();
        let partners = partners::store::find_many(tx, &codes)?;
        let ids: Vec<PartnerId> = partners.values().map(|partner| partner.id).collect();
        let present = store::by_sku(tx, &ids)?;
        Ok(Deciding { places, own, partners, present, seen: HashMap::new(), writes: Writes::default() })
    }

    fn cells<'r>(&'r self, row: &'r Row) -> Cells<'r, Field> {
        Cells { places: self.places, cells: &row.cells }
    }

    fn decide(&mut self, place: usize, row: &Row) -> Line<Products> {
        let cells = self.cells(row);
        let whose = self.own.clone().unwrap_or_else(|| cells.shown(Field::Partner, 60));
        let (sku, name) = (cells.shown(Field::Sku, LONGEST_SKU), cells.shown(Field::Name, LONGEST_NAME));
        let mut line = Line::new(row, sku, whose, name);
        if let Err(refusal) = self.taken(place, row, &mut line) {
            line.refuse(refusal);
        }
        line
    }

    fn taken(&mut self, place: usize, row: &Row, line: &mut Line<Products>) -> Result<(), No> {
        readable(row)?;
        let partner = self.partner(row)?.id;
        let sku = self.required(row, Field::Sku, LONGEST_SKU)?;
        let key = (partner, sku.to_lowercase());
        if let Some(before) = self.seen.insert(key.clone(), row.line) {
            return Err(refusal(Field::Sku, format!("Line {before} has the same partner and SKU.")));
        }
        match self.present.get(&key).cloned() {
            None => {
                let facts = self.facts(row, sku, None)?;
                line.outcome = Outcome::Created;
                line.changes = filled(&facts);
                self.writes.created.push((place, partner, facts));
            }
            Some(product) => {
                let facts = self.facts(row, product.sku.clone(), Some(&product))?;
                let before = product.facts();
                line.name.clone_from(&facts.name);
                line.target = Some(product.id);
                line.changes = before.changes(&facts);
                line.warning = (product.status == Status::Archived).then(|| "It is archived, and stays so".to_owned());
                if before == facts {
                    line.outcome = Outcome::Unchanged;
                    return Ok(());
                }
                line.outcome = Outcome::Updated;
                line.before = Some(before);
                self.writes.updated.push((place, product, facts));
            }
        }
        Ok(())
    }

    fn partner(&self, row: &Row) -> Result<&Partner, No> {
        let typed = match &self.own {
            Some(own) => own.clone(),
            None => self.cells(row).get(Field::Partner).unwrap_or_default().to_owned(),
        };
        if is_empty(&typed) {
            return Err(refusal(Field::Partner, "The partner’s code is missing."));
        }
        let found = self.partners.get(&typed.to_uppercase());
        let partner = found.ok_or_else(|| unknown(Field::Partner, "partner", &typed))?;
        match needs_partner(partner) {
            Err(AppError::Refused(text)) => Err(refusal(Field::Partner, text)),
            _ => Ok(partner),
        }
    }

    fn required(&self, row: &Row, field: Field, longest: usize) -> Result<String, No> {
        let typed = self.cells(row).required(field)?;
        line(typed, longest).map_err(|text| refusal(field, text))
    }

    /// What the row makes of a product: what its file does not say stays.
    fn facts(&self, row: &Row, sku: String, present: Option<&Product>) -> Result<Facts, No> {
        let before = present.map(Product::facts);
        let name = match (&before, self.places.contains_key(&Field::Name)) {
            (Some(before), false) => before.name.clone(),
            _ => self.required(row, Field::Name, LONGEST_NAME)?,
        };
        let kind = match (self.cells(row).said(Field::Kind), &before) {
            (Some(typed), _) => Kind::parse(&typed.to_lowercase()).map_err(|text| refusal(Field::Kind, text))?,
            (None, Some(before)) => before.kind,
            (None, None) => Kind::Product,
        };
        let text = |field: Field, before: Option<&String>, parse: &dyn Fn(&str) -> Result<String, String>| match self
            .cells(row)
            .get(field)
        {
            None => Ok(before.cloned().unwrap_or_default()),
            Some(typed) if is_empty(typed) => Ok(String::new()),
            Some(typed) => parse(typed).map_err(|text| refusal(field, text)),
        };
        let category =
            text(Field::Category, before.as_ref().map(|one| &one.category), &|typed| line(typed, LONGEST_CATEGORY))?;
        let description = text(Field::Description, before.as_ref().map(|one| &one.description), &paragraphs)?;
        let price = self.price(row, before.as_ref().map(|one| &one.price))?;
        Ok(Facts { sku, name, kind, category, description, price })
    }

    fn price(&self, row: &Row, before: Option<&Price>) -> Result<Price, No> {
        let currency = match self.cells(row).said(Field::Currency) {
            Some(typed) => Currency::parse(typed).map_err(|text| refusal(Field::Currency, text))?,
            None => before.map(|before| before.currency.clone()).unwrap_or_default(),
        };
        let amount = match self.cells(row).get(Field::Price) {
            None if before.is_some_and(|before| before.amount.is_some() && before.currency != currency) => {
                let text = "Another currency needs a price: say it in the same row.";
                return Err(refusal(Field::Currency, text));
            }
            None => before.and_then(|before| before.amount),
            Some(typed) if is_empty(typed) => None,
            Some(typed) => Some(currency.amount(typed).map_err(|text| refusal(Field::Price, text))?),
        };
        Ok(Price { currency, amount })
    }
}

/// A new product as changes from nothing; SKU and name stand beside them.
fn filled(facts: &Facts) -> Vec<FieldChange> {
    [
        ("Kind", facts.kind.label().to_owned()),
        ("Category", facts.category.clone()),
        ("Price", facts.price.to_string()),
        ("Description", facts.description.clone()),
    ]
    .into_iter()
    .filter_map(|(field, value)| FieldChange::of(field, "", value))
    .collect()
}

/// Writes what was decided: an event for each product.
///
/// # Errors
/// [`AppError::Conflict`] when somebody changed one of them at the same moment.
pub fn write(
    tx: &mut WriteTx<'_, CreateProduct>,
    writes: Writes,
    report: &mut Report<Products>,
) -> Result<Vec<Event>, AppError> {
    let mut events = Vec::new();
    let new: Vec<(PartnerId, &Facts)> = writes.created.iter().map(|(_, partner, facts)| (*partner, facts)).collect();
    let ids = store::insert(tx, &new)?;
    for ((place, partner, facts), product) in writes.created.iter().zip(ids) {
        report.aim(*place, product, 1);
        let event = OfferEvent::ProductCreated { sku: facts.sku.clone() };
        let (partner, product, name) = (Some(*partner), Some(product), facts.name.clone());
        events.push(Event::Offer { partner, product, name, event });
    }
    for (place, present, facts) in writes.updated {
        store::save(tx, present.id, present.version, &facts)?;
        report.aim(place, present.id, present.version + 1);
        let changes = report.rows.get(place).map(|line| line.changes.clone()).unwrap_or_default();
        let event = OfferEvent::ProductUpdated { changes };
        let (partner, product) = (Some(present.partner_id), Some(present.id));
        events.push(Event::Offer { partner, product, name: facts.name, event });
    }
    Ok(events)
}
