//! All SQL of tiers.

use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::model::{Facts, Tier, Use};
use crate::access::{Permission, Scope};
use crate::db::ids::{AssignmentId, CampaignId, ProductId, ProgramId, TierId};
use crate::db::schema::{campaigns, products, programs, tier_assignments, tiers};
use crate::db::{ReadTx, WriteTx, all_counted};
use crate::web::error::AppError;
use crate::web::form::FieldError;
use crate::web::listing::{CAP, like};

/// The tiers that a person may see: their program's.
fn visible(tx: &ReadTx<'_>) -> tiers::BoxedQuery<'static, Pg> {
    let rows = tiers::table.into_boxed();
    match tx.scope() {
        // Without a program open there are none to be seen.
        Scope::Everything => rows.filter(tiers::id.ne(tiers::id)),
        Scope::Program(program) | Scope::Partner { program, .. } => rows.filter(tiers::program_id.eq(program)),
    }
}

/// All tiers of the program, the highest first.
///
/// # Errors
/// When the database does not answer.
pub fn list(tx: &mut ReadTx<'_>) -> Result<Vec<Tier>, AppError> {
    Ok(visible(tx).order((tiers::precedence, tiers::id)).select(Tier::as_select()).load(tx.conn())?)
}

/// One tier by its id, as it stands in an address.
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub fn find(tx: &mut ReadTx<'_>, id: &str) -> Result<Tier, AppError> {
    let id: TierId = id.parse().map_err(|_| AppError::NotFound)?;
    Ok(visible(tx).filter(tiers::id.eq(id)).select(Tier::as_select()).first(tx.conn())?)
}

/// The first tiers whose name has the words.
///
/// # Errors
/// When the database does not answer.
pub fn named(tx: &mut ReadTx<'_>, words: &str, most: i64) -> Result<Vec<Tier>, AppError> {
    Ok(visible(tx)
        .filter(tiers::name.ilike(like(words)))
        .order((tiers::precedence, tiers::id))
        .limit(most)
        .select(Tier::as_select())
        .load(tx.conn())?)
}

/// The campaigns whose assignments name a tier that was found in scope; the most first, at most fifty.
///
/// # Errors
/// When the database does not answer.
pub fn uses(tx: &mut ReadTx<'_>, tier: &Tier) -> Result<Vec<Use>, AppError> {
    let rows: Vec<(CampaignId, String, i64)> = tier_assignments::table
        .inner_join(campaigns::table.on(campaigns::id.eq(tier_assignments::campaign_id)))
        .filter(tier_assignments::tier_id.eq(tier.id))
        .group_by((campaigns::id, campaigns::name))
        .order((count_star().desc(), campaigns::id))
        .limit(50)
        .select((campaigns::id, campaigns::name, count_star()))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(campaign, name, count)| Use { campaign, name, count }).collect())
}

/// How many assignments name some tiers that were found in scope, each counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn counts(tx: &mut ReadTx<'_>, tiers: &[Tier]) -> Result<Vec<(TierId, i64)>, AppError> {
    let of = |tier: &Tier| tier_assignments::table.filter(tier_assignments::tier_id.eq(tier.id));
    let each: Vec<_> = tiers.iter().map(|tier| of(tier).select(tier_assignments::id).limit(CAP + 1)).collect();
    Ok(tiers.iter().map(|tier| tier.id).zip(all_counted(each, tx.conn())?).collect())
}

/// What the program's switch decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Tiers.
    pub tiers: i64,
    /// Live assignments that count now or later, in campaigns that run; counted to one more than [`CAP`].
    pub live: i64,
    /// Active products; counted the same.
    pub products: i64,
}

/// What switching tiers on or off has an effect on.
///
/// # Errors
/// When the database does not answer.
pub fn reach(tx: &mut ReadTx<'_>) -> Result<Reach, AppError> {
    let now = tx.now();
    let own: Vec<(TierId, ProgramId)> = visible(tx).select((tiers::id, tiers::program_id)).load(tx.conn())?;
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let live: Vec<AssignmentId> = tier_assignments::table
        .inner_join(campaigns::table.on(campaigns::id.eq(tier_assignments::campaign_id)))
        .filter(tier_assignments::program_id.eq(program).and(tier_assignments::state.eq("live")))
        .filter(tier_assignments::ends_at.is_null().or(tier_assignments::ends_at.gt(now)))
        .filter(campaigns::state.eq("approved"))
        .filter(campaigns::ends_at.is_null().or(campaigns::ends_at.gt(now)))
        .select(tier_assignments::id)
        .limit(CAP + 1)
        .load(tx.conn())?;
    let products: Vec<ProductId> = products::table
        .filter(products::program_id.eq(program).and(products::status.eq("active")))
        .select(products::id)
        .limit(CAP + 1)
        .load(tx.conn())?;
    Ok(Reach { tiers: own.len() as i64, live: live.len() as i64, products: products.len() as i64 })
}

