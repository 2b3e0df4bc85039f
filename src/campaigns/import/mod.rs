//! Tier assignments from a file: what [`crate::imports`] needs to know of them.
//!
//! An assignment is matched by its campaign, partner, product and first day: two live ones of the same partner or
//! product never begin on the same day, for they would overlap.

pub mod decide;
pub mod fields;
pub mod ground;
pub mod undo;
pub mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::store::AssignmentBefore;
use crate::access::AssignTier;
use crate::activity::{Event, OfferEvent};
use crate::db::ids::{AssignmentId, CampaignId};
use crate::db::{ReadTx, WriteTx};
use crate::imports::file::Table;
use crate::imports::model::{Line, Report};
use crate::imports::{Decided, Happened, Subject, Words};
use crate::web::error::AppError;
use crate::web::page::Nav;
use fields::Field;

/// Tier assignments as a kind of records.
#[derive(Clone, Debug, Default)]
pub struct Assignments;

/// An assignment, and the campaign whose pages show it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as named")]
pub struct Target {
    pub campaign: CampaignId,
    pub assignment: AssignmentId,
}

impl Subject for Assignments {
    type May = AssignTier;
    type Field = Field;
    type Target = Target;
    type Before = AssignmentBefore;
    type Writes = write::Writes;
    type Present = undo::Present;

    const WORDS: &'static Words = &Words {
        kind: "assignments",
        address: "/campaigns/import",
        home: ("/campaigns", "Campaigns"),
        nav: Nav::Campaigns,
        title: "Import tier assignments",
        done: "Assignments imported",
        one: "assignment",
        many: "assignments",
        columns: "campaign, partner, sku, tier, start, expiry, state",
        matched: "Assignments are matched by campaign, partner, SKU and first day:",
        besides: "Without a SKU it is of all the partner’s products. Days are those of the partner’s own zone, the last one \
                  included. Partners have to be linked to their campaign before.",
        by: "campaign, partner, SKU and first day",
        kept: "changed",
        heads: ("Campaign", "Tier"),
        parts: ["campaign", "whose", "tier"],
    };

    fn ready(tx: &mut ReadTx<'_>) -> Result<(), AppError> {
        super::needs_tiers(tx)
    }

    fn event(file: &str, happened: Happened) -> Event {
        let event = match happened {
            Happened::Uploaded => OfferEvent::AssignmentsUploaded,
            Happened::Imported { created, updated, unchanged, refused } => {
                OfferEvent::AssignmentsImported { created, updated, unchanged, refused }
            }
            Happened::Undone { removed, restored, kept } => {
                OfferEvent::AssignmentImportUndone { removed, restored, kept }
            }
        };
        Event::Offer { partner: None, product: None, name: file.to_owned(), event }
    }

    fn decide(
        tx: &mut WriteTx<'_, AssignTier>,
        table: &Table,
        places: &BTreeMap<Field, usize>,
    ) -> Result<Decided<Assignments>, AppError> {
        decide::decide(tx, table, places)
    }

    fn write(
        tx: &mut WriteTx<'_, AssignTier>,
        writes: write::Writes,
        report: &mut Report<Assignments>,
    ) -> Result<Vec<Event>, AppError> {
        write::write(tx, writes, report)
    }

    fn present(tx: &mut WriteTx<'_, AssignTier>, report: &Report<Assignments>) -> Result<undo::Present, AppError> {
        undo::Present::load(tx, report)
    }

    fn take_back(
        tx: &mut WriteTx<'_, AssignTier>,
        present: &mut undo::Present,
        line: &Line<Assignments>,
    ) -> Result<Result<Event, String>, AppError> {
        present.take_back(tx, line)
    }

    fn page(target: Target) -> String {
        format!("{}/partners", super::address(target.campaign))
    }
}
