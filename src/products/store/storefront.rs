//! Products as storefronts ask for them: all of them, or only those that a customer may have now, page by page.
//!
//! Whether a customer may have a product is decided in SQL by the rules of [`crate::campaigns::decision`]; the test
//! `s1_11_what_sql_lets_through_is_what_the_decision_lets_through` holds it to them. One page is one statement: it goes
//! along the index of names from where the page before ended, looks up each product's own assignments and its partner's by
//! their indexes, and ends as soon as the page is full, or after [`EXAMINED`] products.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::Scope;
use crate::db::ids::{CampaignId, PartnerId, ProgramId};
use crate::db::{ReadTx, statement};
use crate::products::model::Product;
use crate::web::error::AppError;
use crate::web::listing::{Cursor, like};

/// Products that one page of [`eligible`] looks at, at the most.
pub const EXAMINED: i64 = 2000;

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// Part of a name or SKU.
    pub search: String,
    /// One partner.
    pub partner: Option<PartnerId>,
    /// Partners that take part in a campaign.
    pub campaign: Option<CampaignId>,
    /// One category, as it is written.
    pub category: String,
}

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Customer {
    /// Whether the program has tiers.
    pub tiers_on: bool,
    /// The customer's, by its precedence; none is a customer without a tier.
    pub tier: Option<i32>,
    /// The moment.
    pub at: DateTime<Utc>,
}

/// A page of products by name.
#[derive(Clone, Debug)]
pub struct Shelved {
    /// The products.
    pub rows: Vec<Product>,
    /// Where the next page begins; none when there is nothing more.
    pub next: Option<Cursor>,
}

/// The program whose products may be seen, and the only partner of it when there is one; nothing without a program.
fn visible(tx: &ReadTx<'_>) -> Option<(ProgramId, Option<PartnerId>)> {
    match tx.scope() {
        Scope::Everything => None,
        Scope::Program(program) => Some((program, None)),
        Scope::Partner { program, partner } => Some((program, Some(partner))),
    }
}

/// A value of a statement.
enum Bind {
    Id(Uuid),
    Words(String),
    Number(i32),
    Count(i64),
    Moment(DateTime<Utc>),
}

/// A statement that is put together; only its own words stand in its text.
#[derive(Default)]
struct Statement {
    text: String,
    binds: Vec<Bind>,
}

impl Statement {
    fn say(&mut self, words: &str) -> &mut Statement {
        self.text.push_str(words);
        self
    }

    fn bind(&mut self, value: Bind) -> &mut Statement {
        self.binds.push(value);
        let place = format!("${}", self.binds.len());
        self.say(&place)
    }

    fn load(self, tx: &mut ReadTx<'_>) -> Result<Vec<Line>, AppError> {
        let is_search = self.text.contains("ILIKE");
        let mut query = statement(self.text);
        for value in self.binds {
            query = match value {
                Bind::Id(id) => query.bind::<SqlUuid, _>(id),
                Bind::Words(words) => query.bind::<Text, _>(words),
                Bind::Number(number) => query.bind::<Integer, _>(number),
                Bind::Count(count) => query.bind::<BigInt, _>(count),
                Bind::Moment(at) => query.bind::<Timestamptz, _>(at),
            };
        }
        let query = if is_search { query.planned_anew() } else { query };
        Ok(query.load(tx.conn())?)
    }

    /// The products of the shelf behind a cursor, in order. Archived ones are nobody's.
    fn shelf(&mut self, shelf: &Shelf, own: (ProgramId, Option<PartnerId>), after: Option<&Cursor>) {
        self.say("products.program_id = ").bind(Bind::Id(own.0.uuid())).say(" AND products.status = 'active'");
        for partner in [own.1, shelf.partner].into_iter().flatten() {
            self.say(" AND products.partner_id = ").bind(Bind::Id(partner.uuid()));
        }
        if let Some(campaign) = shelf.campaign {
            self.say(" AND products.partner_id IN (SELECT partner_id FROM campaign_partners WHERE campaign_id = ");
            self.bind(Bind::Id(campaign.uuid())).say(")");
        }
        if !shelf.category.is_empty() {
            self.say(" AND products.category = ").bind(Bind::Words(shelf.category.clone()));
        }
        if !shelf.search.is_empty() {
            // The expression of products_search_idx, to the letter.
            self.say(" AND (products.sku || ' ' || products.name) ILIKE ").bind(Bind::Words(like(&shelf.search)));
        }
        if let Some(cursor) = after {
            self.say(" AND (products.sort_name, products.id) > (").bind(Bind::Words(cursor.key.clone()));
            self.say(", ").bind(Bind::Id(cursor.id)).say(")");
        }
        self.say(" ORDER BY products.sort_name, products.id LIMIT ");
    }

