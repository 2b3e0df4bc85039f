//! What a file can say of a tier assignment.

use serde::{Deserialize, Serialize};

use crate::campaigns::model::{AssignmentState, Standing, TierLine};
use crate::imports::plan::Column;
use crate::values::{Choice, Refused, shown};

/// A field that a file can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as the form has them")]
pub enum Field {
    Campaign,
    Partner,
    Sku,
    Tier,
    Start,
    Expiry,
    State,
}

impl Choice for Field {
    const ALL: &'static [Field] =
        &[Field::Campaign, Field::Partner, Field::Sku, Field::Tier, Field::Start, Field::Expiry, Field::State];

    fn key(self) -> &'static str {
        match self {
            Field::Campaign => "campaign",
            Field::Partner => "partner",
            Field::Sku => "sku",
            Field::Tier => "tier",
            Field::Start => "start",
            Field::Expiry => "expiry",
            Field::State => "state",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Field::Campaign => "Campaign’s code",
            Field::Partner => "Partner’s code",
            Field::Sku => "SKU",
            Field::Tier => "Tier",
            Field::Start => "First day",
            Field::Expiry => "Last day",
            Field::State => "State",
        }
    }
}

impl Column for Field {
    fn hint(self) -> &'static str {
        match self {
            Field::Campaign => "Its code, as in WINTER-26.",
            Field::Partner => "It has to be linked to the campaign.",
            Field::Sku => "Of one product. Empty: of all the partner’s products.",
            Field::Tier => "The tier’s name, or its precedence; 1 is the highest.",
            Field::Start => "As 2026-12-31, in the partner’s zone.",
            Field::Expiry => "Included. An empty cell means no end.",
            Field::State => "draft or live; new ones are live when nothing else is said.",
        }
    }

    fn headings(self) -> &'static [&'static str] {
        match self {
            Field::Campaign => &["campaign", "campaign code", "campaign_code"],
            Field::Partner => &["partner", "partner code", "partner_code"],
            Field::Sku => &["sku", "article", "product sku"],
            Field::Tier => &["tier", "tier name", "tier_precedence", "precedence"],
            Field::Start => &["start", "first_day", "first day", "from", "start date", "start_date"],
            Field::Expiry => &["expiry", "last_day", "last day", "end", "until", "expiry date", "expiry_date"],
            Field::State => &["state", "status"],
        }
    }

    fn needed() -> &'static [Field] {
        &[Field::Campaign, Field::Partner, Field::Tier, Field::Start]
    }

    fn is_partner(self) -> bool {
        self == Field::Partner
    }
}

/// A tier by its name, its precedence, or both.
///
/// # Errors
/// With the tiers to choose from.
pub fn tier<'a>(tiers: &'a [TierLine], typed: &str) -> Result<&'a TierLine, Refused> {
    let is_it = |tier: &&TierLine| {
        tier.name.to_lowercase() == typed.to_lowercase()
            || tier.precedence.to_string() == typed
            || tier.words() == typed
    };
    tiers.iter().find(is_it).ok_or_else(|| {
        let known: Vec<String> = tiers.iter().map(TierLine::words).collect();
        match known.is_empty() {
            true => "There are no tiers yet. Make one first.".into(),
            false => format!("“{}” is not one of {}.", shown(typed), known.join(", ")),
        }
    })
}

/// Draft or live; an export says where a live one stands by its dates.
///
/// # Errors
/// With the words to choose from.
pub fn state(typed: &str) -> Result<AssignmentState, Refused> {
    let typed = typed.to_lowercase();
    match Standing::from_key(&typed) {
        Some(Standing::Draft) => Ok(AssignmentState::Draft),
        Some(_) => Ok(AssignmentState::Live),
        None => AssignmentState::parse(&typed),
    }
}
