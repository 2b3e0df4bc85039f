//! All SQL of roles.

use diesel::pg::Pg;
use diesel::prelude::*;

use super::model::Offer;
use crate::access::{MemberRole, Powers, Scope};
use crate::db::ReadTx;
use crate::db::ids::RoleId;
use crate::db::schema::roles;
use crate::partners::model::Partner;
use crate::web::error::AppError;

/// The roles that a person may see: their program's.
fn visible(tx: &ReadTx<'_>) -> roles::BoxedQuery<'static, Pg> {
    let rows = roles::table.into_boxed();
    match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) | Scope::Partner { program, .. } => rows.filter(roles::program_id.eq(program)),
    }
}

/// The roles that can be given at a partner: the built-in ones, then the program's own by name. Those that see all
/// partners are for hosting partners.
///
/// # Errors
/// When the database does not answer.
pub fn offers(tx: &mut ReadTx<'_>, partner: &Partner) -> Result<Vec<Offer>, AppError> {
    let own: Vec<(RoleId, String, bool, serde_json::Value)> = visible(tx)
        .filter(roles::program_id.eq(partner.program_id))
        .order((roles::name, roles::id))
        .select((roles::id, roles::name, roles::program_wide, roles::permissions))
        .load(tx.conn())?;
    let built_in = MemberRole::offered(partner.is_hosting).iter().map(|role| Offer::built_in(*role, partner));
    let own = own.into_iter().filter(|(_, _, wide, _)| partner.is_hosting || !wide).map(|(id, name, wide, keys)| {
        let powers = Powers::of_keys(&serde_json::from_value::<Vec<String>>(keys).unwrap_or_default());
        let powers = if wide { powers } else { powers.at_one_partner() };
        Offer { role: MemberRole::Custom, custom: Some(id), name, program_wide: wide, powers }
    });
    Ok(built_in.chain(own).collect())
}

/// Ids and names of the program's own roles, by name: for filters.
///
/// # Errors
/// When the database does not answer.
pub fn names(tx: &mut ReadTx<'_>) -> Result<Vec<(RoleId, String)>, AppError> {
    Ok(visible(tx).order((roles::name, roles::id)).select((roles::id, roles::name)).load(tx.conn())?)
}