    /// Whether the customer may have `w`, from what [`Statement::look_up`] finds.
    fn is_open(&mut self, customer: Customer) {
        match customer {
            Customer { tiers_on: false, .. } => self.say("coalesce(d.offers, false)"),
            Customer { tier: None, .. } => self.say("coalesce(d.offers AND d.known = 0, false)"),
            Customer { tier: Some(tier), .. } => {
                self.say("coalesce(d.offers AND (d.known = 0 OR coalesce(d.asked >= ").bind(Bind::Number(tier));
                self.say(", false)), false)")
            }
        };
    }

    /// Of the product `w`: whether its partner is active, how many assignments ever counted, and the least demanding tier
    /// that one which counts now asks for. A partner's assignment does not count in a campaign where the product has its own.
    /// `OFFSET 0` has each campaign found by its key: all of them would be gone through for each product else.
    fn look_up(&mut self, customer: Customer) {
        self.say("SELECT (SELECT o.status = 'active' FROM partners o WHERE o.id = w.partner_id) AS offers");
        if !customer.tiers_on {
            return;
        }
        self.say(
            ", count(*) AS known, max(t.precedence) FILTER (WHERE c.state = 'approved' \
             AND (a.product_id IS NOT NULL OR NOT EXISTS (SELECT FROM tier_assignments own WHERE own.product_id = w.id \
               AND own.campaign_id = a.campaign_id AND own.state = 'live')) AND c.period @> ",
        );
        self.bind(Bind::Moment(customer.at)).say(" AND a.period @> ").bind(Bind::Moment(customer.at));
        self.say(
            ") AS asked FROM (SELECT product_id, campaign_id, tier_id, period FROM tier_assignments \
               WHERE product_id = w.id AND state = 'live' \
             UNION ALL SELECT product_id, campaign_id, tier_id, period FROM tier_assignments \
               WHERE partner_id = w.partner_id AND product_id IS NULL AND state = 'live') a \
             CROSS JOIN LATERAL (SELECT state, period FROM campaigns WHERE id = a.campaign_id \
               AND state IN ('approved', 'paused', 'archived') OFFSET 0) c \
             JOIN tiers t ON t.id = a.tier_id",
        );
    }
}

/// A product with its place among those that were looked at.
#[derive(QueryableByName)]
struct Line {
    #[diesel(embed)]
    product: Product,
    #[diesel(sql_type = Bool)]
    is_open: bool,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

fn cursor(product: &Product) -> Cursor {
    Cursor { key: product.sort_name.clone(), id: product.id.uuid() }
}

/// One page of all products of a shelf, whoever may have them.
///
/// # Errors
/// When the database does not answer.
pub fn everything(tx: &mut ReadTx<'_>, shelf: &Shelf, size: i64, after: Option<&Cursor>) -> Result<Shelved, AppError> {
    let Some(own) = visible(tx) else { return Ok(Shelved { rows: Vec::new(), next: None }) };
    let mut statement = Statement::default();
    statement.say("SELECT products.*, true AS is_open, 0::bigint AS place FROM products WHERE ");
    statement.shelf(shelf, own, after);
    statement.bind(Bind::Count(size + 1));
    Ok(page(statement.load(tx)?, size))
}

/// One page of what a customer may have; it may be short, and yet be followed by another.
///
/// # Errors
/// When the database does not answer.
pub fn eligible(
    tx: &mut ReadTx<'_>,
    shelf: &Shelf,
    customer: Customer,
    size: i64,
    after: Option<&Cursor>,
) -> Result<Shelved, AppError> {
    let Some(own) = visible(tx) else { return Ok(Shelved { rows: Vec::new(), next: None }) };
    let mut statement = Statement::default();
    statement.say("SELECT e.* FROM (SELECT w.*, ");
    statement.is_open(customer);
    statement.say(
        " AS is_open FROM (SELECT products.*, row_number() OVER (ORDER BY products.sort_name, products.id) AS place \
         FROM products WHERE ",
    );
    statement.shelf(shelf, own, after);
    statement.say(&EXAMINED.to_string()).say(") w CROSS JOIN LATERAL (");
    statement.look_up(customer);
    // The last one that is looked at comes along, open or not: there the next page begins.
    statement.say(") d) e WHERE e.is_open OR e.place = ").say(&EXAMINED.to_string());
    statement.say(" ORDER BY e.sort_name, e.id LIMIT ").bind(Bind::Count(size + 1));
    Ok(page(statement.load(tx)?, size))
}

fn page(mut lines: Vec<Line>, size: i64) -> Shelved {
    let more = lines.len() as i64 > size;
    lines.truncate(usize::try_from(size).unwrap_or_default());
    let goes_on = more || lines.last().is_some_and(|line| line.place == EXAMINED);
    let next = lines.last().filter(|_| goes_on).map(|line| cursor(&line.product));
    Shelved { rows: lines.into_iter().filter(|line| line.is_open).map(|line| line.product).collect(), next }
}
