//! Tiers of the demo's first program, and what its partners offer.

use super::story::{Known, grant, person};
use super::{Stage, told};
use crate::access::{CreateProduct, UpdateProduct, UpdateProgram, UpdateTiers};
use crate::partners::store as partners;
use crate::products::model::{Facts, Kind, Move};
use crate::products::money::{Currency, Price};
use crate::products::{edit, status, store as products};
use crate::programs::store as programs;
use crate::tiers::{handlers as tiers, model, store as tier_store};
use crate::web::error::AppError;

const ANA: &str = "ana.ferreira@solstice.example";
const DELE: &str = "dele.martins@solstice.example";

/// The highest first.
const TIERS: &[(&str, &str)] = &[
    ("Platinum", "From 100,000 points a year, or by invitation."),
    ("Gold", "From 50,000 points a year."),
    ("Silver", "From 20,000 points a year."),
    ("Member", "Everybody who joins."),
];

/// A product: its partner, SKU, name, category, price in its currency.
type Line = (&'static str, &'static str, &'static str, &'static str, (&'static str, &'static str));

use Kind::{Product, Service};

const PRODUCTS: &[(Kind, Line)] = &[
    (Service, ("KESTREL", "KC-UPG-WE", "Weekend Gold Upgrade", "Car rental", ("9000", "points"))),
    (Service, ("KESTREL", "KC-DAY-CMP", "Free Day, Compact Car", "Car rental", ("14000", "points"))),
    (Service, ("KESTREL", "KC-ADD-DRV", "Additional Driver", "Extras", ("12.50", "EUR"))),
    (Service, ("KESTREL", "KC-WIN-KIT", "Winter Tyres and Chains", "Extras", ("3500", "points"))),
    (Service, ("SHINONOME", "SH-NGT-STD", "東雲スタンダード 1泊 (One night)", "Hotel nights", ("18000", "JPY"))),
    (Service, ("SHINONOME", "SH-RYO-NGT", "Ryokan Night", "Hotel nights", ("12000", "points"))),
    (Service, ("SHINONOME", "SH-BRK", "朝食 (Breakfast)", "Extras", ("2800", "JPY"))),
    (Service, ("LEMAN", "BL-LOUNGE", "Airport Lounge Pass", "Travel", ("6500", "points"))),
    (Service, ("LEMAN", "BL-CONC", "Concierge, One Year", "Banking", ("480.00", "CHF"))),
    (Service, ("HARVEST", "HH-DOUBLE", "Grocery Double Miles", "Groceries", ("2500", "points"))),
    (Product, ("HARVEST", "HH-CARD-25", "Gift Card, 25 Dollars", "Gift cards", ("25.00", "USD"))),
    (Product, ("HARVEST", "HH-TURKEY", "Holiday Turkey", "Groceries", ("7200", "points"))),
    (Product, ("ATHENA", "AB-3FOR2", "Three Books for Two", "Books", ("3000", "points"))),
    (Service, ("MERIDIAN", "MA-UPG-SH", "Cabin Upgrade, Short Haul", "Flights", ("15000", "points"))),
    (Service, ("MERIDIAN", "MA-UPG-LH", "Cabin Upgrade, Long Haul", "Flights", ("45000", "points"))),
    (Service, ("MERIDIAN", "MA-BAG", "Extra Bag", "Flights", ("35.00", "USD"))),
    (Service, ("NORDLYS", "NB-WELCOME", "Card Welcome Bonus", "Banking", ("5000", "points"))),
    (Service, ("OEUSF", "OU-DONAU", "Danube Day Ferry", "Cruises", ("39.90", "EUR"))),
    (Service, ("SOLTRAVEL", "ST-CITY", "City Weekend, Two Nights", "Travel", ("38000", "points"))),
    (Product, ("SOLCARDS", "SC-METAL", "Metal Card", "Banking", ("20000", "points"))),
];

/// Tiers are switched on, and products entered, by the people who would.
pub fn tell(stage: &Stage, known: &Known) -> anyhow::Result<()> {
    let (ana, dele) = (person(known, ANA), person(known, DELE));
    stage.at(290, 60);
    let switch = grant::<UpdateProgram>(stage, ana)?;
    stage
        .db
        .write_now(&switch, |tx| {
            let program = programs::current(tx)?;
            let settings = crate::programs::model::Settings { tiers: true, ..program.settings() };
            programs::update(tx, program.version, &settings)
        })
        .map_err(told)?;
    for (place, (name, description)) in (1i32..).zip(TIERS) {
        stage.at(289, 60 + i64::from(place));
        let order = grant::<UpdateTiers>(stage, dele)?;
        let facts = model::Facts { name: (*name).into(), description: (*description).into() };
        let made = |tx: &mut crate::db::WriteTx<'_, UpdateTiers>| {
            let present = tier_store::lock(tx)?;
            tiers::created(tx, &present, &facts, place)
        };
        stage.db.write_now(&order, made).map_err(told)?;
    }
    for (order, (kind, line)) in (0i64..).zip(PRODUCTS) {
        stage.at(58 - order, 150 + order);
        let make = grant::<CreateProduct>(stage, dele)?;
        let entered = |tx: &mut crate::db::WriteTx<'_, CreateProduct>| {
            let partner = partners::find(tx, line.0)?;
            edit::made(tx, &partner, &facts(*kind, *line)?, None)
        };
        stage.db.write_now(&make, entered).map_err(told)?;
    }
    stage.at(30, 100);
    let change = grant::<UpdateProduct>(stage, dele)?;
    let over = |tx: &mut crate::db::WriteTx<'_, UpdateProduct>| {
        let partner = partners::find(tx, "HARVEST")?;
        let found = products::by_sku(tx, &[partner.id])?.remove(&(partner.id, "hh-turkey".to_owned()));
        let product = found.ok_or(AppError::NotFound)?;
        status::moved(tx, &product, product.version, Move::Archive, "Only around the holidays.")
    };
    stage.db.write_now(&change, over).map_err(told)
}

fn facts(kind: Kind, (_, sku, name, category, (price, currency)): Line) -> Result<Facts, AppError> {
    let currency = super::story::read(Currency::parse(currency))?;
    let amount = Some(super::story::read(currency.amount(price))?);
    Ok(Facts {
        sku: sku.into(),
        name: name.into(),
        kind,
        category: category.into(),
        description: String::new(),
        price: Price { currency, amount },
    })
}
