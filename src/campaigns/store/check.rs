//! What is questionable in the whole program, one statement for each kind.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::access::Scope;
use crate::db::ReadTx;
use crate::db::ids::{AssignmentId, CampaignId, ProgramId};
use crate::values::choice;
use crate::web::error::AppError;
use crate::web::listing::CAP;

choice! {
    /// A kind of problem.
    Problem {
        /// Assignments that have no effect.
        TiersOff = "tiers-off" / "Tiers are off while assignments exist",
        /// Two that cannot both be live.
        Overlap = "overlap" / "Drafts that overlap",
        /// Days without a tier.
        Gap = "gap" / "Gaps",
        /// Two campaigns that disagree.
        Tie = "tie" / "Ties between campaigns",
        /// Soon over.
        EndsSoon = "ends-soon" / "Ending within 30 days",
        /// Days that never count.
        Outside = "outside" / "Outside their campaign’s dates",
        /// Nobody takes part.
        NoPartners = "no-partners" / "Campaigns without partners",
        /// Takes part and asks for nothing.
        NoAssignment = "no-assignment" / "Linked partners without an assignment",
        /// Was to be had once, and never again.
        Unavailable = "unavailable" / "Products that are not available any more",
        /// Nothing asks for it.
        UnusedTier = "unused-tier" / "Tiers that nobody asks for",
        /// Its products are withdrawn.
        NotActive = "not-active" / "Partners that are not active in a running campaign",
    }
}

/// One thing that is questionable.
#[derive(QueryableByName, Clone, Debug)]
#[expect(missing_docs, reason = "empty where the problem has none")]
pub struct Found {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub campaign: Option<CampaignId>,
    #[diesel(sql_type = Text)]
    pub campaign_name: String,
    #[diesel(sql_type = Text)]
    pub zone: String,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub partner: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub assignment: Option<AssignmentId>,
    #[diesel(sql_type = Text)]
    pub what: String,
    #[diesel(sql_type = Text)]
    pub other: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub until: Option<DateTime<Utc>>,
}

/// The program that is looked through: a check is for those who see all of it.
fn visible(tx: &ReadTx<'_>) -> Result<ProgramId, AppError> {
    match tx.scope() {
        Scope::Program(program) => Ok(program),
        Scope::Partner { .. } | Scope::Everything => Err(AppError::NotFound),
    }
}

/// The columns of an assignment `a` of campaign `c`, partner `p` and tier `t`, but for the last three.
const OF_ASSIGNMENT: &str = "SELECT c.id AS campaign, c.name AS campaign_name, a.time_zone AS zone, p.code, \
    p.name || coalesce((SELECT ' · ' || name FROM products WHERE id = a.product_id), '') AS partner, a.id AS assignment, \
    t.name || ' (' || t.precedence || ')' AS what";

/// Their tables. $1 is the program, $2 now, $3 how many.
const ASSIGNMENTS: &str = "FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id \
    JOIN partners p ON p.id = a.partner_id JOIN tiers t ON t.id = a.tier_id";

/// What is found is narrowed to at most $3 by keys alone, and only then named: of a million assignments each would be
/// joined with its partner and tier before most are thrown away.
const TO_BE_FOUND: &str = "FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id AND a.program_id = $1";

/// Assignments `few` with their tables, as [`OF_ASSIGNMENT`] wants them.
const FEW: &str = "FROM few JOIN tier_assignments a ON a.id = few.id JOIN campaigns c ON c.id = a.campaign_id \
    JOIN partners p ON p.id = a.partner_id JOIN tiers t ON t.id = a.tier_id";

/// A campaign that can still count.
const OPEN: &str = "c.program_id = $1 AND c.state <> 'archived' AND (c.ends_at IS NULL OR c.ends_at > $2)";

/// The zones that the database knows, read once and only when two zones meet.
const KNOWN: &str = "known AS MATERIALIZED (SELECT name FROM pg_timezone_names)";

/// A campaign's bound as the same day of another zone: the hours by which the days of two zones differ are neither a gap
/// nor outside. An older database may not know a zone; then the bound stays what it is.
fn in_zone(bound: &str, from: &str, to: &str) -> String {
    let unknown = "NOT IN (SELECT name FROM known)";
    format!(
        "CASE WHEN {from} = {to} OR {from} {unknown} OR {to} {unknown} THEN {bound}
           ELSE {bound} AT TIME ZONE {from} AT TIME ZONE {to} END"
    )
}

