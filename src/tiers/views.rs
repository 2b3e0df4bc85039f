//! Pages of tiers.

use askama::Template;

use super::model::{Tier, Use};
use super::store::Reach;
use crate::access::{Actor, UpdateTiers};
use crate::partners::views::may;
use crate::web::form::Form;
use crate::web::listing::{counted, exactly};
use crate::web::time::When;

/// What is shown while the program does not use tiers.
#[derive(Template)]
#[template(path = "tiers/off.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct OffPage {
    pub title: &'static str,
    pub who: &'static str,
    pub can_switch: bool,
}

impl OffPage {
    /// For a page with this heading.
    pub fn new(title: &'static str, actor: &Actor) -> OffPage {
        OffPage { title, who: super::who_switches(actor), can_switch: may::<crate::access::UpdateProgram>(actor) }
    }
}

/// A line of the list.
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub tier: Tier,
    pub address: String,
    /// How many assignments name it; said to hosts.
    pub uses: String,
    pub updated: When,
    pub is_first: bool,
    pub is_last: bool,
}

/// The ordered list, with the form for a new one.
#[derive(Template)]
#[template(path = "tiers/index.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub rows: Vec<Row>,
    pub form: Form,
    pub can_update: bool,
    pub sees_uses: bool,
    pub is_full: bool,
}

impl IndexPage {
    /// The places that a new one can have.
    fn places(&self) -> Vec<(String, String)> {
        let last = self.rows.len() + 1;
        (1..=last)
            .map(|place| {
                let end = match place {
                    _ if last == 1 => String::new(),
                    1 => ", the highest".into(),
                    place if place == last => ", the lowest".into(),
                    place => {
                        self.rows.get(place - 1).map(|row| format!(", above {}", row.tier.name)).unwrap_or_default()
                    }
                };
                (place.to_string(), format!("{place}{end}"))
            })
            .collect()
    }
}

/// One tier, to be changed.
#[derive(Template)]
#[template(path = "tiers/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub tier: Tier,
    pub form: Form,
    pub notice: Option<String>,
    pub uses: Vec<Use>,
    pub saved: When,
}

impl FormPage {
    fn address(&self) -> String {
        super::address(self.tier.id)
    }

    fn total(&self) -> String {
        total(&self.uses)
    }

    /// After somebody was faster: what is stored now where it differs from what was typed.
    pub fn compare(&mut self, text: &str) {
        let stored = super::forms::filled(&self.tier);
        let differing: Vec<String> = [("name", "Name"), ("description", "Description")]
            .into_iter()
            .filter(|(field, _)| self.form.value(field) != stored.value(field))
            .map(|(field, label)| format!("{label} is “{}” now", stored.value(field)))
            .collect();
        let kept = format!("{text} Your entries are kept below: compare, then save again.");
        self.notice = Some(if differing.is_empty() { kept } else { format!("{kept} {}.", differing.join("; ")) });
        self.form.set("version", &self.tier.version.to_string());
    }
}

/// Why a tier cannot be removed: what names it.
#[derive(Template)]
#[template(path = "tiers/named.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct NamedPage {
    pub tier: Tier,
    pub uses: Vec<Use>,
}

impl NamedPage {
    fn address(&self) -> String {
        super::address(self.tier.id)
    }

    fn total(&self) -> String {
        total(&self.uses)
    }

    fn is_one(&self) -> bool {
        self.uses.iter().map(|one| one.count).sum::<i64>() == 1
    }
}

/// "3 assignments".
pub fn total(uses: &[Use]) -> String {
    exactly(uses.iter().map(|one| one.count).sum(), "assignment", "assignments")
}

/// How many assignments name a tier, in words.
pub fn named_by(count: i64) -> String {
    if count == 0 { "no assignment".into() } else { counted(count, "assignment", "assignments") }
}

/// Whether a person may change tiers.
pub fn can_update(actor: &Actor) -> bool {
    may::<UpdateTiers>(actor)
}

/// What the program's switch does when it is thrown now: what stops having effect, or begins to.
pub fn switch_hint(on: bool, reach: Reach) -> String {
    let live = if reach.live == 0 {
        "no live assignment".into()
    } else {
        counted(reach.live, "live assignment", "live assignments")
    };
    let tiers = if reach.tiers == 0 { "no tier".into() } else { counted(reach.tiers, "tier", "tiers") };
    let products = if reach.products == 0 {
        "no product".into()
    } else {
        counted(reach.products, "active product", "active products")
    };
    match on {
        true => format!(
            "Tiers decide which products a customer sees and may redeem. Switched off, {live} would have no effect any \
             more, the tier pages would go, and each of {products} would be open to all. Nothing is deleted."
        ),
        false => format!(
            "Tiers decide which products a customer sees and may redeem. They are off: no tier screens, no tier effects. \
             Switched on, {tiers} and {live} would have effect at once; products without an assignment stay open to all."
        ),
    }
}
