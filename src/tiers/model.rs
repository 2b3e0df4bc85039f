//! What a tier is. No SQL, no HTTP, no clock.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::activity::FieldChange;
use crate::db::ids::TierId;
use crate::db::schema::tiers;

/// Tiers in a program at the most.
pub const MOST: usize = 50;

/// A stored tier.
#[derive(Queryable, Selectable, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = tiers)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Tier {
    pub id: TierId,
    pub name: String,
    pub precedence: i32,
    pub description: String,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub updated_by_name: String,
}

impl Tier {
    /// "2 Silver": with its precedence, as every list names it.
    pub fn label(&self) -> String {
        label(self.precedence, &self.name)
    }

    /// What can be edited of it.
    pub fn facts(&self) -> Facts {
        Facts { name: self.name.clone(), description: self.description.clone() }
    }
}

/// "2 Silver".
pub fn label(precedence: i32, name: &str) -> String {
    format!("{precedence} {name}")
}

/// The name of the tier with a precedence, behind it; the number alone when there is none any more.
pub fn named(tiers: &[Tier], precedence: i32) -> String {
    let found = tiers.iter().find(|tier| tier.precedence == precedence);
    found.map_or_else(|| format!("precedence {precedence}"), Tier::label)
}

/// What can be edited, but for the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Shown.
    pub name: String,
    /// What it takes and brings.
    pub description: String,
}

impl Facts {
    /// Fields that differ, by their labels.
    pub fn changes(&self, after: &Facts) -> Vec<FieldChange> {
        [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Description", &self.description, &after.description),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A campaign whose assignments name a tier, with how many do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The campaign.
    pub campaign: crate::db::ids::CampaignId,
    /// Its name.
    pub name: String,
    /// Its assignments that name the tier.
    pub count: i64,
}