/// `open` says which campaigns are looked at.
fn statement(problem: Problem, open: &str) -> String {
    match problem {
        Problem::TiersOff => "SELECT NULL::uuid AS campaign, '' AS campaign_name, 'UTC' AS zone, '' AS code, '' AS partner,
              NULL::uuid AS assignment, '' AS what, '' AS other, NULL::timestamptz AS \"from\", NULL::timestamptz AS until
            FROM programs WHERE id = $1 AND NOT tiers_enabled AND EXISTS (SELECT FROM tier_assignments a
              WHERE a.program_id = $1 AND a.state = 'live' AND (a.ends_at IS NULL OR a.ends_at > $2)) LIMIT $3"
            .into(),
        Problem::Overlap => format!(
            "WITH few AS MATERIALIZED (SELECT a.id, o.id AS second, a.period * o.period AS days {TO_BE_FOUND}
                JOIN tier_assignments o ON o.campaign_id = a.campaign_id AND o.partner_id = a.partner_id
                  AND o.product_id IS NOT DISTINCT FROM a.product_id AND o.id <> a.id AND o.period && a.period
                  AND (o.state = 'live' OR o.id > a.id)
                WHERE {open} AND a.state = 'draft' ORDER BY a.id, o.id LIMIT $3)
            {OF_ASSIGNMENT}, CASE o.state WHEN 'draft' THEN 'another draft' ELSE 'a live one' END AS other,
              lower(few.days) AS \"from\", upper(few.days) AS until
            {FEW} JOIN tier_assignments o ON o.id = few.second ORDER BY a.id, o.id"
        ),
        Problem::Gap => format!(
            "WITH {KNOWN} SELECT x.id AS campaign, x.name AS campaign_name, x.time_zone AS zone, p.code, p.name AS partner, NULL::uuid AS assignment,
              '' AS what, '' AS other, lower(hole) AS \"from\", upper(hole) AS until
            FROM (SELECT c.id, c.name, o.time_zone, a.partner_id,
                  tstzmultirange(c.period * tstzrange($2, NULL) * tstzrange({starts}, {ends})) - range_agg(a.period) AS holes
                FROM campaigns c JOIN tier_assignments a ON a.campaign_id = c.id JOIN partners o ON o.id = a.partner_id
                WHERE {open} AND a.state = 'live' AND a.product_id IS NULL GROUP BY c.id, o.id, a.partner_id) x
              JOIN partners p ON p.id = x.partner_id CROSS JOIN LATERAL unnest(x.holes) AS hole
            WHERE EXISTS (SELECT FROM products WHERE partner_id = p.id AND status = 'active')
            ORDER BY 9, p.sort_name, x.id LIMIT $3",
            starts = in_zone("c.starts_at", "c.time_zone", "o.time_zone"),
            ends = in_zone("c.ends_at", "c.time_zone", "o.time_zone"),
        ),
        Problem::Tie => format!(
            "WITH few AS MATERIALIZED (SELECT a.id, o.id AS second, a.period * o.period * c.period * oc.period AS days {TO_BE_FOUND}
                JOIN tier_assignments o ON o.partner_id = a.partner_id AND o.product_id IS NOT DISTINCT FROM a.product_id
                  AND o.id > a.id AND o.campaign_id <> a.campaign_id AND o.tier_id <> a.tier_id AND o.period && a.period
                JOIN campaigns oc ON oc.id = o.campaign_id
                WHERE {open} AND c.state = 'approved' AND oc.state = 'approved' AND a.state = 'live' AND o.state = 'live'
                  AND (a.ends_at IS NULL OR a.ends_at > $2) AND (o.ends_at IS NULL OR o.ends_at > $2)
                  AND NOT isempty(a.period * o.period * c.period * oc.period * tstzrange($2, NULL))
                ORDER BY a.id, o.id LIMIT $3)
            {OF_ASSIGNMENT}, oc.name || ' asks for ' || ot.name || ' (' || ot.precedence || ')' AS other,
              lower(few.days) AS \"from\", upper(few.days) AS until
            {FEW} JOIN tier_assignments o ON o.id = few.second JOIN campaigns oc ON oc.id = o.campaign_id
              JOIN tiers ot ON ot.id = o.tier_id ORDER BY a.id, o.id"
        ),
        Problem::EndsSoon => format!(
            "{OF_ASSIGNMENT}, '' AS other, a.starts_at AS \"from\", a.ends_at AS until {ASSIGNMENTS}
            WHERE {open} AND c.state IN ('approved', 'paused') AND a.state = 'live' AND a.ends_at > $2
              AND a.ends_at <= $2 + interval '30 days' ORDER BY a.ends_at, a.id LIMIT $3"
        ),
        Problem::Outside => format!(
            "WITH {KNOWN}, few AS MATERIALIZED (SELECT a.id {TO_BE_FOUND}
                WHERE {open} AND NOT a.period <@ c.period AND (a.ends_at IS NULL OR a.ends_at > $2)
                  AND (a.starts_at < {starts} OR a.ends_at > {ends} OR NOT a.period && c.period)
                ORDER BY a.starts_at, a.id LIMIT $3)
            {OF_ASSIGNMENT}, '' AS other, a.starts_at AS \"from\", a.ends_at AS until {FEW} ORDER BY a.starts_at, a.id",
            starts = in_zone("c.starts_at", "c.time_zone", "a.time_zone"),
            ends = in_zone("c.ends_at", "c.time_zone", "a.time_zone"),
        ),
        Problem::NoPartners => format!(
            "SELECT c.id AS campaign, c.name AS campaign_name, c.time_zone AS zone, '' AS code, '' AS partner, NULL::uuid AS assignment,
              '' AS what, '' AS other, c.starts_at AS \"from\", c.ends_at AS until
            FROM campaigns c WHERE {open} AND NOT EXISTS (SELECT FROM campaign_partners WHERE campaign_id = c.id)
            ORDER BY c.starts_at, c.id LIMIT $3"
        ),
        Problem::NoAssignment => format!(
            "WITH few AS MATERIALIZED (SELECT c.id, l.partner_id FROM campaigns c JOIN campaign_partners l ON l.campaign_id = c.id
                WHERE {open} AND NOT EXISTS (SELECT FROM tier_assignments WHERE campaign_id = c.id AND partner_id = l.partner_id)
                ORDER BY c.starts_at, c.id, l.partner_id LIMIT $3)
            SELECT c.id AS campaign, c.name AS campaign_name, c.time_zone AS zone, p.code, p.name AS partner, NULL::uuid AS assignment,
              '' AS what, '' AS other, c.starts_at AS \"from\", c.ends_at AS until
            FROM few JOIN campaigns c ON c.id = few.id JOIN partners p ON p.id = few.partner_id ORDER BY c.starts_at, c.id, p.sort_name"
        ),
        Problem::Unavailable => "SELECT NULL::uuid AS campaign, '' AS campaign_name, p.time_zone AS zone, p.code, p.name AS partner,
              NULL::uuid AS assignment, r.name AS what, '' AS other, NULL::timestamptz AS \"from\", NULL::timestamptz AS until
            FROM products r JOIN partners p ON p.id = r.partner_id
            WHERE r.program_id = $1 AND r.status = 'active'
              AND EXISTS (SELECT FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id
                WHERE a.partner_id = p.id AND (a.product_id IS NULL OR a.product_id = r.id) AND a.state = 'live'
                  AND c.state IN ('approved', 'paused', 'archived'))
              AND NOT EXISTS (SELECT FROM tier_assignments a JOIN campaigns c ON c.id = a.campaign_id
                WHERE a.partner_id = p.id AND (a.product_id IS NULL OR a.product_id = r.id) AND a.state = 'live'
                  AND c.state IN ('approved', 'paused') AND NOT isempty(a.period * c.period * tstzrange($2, NULL)))
            ORDER BY p.sort_name, r.sort_name, r.id LIMIT $3"
            .into(),
        Problem::UnusedTier => "SELECT NULL::uuid AS campaign, '' AS campaign_name, 'UTC' AS zone, '' AS code, '' AS partner,
              NULL::uuid AS assignment, t.name || ' (' || t.precedence || ')' AS what, '' AS other,
              NULL::timestamptz AS \"from\", NULL::timestamptz AS until
            FROM tiers t WHERE t.program_id = $1 AND NOT EXISTS (SELECT FROM tier_assignments a WHERE a.tier_id = t.id
              AND a.state = 'live' AND (a.ends_at IS NULL OR a.ends_at > $2)) ORDER BY t.precedence LIMIT $3"
            .into(),
        Problem::NotActive => format!(
            "SELECT c.id AS campaign, c.name AS campaign_name, c.time_zone AS zone, p.code, p.name AS partner, NULL::uuid AS assignment,
              p.status AS what, '' AS other, c.starts_at AS \"from\", c.ends_at AS until
            FROM campaigns c JOIN campaign_partners l ON l.campaign_id = c.id JOIN partners p ON p.id = l.partner_id
            WHERE {open} AND c.state = 'approved' AND c.starts_at <= $2 AND p.status <> 'active'
            ORDER BY p.sort_name, c.starts_at, c.id LIMIT $3"
        ),
    }
}

