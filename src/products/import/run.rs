//! The use case: a file of products is imported. The check of an import is this same code, rolled back.

use std::collections::{BTreeMap, HashMap};

use super::model::{Line, Outcome, Report};
use super::plan::{Field, Plan, cell};
use crate::access::CreateProduct;
use crate::activity::{Event, FieldChange, OfferEvent};
use crate::db::ids::PartnerId;
use crate::db::{Change, WriteTx};
use crate::partners;
use crate::partners::import::file::{Row, Table, is_empty};
use crate::partners::model::Partner;
use crate::products::model::{Facts, Kind, LONGEST_CATEGORY, LONGEST_NAME, LONGEST_SKU, Product, Status};
use crate::products::money::{Currency, Price};
use crate::products::{needs_partner, store};
use crate::values::{Choice, line, paragraphs, shown};
use crate::web::error::AppError;

/// What is to be imported.
pub struct Order<'a> {
    /// As the person called the file.
    pub file: &'a str,
    /// What its columns mean.
    pub plan: &'a Plan,
    /// Its rows.
    pub table: &'a Table,
    /// Whether one refused row keeps all from being written.
    pub all_or_nothing: bool,
}

/// Why a row cannot be taken.
struct Refusal {
    field: Option<Field>,
    reason: String,
}

fn refusal(field: Field, reason: impl Into<String>) -> Refusal {
    Refusal { field: Some(field), reason: reason.into() }
}

/// What is to be written once every row was decided, each with the place of its row in the report.
#[derive(Default)]
struct Writes {
    created: Vec<(usize, PartnerId, Facts)>,
    updated: Vec<(usize, Product, Facts)>,
}

/// Imports a file. Nothing is written when every row is unchanged, or refused rows stop it; else the products, their
/// events and the report are one transaction.
///
/// # Errors
/// [`AppError::Invalid`] when the plan does not fit the file; [`AppError::Conflict`] when somebody changed one of the
/// products at the same moment.
pub fn import(tx: &mut WriteTx<'_, CreateProduct>, order: &Order<'_>) -> Result<Change<Report>, AppError> {
    let is_single = tx.actor().is_single();
    let places = order.plan.places(&order.table.header, is_single).map_err(AppError::Invalid)?;
    let own = tx.actor().partner().map(|own| own.code.clone()).filter(|_| is_single);
    let mut deciding = Deciding::new(tx, order, &places, own)?;
    for row in &order.table.rows {
        deciding.decide(row);
    }
    let Deciding { mut report, writes, .. } = deciding;
    if order.all_or_nothing && report.refused > 0 {
        report.stopped = true;
        return Ok(Change::nothing(report));
    }
    if report.changes() == 0 {
        return Ok(Change::nothing(report));
    }
    let events = write(tx, order.file, writes, &mut report)?;
    Ok(Change::of(report, events))
}

struct Deciding<'a> {
    places: &'a BTreeMap<Field, usize>,
    own: Option<String>,
    partners: HashMap<String, Partner>,
    present: HashMap<(PartnerId, String), Product>,
    /// The line on which a product stood already.
    seen: HashMap<(PartnerId, String), i32>,
    report: Report,
    writes: Writes,
}

