//! Products from a file: what [`crate::imports`] needs to know of them.

pub mod decide;
pub mod fields;
pub mod undo;

use std::collections::{BTreeMap, HashMap};

use super::model::{Facts, Product};
use crate::access::CreateProduct;
use crate::activity::{Event, OfferEvent};
use crate::db::ids::ProductId;
use crate::db::{ReadTx, WriteTx};
use crate::imports::file::Table;
use crate::imports::model::{Line, Report};
use crate::imports::{Decided, Happened, Subject, Words};
use crate::web::error::AppError;
use crate::web::page::Nav;
use fields::Field;

/// Products as a kind of records.
#[derive(Clone, Debug, Default)]
pub struct Products;

impl Subject for Products {
    type May = CreateProduct;
    type Field = Field;
    type Target = ProductId;
    type Before = Facts;
    type Writes = decide::Writes;
    type Present = HashMap<ProductId, Product>;

    const WORDS: &'static Words = &Words {
        kind: "products",
        address: "/products/import",
        home: ("/products", "Products"),
        nav: Nav::Products,
        title: "Import products",
        done: "Products imported",
        one: "product",
        many: "products",
        columns: "partner, sku, name, kind, category, description, price, currency",
        matched: "Products are matched by partner and SKU:",
        besides: "",
        by: "partner and SKU",
        kept: "changed, assigned or redeemed",
        heads: ("SKU", "Product"),
        parts: ["sku", "partner", "name"],
    };

    fn ready(_: &mut ReadTx<'_>) -> Result<(), AppError> {
        Ok(())
    }

    fn event(file: &str, happened: Happened) -> Event {
        let event = match happened {
            Happened::Uploaded => OfferEvent::ProductsUploaded,
            Happened::Imported { created, updated, unchanged, refused } => {
                OfferEvent::ProductsImported { created, updated, unchanged, refused }
            }
            Happened::Undone { removed, restored, kept } => OfferEvent::ProductImportUndone { removed, restored, kept },
        };
        Event::Offer { partner: None, product: None, name: file.to_owned(), event }
    }

    fn decide(
        tx: &mut WriteTx<'_, CreateProduct>,
        table: &Table,
        places: &BTreeMap<Field, usize>,
    ) -> Result<Decided<Products>, AppError> {
        decide::decide(tx, table, places)
    }

    fn write(
        tx: &mut WriteTx<'_, CreateProduct>,
        writes: decide::Writes,
        report: &mut Report<Products>,
    ) -> Result<Vec<Event>, AppError> {
        decide::write(tx, writes, report)
    }

    fn present(
        tx: &mut WriteTx<'_, CreateProduct>,
        report: &Report<Products>,
    ) -> Result<HashMap<ProductId, Product>, AppError> {
        let ids: Vec<ProductId> = report.rows.iter().filter_map(|line| line.target).collect();
        let products = super::store::find_many(tx, &ids)?;
        Ok(products.into_iter().map(|product| (product.id, product)).collect())
    }

    fn take_back(
        tx: &mut WriteTx<'_, CreateProduct>,
        present: &mut HashMap<ProductId, Product>,
        line: &Line<Products>,
    ) -> Result<Result<Event, String>, AppError> {
        undo::one(tx, line, line.target.and_then(|id| present.get(&id)))
    }

    fn page(target: ProductId) -> String {
        super::address(target)
    }
}