/// Whether a problem is there only while the program has tiers.
fn is_of_tiers(problem: Problem) -> bool {
    !matches!(problem, Problem::TiersOff | Problem::NoPartners | Problem::NotActive)
}

/// The problems of a kind, at most so many.
///
/// # Errors
/// When the database does not answer.
pub fn found(tx: &mut ReadTx<'_>, problem: Problem, most: i64) -> Result<Vec<Found>, AppError> {
    let (program, now) = (visible(tx)?, tx.now());
    let (tiers_on, _) = super::tiers_on(tx)?;
    if is_of_tiers(problem) && !tiers_on {
        return Ok(Vec::new());
    }
    Ok(diesel::sql_query(statement(problem, OPEN))
        .bind::<SqlUuid, _>(program)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(most)
        .load(tx.conn())?)
}

/// What one campaign can be left with.
const OF_CAMPAIGN: [Problem; 7] = [
    Problem::Overlap,
    Problem::Gap,
    Problem::Tie,
    Problem::Outside,
    Problem::NoPartners,
    Problem::NoAssignment,
    Problem::NotActive,
];

/// How many problems a campaign that was found in scope has now, each kind counted to [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count_of(tx: &mut ReadTx<'_>, campaign: CampaignId) -> Result<i32, AppError> {
    let (program, now) = (visible(tx)?, tx.now());
    let (tiers_on, _) = super::tiers_on(tx)?;
    let open = format!("{OPEN} AND c.id = $4");
    let mut count = 0;
    for problem in OF_CAMPAIGN.into_iter().filter(|problem| tiers_on || !is_of_tiers(*problem)) {
        let found: Vec<Found> = diesel::sql_query(statement(problem, &open))
            .bind::<SqlUuid, _>(program)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(CAP)
            .bind::<SqlUuid, _>(campaign)
            .load(tx.conn())?;
        count += found.len() as i32;
    }
    Ok(count)
}

