//! Lists and counts of products.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::visible;
use crate::access::Scope;
use crate::db::ids::{PartnerId, ProductId};
use crate::db::schema::products;
use crate::db::{ReadTx, counted, statement, walked};
use crate::products::model::{Kind, Product, Status};
use crate::web::error::AppError;
use crate::web::listing::{CAP, Cursor, Keyset, Sought, like};

/// Which tier a product asks for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The tier of this precedence, or open to all.
    For(i32),
    /// None: everybody may have it.
    Nothing,
    /// No tier is enough: nothing counts now.
    Closed,
}

impl Asks {
    /// Reads the word of an address.
    pub fn read(word: &str) -> Option<Asks> {
        match word {
            "open" => Some(Asks::Nothing),
            "closed" => Some(Asks::Closed),
            number => number.parse().ok().filter(|precedence| (1..=50).contains(precedence)).map(Asks::For),
        }
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name or SKU.
    pub search: String,
    /// What that finds, where somebody looked.
    pub sought: Sought<ProductId>,
    /// One partner.
    pub partner: Option<PartnerId>,
    /// One kind.
    pub kind: Option<Kind>,
    /// One category, as it is written.
    pub category: String,
    /// One status.
    pub status: Option<Status>,
    /// What is asked for now; ignored while the program does not use tiers.
    pub asks: Option<Asks>,
    /// With an image, or without one.
    pub has_image: Option<bool>,
    /// These only.
    pub ids: Option<Vec<ProductId>>,
    /// Nothing at all: a filter that nobody can fulfil.
    pub impossible: bool,
}

/// The orders a list can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    Name,
    /// By name, last first.
    NameDown,
    /// Longest unchanged first.
    Updated,
    /// Latest change first.
    UpdatedDown,
    /// By currency, and in it by price.
    Price,
    /// The same backwards.
    PriceDown,
}

/// Prices of one currency stand together; without a price first.
const PRICE: &str =
    "((products.currency || ' ' || lpad((coalesce(products.price, -1) + 1)::text, 14, '0')) COLLATE \"C\")";

impl Sort {
    /// Reads the word of an address; anything else is the default.
    pub fn read(word: &str) -> Sort {
        match word {
            "-name" => Sort::NameDown,
            "updated" => Sort::Updated,
            "-updated" => Sort::UpdatedDown,
            "price" => Sort::Price,
            "-price" => Sort::PriceDown,
            _ => Sort::Name,
        }
    }

    fn is_down(self) -> bool {
        matches!(self, Sort::NameDown | Sort::UpdatedDown | Sort::PriceDown)
    }

    fn is_by_moment(self) -> bool {
        matches!(self, Sort::Updated | Sort::UpdatedDown)
    }

    fn column(self) -> &'static str {
        match self {
            Sort::Name | Sort::NameDown => "products.sort_name",
            Sort::Updated | Sort::UpdatedDown => "products.updated_at",
            Sort::Price | Sort::PriceDown => PRICE,
        }
    }

    /// A row's place in this order.
    pub fn cursor(self, product: &Product) -> Cursor {
        let key = match self {
            Sort::Name | Sort::NameDown => product.sort_name.clone(),
            Sort::Updated | Sort::UpdatedDown => product.updated_at.to_rfc3339(),
            Sort::Price | Sort::PriceDown => format!("{} {:014}", product.currency, product.price.unwrap_or(-1) + 1),
        };
        Cursor { key, id: product.id.uuid() }
    }
}

/// The tier that decides now, by the rules of [`crate::campaigns::decision`]: of what counts, the least demanding.
/// The test `s1_11_the_filter_agrees_with_the_decision` holds it to them.
const ASKED: &str = "(SELECT max(t.precedence) FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id \
     JOIN tiers t ON t.id = a.tier_id WHERE a.state = 'live' AND c.state = 'approved' AND a.partner_id = products.partner_id \
     AND (a.product_id = products.id OR (a.product_id IS NULL AND NOT EXISTS (SELECT FROM tier_assignments o \
       WHERE o.product_id = products.id AND o.campaign_id = a.campaign_id AND o.state = 'live'))) AND a.period @> ";

/// Whether something ever decided: its own assignment, or its partner's.
const DECIDED: &str = "(EXISTS (SELECT FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id \
       WHERE a.product_id = products.id AND a.state = 'live' AND c.state IN ('approved', 'paused', 'archived')) \
     OR EXISTS (SELECT FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id WHERE a.partner_id = products.partner_id \
       AND a.product_id IS NULL AND a.state = 'live' AND c.state IN ('approved', 'paused', 'archived')))";

/// Whether customers can have it at all.
const OFFERED: &str = "(products.status = 'active' AND EXISTS (SELECT FROM partners p WHERE p.id = products.partner_id \
     AND p.status = 'active'))";

type Rows = products::BoxedQuery<'static, Pg>;

fn asking(rows: Rows, asks: Asks, now: DateTime<Utc>) -> Rows {
    let asked = || {
        crate::db::sql::<Integer>(ASKED)
            .bind::<Timestamptz, _>(now)
            .sql(" AND c.period @> ")
            .bind::<Timestamptz, _>(now)
            .sql(")")
    };
    let is = |condition: &str| crate::db::sql::<Bool>(condition);
    let rows = rows.filter(is(OFFERED));
    match asks {
        Asks::For(precedence) => rows.filter(is(&format!("NOT {DECIDED}")).or(asked().eq(precedence))),
        Asks::Nothing => rows.filter(is(&format!("NOT {DECIDED}"))),
        Asks::Closed => rows.filter(is(DECIDED)).filter(asked().is_null()),
    }
}

