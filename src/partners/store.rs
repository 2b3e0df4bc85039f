use crate::db::ReadTx;
use crate::db::ids::PartnerId;
use crate::web::error::AppError;
use std::collections::HashMap;
pub fn names(_tx: &mut ReadTx<'_>, _ids: &[PartnerId]) -> Result<HashMap<PartnerId, (String, String)>, AppError> {
    Ok(HashMap::new())
}
