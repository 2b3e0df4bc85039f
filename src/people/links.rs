//! `/link/{token}`: the address in letters. It only moves the link out of the address bar; what the link is worth is
//! decided by the page of its purpose.

use actix_web::web::{Data, Path};

use crate::access::link::{self, Claim, Purpose};
use crate::app::App;
use crate::web::error::AppError;
use crate::web::page::PageResult;
use crate::web::see_other;

/// `GET /link/{token}`
///
/// # Errors
/// When the cookie cannot be written.
pub async fn open(app: Data<App>, token: Path<String>) -> PageResult {
    // What is no link at all looks like a dead one.
    let Some(claim) = Claim::read(&token) else { return Ok(see_other(Purpose::Invitation.page())) };
    let mut answer = see_other(claim.purpose.page());
    answer.add_cookie(&link::cookie(&app, &token)).map_err(|cause| AppError::Internal(cause.into()))?;
    Ok(answer)
}