/// The condition of a search, by the expression of products_search_idx, to the letter.
fn searched(rows: products::BoxedQuery<'static, Pg>, filter: &Filter) -> products::BoxedQuery<'static, Pg> {
    let expression = "(products.sku || ' ' || products.name) ILIKE ";
    rows.filter(diesel::dsl::sql::<Bool>(expression).bind::<Text, _>(like(&filter.search)))
}

fn filtered(tx: &ReadTx<'_>, filter: &Filter) -> Rows {
    let mut rows = visible(tx);
    if filter.impossible {
        rows = rows.filter(products::id.ne(products::id));
    }
    if !filter.search.is_empty() {
        rows = match &filter.sought {
            Sought::Few(ids) => rows.filter(products::id.eq_any(ids.clone())),
            _ => searched(rows, filter),
        };
    }
    if let Some(partner) = filter.partner {
        rows = rows.filter(products::partner_id.eq(partner));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(products::kind.eq(kind));
    }
    if !filter.category.is_empty() {
        rows = rows.filter(products::category.eq(filter.category.clone()));
    }
    if let Some(status) = filter.status {
        rows = rows.filter(products::status.eq(status));
    }
    if let Some(has) = filter.has_image {
        rows = match has {
            true => rows.filter(products::image_sha256.is_not_null()),
            false => rows.filter(products::image_sha256.is_null()),
        };
    }
    if let Some(asks) = filter.asks {
        rows = asking(rows, asks, tx.now());
    }
    if let Some(ids) = &filter.ids {
        rows = rows.filter(products::id.eq_any(ids.clone()));
    }
    rows
}

/// Looks up what a filter's search finds, for its list and its count.
///
/// # Errors
/// When the database does not answer.
pub fn sought(tx: &mut ReadTx<'_>, mut filter: Filter) -> Result<Filter, AppError> {
    if !filter.search.is_empty() {
        let found: Vec<ProductId> = filtered(tx, &filter).select(products::id).limit(CAP + 1).load(tx.conn())?;
        filter.sought = Sought::of(found);
    }
    Ok(filter)
}

/// One page.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, sort: Sort, page: &Keyset) -> Result<Vec<Product>, AppError> {
    let mut rows = filtered(tx, filter);
    let down = sort.is_down() != page.backward;
    if let Some(at) = &page.at {
        let compare = format!("({}, products.id) {} (", sort.column(), if down { "<" } else { ">" });
        let compare = crate::db::sql::<Bool>(&compare);
        rows = match (sort.is_by_moment(), at.moment()) {
            (false, _) => {
                rows.filter(compare.bind::<Text, _>(at.key.clone()).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            (true, Some(moment)) => {
                rows.filter(compare.bind::<Timestamptz, _>(moment).sql(", ").bind::<SqlUuid, _>(at.id).sql(")"))
            }
            // A cursor of another order: begin again.
            (true, None) => rows,
        };
    }
    let order = format!("{} {}", sort.column(), if down { "DESC" } else { "ASC" });
    let rows = rows.order(crate::db::sql::<Text>(&order));
    let rows = if down { rows.then_order_by(products::id.desc()) } else { rows.then_order_by(products::id.asc()) };
    let rows = rows.limit(page.limit()).select(Product::as_select());
    Ok(walked(tx.conn(), filter.sought.is_many(), |conn| rows.load(conn))?)
}

/// How many there are, counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<i64, AppError> {
    let some = filtered(tx, filter).select(products::id).limit(CAP + 1);
    Ok(counted(some, tx.conn())?)
}

/// Categories that a list offers at the most.
const MOST_CATEGORIES: i64 = 50;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Categories that are in use, in order; the first fifty.
///
/// # Errors
/// When the database does not answer.
pub fn categories(tx: &mut ReadTx<'_>) -> Result<Vec<String>, AppError> {
    // The same scope as `visible`, as text.
    let (program, own, scope) = match tx.scope() {
        Scope::Everything => return Ok(Vec::new()),
        Scope::Program(program) => (program, None, "program_id = $1"),
        Scope::Partner { program, partner } => (program, Some(partner), "program_id = $1 AND partner_id = $3"),
    };
    // Each is looked for behind the one before it: there are few categories and many products.
    let next =
        format!("SELECT category FROM products WHERE {scope} AND category > last.category ORDER BY category LIMIT 1");
    let found: Vec<Named> = statement(format!(
        "WITH RECURSIVE last AS (SELECT ''::text AS category UNION ALL
           SELECT ({next}) FROM last WHERE last.category IS NOT NULL)
         SELECT category AS name FROM last WHERE category <> '' LIMIT $2"
    ))
    .bind::<SqlUuid, _>(program)
    .bind::<BigInt, _>(MOST_CATEGORIES)
    .bind::<Nullable<SqlUuid>, _>(own)
    .load(tx.conn())?;
    Ok(found.into_iter().map(|one| one.name).collect())
}