/// How well campaigns were set up since a moment.
#[derive(QueryableByName, Clone, Debug)]
pub struct Measured {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub campaigns: i64,
    /// Seconds from creation until they were submitted or started: half took longer.
    #[diesel(sql_type = Double)]
    pub median: f64,
    /// Problems that were put right before they were saved.
    #[diesel(sql_type = BigInt)]
    pub caught: i64,
    /// Problems that were left when they were submitted or started.
    #[diesel(sql_type = BigInt)]
    pub left_over: i64,
    /// How many were left without any.
    #[diesel(sql_type = BigInt)]
    pub clean: i64,
}

/// The measures of the campaigns that were set up since a moment.
///
/// # Errors
/// When the database does not answer.
pub fn measured(tx: &mut ReadTx<'_>, since: DateTime<Utc>) -> Result<Measured, AppError> {
    let program = visible(tx)?;
    Ok(diesel::sql_query(
        "SELECT count(*) AS campaigns, coalesce(sum(caught), 0)::bigint AS caught, coalesce(sum(left_over), 0)::bigint AS left_over,
           count(*) FILTER (WHERE left_over = 0) AS clean,
           coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM set_up_at - created_at)::float8), 0) AS median
         FROM campaigns WHERE program_id = $1 AND set_up_at >= $2",
    )
    .bind::<SqlUuid, _>(program)
    .bind::<Timestamptz, _>(since)
    .get_result(tx.conn())?)
}
