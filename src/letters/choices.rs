//! `/me/notifications`: which letters a person wants. Those about the safety of an account cannot be muted.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::store;
use super::views::ChoicesPage;
use crate::access::grant::own_account as own;
use crate::access::session::leave_flash;
use crate::access::{Actor, Grant, ManageSelf, Permission, ReadIntegration, Scope};
use crate::activity::{self, Event, FieldChange};
use crate::app::App;
use crate::db::SystemTx;
use crate::mail::letter::Topic;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;

/// The topics that somebody gets letters about.
fn topics(actor: &Actor) -> Vec<Topic> {
    let concerns = |topic: &Topic| match topic {
        Topic::Invitations | Topic::Reminders => true,
        Topic::Integrations => actor.may(&ReadIntegration::RULE),
        Topic::Partners | Topic::Submissions => !matches!(actor.scope(), Scope::Partner { .. }),
    };
    Topic::ALL.into_iter().filter(concerns).collect()
}

/// `GET /me/notifications`
///
/// # Errors
/// As every page.
pub async fn form(grant: Grant<ManageSelf>, app: Data<App>, req: HttpRequest) -> PageResult {
    let user = own(grant.actor())?;
    let muted = app.db.system("show which letters one wants", move |tx| store::muted(tx, user)).await?;
    let with_choice = |topic: Topic| (topic, !muted.iter().any(|key| key == topic.key()));
    let topics = topics(grant.actor()).into_iter().map(with_choice).collect();
    let body = ChoicesPage { topics, email: grant.actor().email().to_owned() };
    Ok(Page::new("Letters you want", Nav::None, body).answer(&req))
}

/// `POST /me/notifications`
///
/// # Errors
/// As every page.
pub async fn save(grant: Grant<ManageSelf>, app: Data<App>, form: Form, req: HttpRequest) -> PageResult {
    let actor = grant.actor().clone();
    let wanted: Vec<(Topic, bool)> =
        topics(&actor).into_iter().map(|topic| (topic, form.values("topic").contains(&topic.key()))).collect();
    app.db.system("choose which letters one wants", move |tx| saved(tx, &actor, &wanted)).await?;
    leave_flash(&req, "good", "Saved.");
    Ok(see_other("/me/notifications"))
}

fn saved(tx: &mut SystemTx<'_>, actor: &Actor, wanted: &[(Topic, bool)]) -> Result<(), AppError> {
    let user = own(actor)?;
    let muted = store::muted(tx, user)?;
    let said = |wanted: bool| if wanted { "wanted" } else { "not wanted" };
    let mut changes = Vec::new();
    for (topic, wanted) in wanted {
        let before = !muted.iter().any(|key| key == topic.key());
        if before != *wanted {
            store::choose(tx, user, topic.key(), *wanted)?;
            changes.extend(FieldChange::of(topic.label(), said(before), said(*wanted)));
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    activity::store::record(tx, actor, &Event::MailChoicesChanged { user, changes })
}