impl<'a> Deciding<'a> {
    fn new(
        tx: &mut WriteTx<'_, CreateProduct>,
        order: &Order<'_>,
        places: &'a BTreeMap<Field, usize>,
        own: Option<String>,
    ) -> Result<Deciding<'a>, AppError> {
        let mut codes: Vec<String> = own.iter().cloned().collect();
        let named = |row: &Row| cell(places, &row.cells, Field::Partner).map(str::to_uppercase);
        codes.extend(order.table.rows.iter().filter_map(named));
        // What is no code is nobody's: Postgres could not even be asked for some of it.
        codes.retain(|code| crate::values::Code::parse(code).is_ok());
        codes.sort_unstable();
        codes.dedup();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let partners = partners::store::find_many(tx, &codes)?;
        let ids: Vec<PartnerId> = partners.values().map(|partner| partner.id).collect();
        let present = store::by_sku(tx, &ids)?;
        let (seen, report, writes) = (HashMap::new(), Report::default(), Writes::default());
        Ok(Deciding { places, own, partners, present, seen, report, writes })
    }

    fn cell<'r>(&self, row: &'r Row, field: Field) -> Option<&'r str> {
        cell(self.places, &row.cells, field)
    }

    fn decide(&mut self, row: &Row) {
        let said = |field: Field, longest: usize| -> String {
            let text = self.cell(row, field).unwrap_or_default();
            text.chars().filter(|c| !c.is_control()).take(longest).collect()
        };
        let mut line = Line {
            line: row.line,
            outcome: Outcome::Refused,
            partner: self.own.clone().unwrap_or_else(|| said(Field::Partner, 60)),
            sku: said(Field::Sku, LONGEST_SKU),
            name: said(Field::Name, LONGEST_NAME),
            field: None,
            reason: None,
            warning: None,
            changes: Vec::new(),
            target: None,
            version: None,
            before: None,
            kept: None,
        };
        if let Err(refusal) = self.taken(row, &mut line) {
            line.field = refusal.field;
            line.reason = Some(refusal.reason);
        }
        self.report.push(line);
    }

    fn taken(&mut self, row: &Row, line: &mut Line) -> Result<(), Refusal> {
        if let Some(broken) = &row.broken {
            return Err(Refusal { field: None, reason: format!("{}. {}", broken.reason, broken.hint) });
        }
        let partner = self.partner(row)?.id;
        let sku = self.required(row, Field::Sku, LONGEST_SKU)?;
        let key = (partner, sku.to_lowercase());
        if let Some(before) = self.seen.insert(key.clone(), row.line) {
            return Err(refusal(Field::Sku, format!("Line {before} has the same partner and SKU.")));
        }
        let place = self.report.rows.len();
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

    fn partner(&self, row: &Row) -> Result<&Partner, Refusal> {
        let typed = match &self.own {
            Some(own) => own.clone(),
            None => self.cell(row, Field::Partner).unwrap_or_default().to_owned(),
        };
        if is_empty(&typed) {
            return Err(refusal(Field::Partner, "The partner’s code is missing."));
        }
        let found = self.partners.get(&typed.to_uppercase());
        let partner =
            found.ok_or_else(|| refusal(Field::Partner, format!("No partner has the code {}.", shown(&typed))))?;
        match needs_partner(partner) {
            Err(AppError::Refused(text)) => Err(refusal(Field::Partner, text)),
            _ => Ok(partner),
        }
    }

    fn required(&self, row: &Row, field: Field, longest: usize) -> Result<String, Refusal> {
        let typed = self.cell(row, field).filter(|typed| !is_empty(typed));
        let typed = typed.ok_or_else(|| refusal(field, format!("{} is missing.", field.label())))?;
        line(typed, longest).map_err(|text| refusal(field, text))
    }

    /// What the row makes of a product: what its file does not say stays.
    fn facts(&self, row: &Row, sku: String, present: Option<&Product>) -> Result<Facts, Refusal> {
        let before = present.map(Product::facts);
        let name = match (&before, self.places.contains_key(&Field::Name)) {
            (Some(before), false) => before.name.clone(),
            _ => self.required(row, Field::Name, LONGEST_NAME)?,
        };
        let kind = match (self.cell(row, Field::Kind).filter(|typed| !is_empty(typed)), &before) {
            (Some(typed), _) => Kind::parse(&typed.to_lowercase()).map_err(|text| refusal(Field::Kind, text))?,
            (None, Some(before)) => before.kind,
            (None, None) => Kind::Product,
        };
        let text = |field: Field, before: Option<&String>, parse: &dyn Fn(&str) -> Result<String, String>| match self
            .cell(row, field)
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

    fn price(&self, row: &Row, before: Option<&Price>) -> Result<Price, Refusal> {
        let currency = match self.cell(row, Field::Currency).filter(|typed| !is_empty(typed)) {
            Some(typed) => Currency::parse(typed).map_err(|text| refusal(Field::Currency, text))?,
            None => before.map(|before| before.currency.clone()).unwrap_or_default(),
        };
        let amount = match self.cell(row, Field::Price) {
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

fn write(
    tx: &mut WriteTx<'_, CreateProduct>,
    file: &str,
    writes: Writes,
    report: &mut Report,
) -> Result<Vec<Event>, AppError> {
    let Report { created, updated, unchanged, refused, .. } = *report;
    let whole = OfferEvent::ProductsImported { created, updated, unchanged, refused };
    let mut events = vec![Event::Offer { partner: None, product: None, name: file.to_owned(), event: whole }];
    let new: Vec<(PartnerId, &Facts)> = writes.created.iter().map(|(_, partner, facts)| (*partner, facts)).collect();
    let ids = store::insert(tx, &new)?;
    for ((place, partner, facts), product) in writes.created.iter().zip(ids) {
        aim(report, *place, product, 1);
        let event = OfferEvent::ProductCreated { sku: facts.sku.clone() };
        let (partner, product, name) = (Some(*partner), Some(product), facts.name.clone());
        events.push(Event::Offer { partner, product, name, event });
    }
    for (place, present, facts) in writes.updated {
        store::save(tx, present.id, present.version, &facts)?;
        aim(report, place, present.id, present.version + 1);
        let changes = report.rows.get(place).map(|line| line.changes.clone()).unwrap_or_default();
        let event = OfferEvent::ProductUpdated { changes };
        let (partner, product) = (Some(present.partner_id), Some(present.id));
        events.push(Event::Offer { partner, product, name: facts.name, event });
    }
    Ok(events)
}

fn aim(report: &mut Report, place: usize, product: crate::db::ids::ProductId, version: i32) {
    if let Some(line) = report.rows.get_mut(place) {
        line.target = Some(product);
        line.version = Some(version);
    }
}
