//! `/`: what waits for somebody, on one page, whoever they are.
//!
//! The rule this module protects: a panel is there only for who may read what it counts, and each number is of the
//! person's own scope. A partner's people learn nothing of other partners but their own place in the queue.

mod attention;
mod ending;
pub mod handlers;
mod host;
mod partner;
mod review_time;
mod setup;
pub mod store;
mod views;

use crate::access::Scope;
use crate::db::ReadTx;
use crate::web::error::AppError;

pub use setup::Hidden;
pub use views::DashboardPage;

/// The page as its reader may see it, from one transaction.
///
/// # Errors
/// When the database does not answer.
pub fn page(tx: &mut ReadTx<'_>, has_mail_server: bool, hidden: Hidden) -> Result<DashboardPage, AppError> {
    match tx.scope() {
        Scope::Partner { .. } => partner::page(tx),
        Scope::Program(_) | Scope::Everything => host::page(tx, has_mail_server, hidden),
    }
}