/// Locks the order of the program's tiers until the end of the transaction, and gives it.
///
/// # Errors
/// When the database does not answer.
pub fn lock<P: Permission>(tx: &mut WriteTx<'_, P>) -> Result<Vec<Tier>, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    programs::table.find(program).for_no_key_update().select(programs::id).first::<ProgramId>(tx.conn())?;
    list(tx)
}

fn mapped(error: DieselError) -> AppError {
    if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &error
        && info.constraint_name() == Some("tiers_name_key")
    {
        return AppError::Invalid(vec![FieldError::new(
            "name",
            "Name",
            "The program has a tier of this name. Choose another.",
        )]);
    }
    error.into()
}

/// Stores a new tier; its place is free.
///
/// # Errors
/// [`AppError::Invalid`] when the name is taken.
pub fn insert<P: Permission>(tx: &mut WriteTx<'_, P>, facts: &Facts, precedence: i32) -> Result<TierId, AppError> {
    let (id, now, by) = (TierId::new(), tx.now(), tx.actor().name().to_owned());
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    diesel::insert_into(tiers::table)
        .values((
            tiers::id.eq(id),
            tiers::program_id.eq(program),
            tiers::name.eq(&facts.name),
            tiers::precedence.eq(precedence),
            tiers::description.eq(&facts.description),
            tiers::updated_at.eq(now),
            tiers::updated_by_name.eq(by),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    Ok(id)
}

/// Saves an edit, if the tier is still at the version that was seen.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster, [`AppError::Invalid`] when the name is taken.
pub fn save<P: Permission>(tx: &mut WriteTx<'_, P>, id: TierId, seen: i32, facts: &Facts) -> Result<(), AppError> {
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    let saved = diesel::update(tiers::table.filter(tiers::id.eq(id).and(tiers::version.eq(seen))))
        .set((
            tiers::name.eq(&facts.name),
            tiers::description.eq(&facts.description),
            tiers::version.eq(seen + 1),
            tiers::updated_at.eq(now),
            tiers::updated_by_name.eq(by),
        ))
        .execute(tx.conn())
        .map_err(mapped)?;
    if saved == 1 { Ok(()) } else { Err(stale(tx, id)) }
}

/// The conflict of a stale edit: who was faster.
pub fn stale(tx: &mut ReadTx<'_>, id: TierId) -> AppError {
    let found: Result<Tier, DieselError> =
        visible(tx).filter(tiers::id.eq(id)).select(Tier::as_select()).first(tx.conn());
    match found {
        Ok(tier) => AppError::Conflict(format!(
            "{} changed this tier meanwhile (it is at version {} now), so nothing was saved.",
            tier.updated_by_name, tier.version
        )),
        Err(cause) => cause.into(),
    }
}

/// Gives tiers of a locked order their places: 1, 2, 3 … as they stand in the list. The unique constraint looks at
/// the end.
///
/// # Errors
/// When the database does not answer.
pub fn place<P: Permission>(tx: &mut WriteTx<'_, P>, order: &[(TierId, i32)]) -> Result<(), AppError> {
    diesel::sql_query("SET CONSTRAINTS tiers_precedence_key DEFERRED").execute(tx.conn())?;
    let (now, by) = (tx.now(), tx.actor().name().to_owned());
    for (place, (id, before)) in (1i32..).zip(order) {
        if place != *before {
            diesel::update(tiers::table.filter(tiers::id.eq(id)))
                .set((
                    tiers::precedence.eq(place),
                    tiers::version.eq(tiers::version + 1),
                    tiers::updated_at.eq(now),
                    tiers::updated_by_name.eq(&by),
                ))
                .execute(tx.conn())?;
        }
    }
    diesel::sql_query("SET CONSTRAINTS tiers_precedence_key IMMEDIATE").execute(tx.conn())?;
    Ok(())
}

/// Removes a tier, if it is still at the version that was seen and no assignment names it.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub fn remove<P: Permission>(tx: &mut WriteTx<'_, P>, id: TierId, seen: i32) -> Result<(), AppError> {
    let row = tiers::table.filter(tiers::id.eq(id).and(tiers::version.eq(seen)));
    let named = tier_assignments::table.filter(tier_assignments::tier_id.eq(id));
    if diesel::select(diesel::dsl::exists(named)).get_result::<bool>(tx.conn())? {
        return Err(AppError::Conflict("An assignment names this tier since a moment ago. Look at it again.".into()));
    }
    let removed = diesel::delete(row).execute(tx.conn())?;
    if removed == 1 { Ok(()) } else { Err(stale(tx, id)) }
}
