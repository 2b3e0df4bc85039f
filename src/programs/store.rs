//! SQL of programs.
use crate::db::ReadTx;
use crate::db::ids::PartnerTypeId;
use crate::db::schema::{partner_types, programs};
use crate::values::Zone;
use crate::web::error::AppError;
use diesel::prelude::*;
#[derive(Queryable, Clone, Debug)]
pub struct PartnerType {
    pub id: PartnerTypeId,
    pub key: String,
    pub name: String,
}
#[derive(Queryable, Clone, Debug)]
pub struct Program {
    pub time_zone: Zone,
    pub hosting_limit: i32,
}
pub fn types(tx: &mut ReadTx<'_>) -> Result<Vec<PartnerType>, AppError> {
    let own = tx.actor().program_id().ok_or(AppError::NotFound)?;
    Ok(partner_types::table
        .filter(partner_types::program_id.eq(own))
        .order(partner_types::position)
        .select((partner_types::id, partner_types::key, partner_types::name))
        .load(tx.conn())?)
}
pub fn current(tx: &mut ReadTx<'_>) -> Result<Program, AppError> {
    let own = tx.actor().program_id().ok_or(AppError::NotFound)?;
    Ok(programs::table.find(own).select((programs::time_zone, programs::hosting_limit)).first(tx.conn())?)
}
