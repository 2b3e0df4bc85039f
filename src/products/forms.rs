//! From what was typed, in a form or a file, to a valid product.

use super::model::{Facts, Kind, LONGEST_CATEGORY, LONGEST_NAME, LONGEST_SKU, Product};
use super::money::{Currency, Price};
use crate::values::{Choice, line, paragraphs};
use crate::web::form::Form;

/// The form of a new product as it is first shown.
pub fn blank(partner: &str) -> Form {
    Form::filled([
        ("partner", partner.to_owned()),
        ("kind", Kind::Product.key().to_owned()),
        ("currency", Currency::default().to_string()),
    ])
}

/// The form of a product as it is stored.
pub fn filled(product: &Product) -> Form {
    let price = product.price();
    Form::filled([
        ("version", product.version.to_string()),
        ("sku", product.sku.clone()),
        ("name", product.name.clone()),
        ("kind", product.kind.key().to_owned()),
        ("category", product.category.clone()),
        ("description", product.description.clone()),
        ("price", price.typed()),
        ("currency", price.currency.to_string()),
    ])
}

/// The whole form, but for partner and image.
///
/// # Errors
/// The form with every error.
pub fn typed(form: &Form) -> Result<Facts, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", |typed| line(typed, LONGEST_NAME));
    let sku = check.field("sku", "SKU", |typed| line(typed, LONGEST_SKU));
    let kind = check.field("kind", "Kind", Kind::parse);
    let category = check.optional("category", "Category", |typed| line(typed, LONGEST_CATEGORY));
    let description = check.optional("description", "Description", paragraphs);
    let currency = check.field("currency", "Currency", Currency::parse);
    let amount = match &currency {
        Some(currency) => check.optional("price", "Price", |typed| currency.amount(typed)),
        None => Some(None),
    };
    check.done(|| {
        let price = Price { currency: currency?, amount: amount? };
        Some(Facts {
            sku: sku?,
            name: name?,
            kind: kind?,
            category: category?.unwrap_or_default(),
            description: description?.unwrap_or_default(),
            price,
        })
    })
}
