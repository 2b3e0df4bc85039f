//! A host changes what is live, directly (S2-19): what changed is kept, the partner is told, and an open revision keeps
//! its own changes and takes over the others.

use super::letters::{self, What};
use super::publish::go_live;
use super::verdict::missing;
use super::{Asked, Ground, Made, event};
use crate::access::DecideIntegration;
use crate::activity::{FieldChange, IntegrationEvent};
use crate::db::{Change, WriteTx};
use crate::integrations::content::{Content, Field, Spot};
use crate::integrations::model::Origin;
use crate::integrations::stage::Move;
use crate::integrations::store;
use crate::web::error::AppError;

/// Some content with one place as it is in another.
pub(super) fn taken(mut content: Content, spot: Spot, from: &Content) -> Content {
    match spot {
        Spot::Field(field) => take(&mut content, field, from.clone()),
        Spot::Question(id) => {
            let theirs = from.answers.iter().find(|one| one.question.id == id).cloned();
            let place = content.answers.iter().position(|one| one.question.id == id);
            match (place, theirs) {
                (Some(at), Some(answer)) => {
                    content.answers.splice(at..=at, [answer]);
                }
                (Some(at), None) => {
                    content.answers.remove(at);
                }
                (None, Some(answer)) => content.answers.push(answer),
                (None, None) => {}
            }
        }
    }
    content
}

fn take(into: &mut Content, field: Field, from: Content) {
    match field {
        Field::Name => into.name = from.name,
        Field::Kind => into.kind = from.kind,
        Field::Link => into.link = from.link,
        Field::SupportEmail => into.support_email = from.support_email,
        Field::SupportLink => into.support_link = from.support_link,
        Field::Documentation => into.documentation = from.documentation,
        Field::Summary => into.summary = from.summary,
        Field::Description => into.description = from.description,
        Field::Categories => into.categories = from.categories,
        Field::Links => into.links = from.links,
        Field::MemberTerms => into.member_terms = from.member_terms,
        Field::Template => into.template = from.template,
        Field::Source => into.source = from.source,
        Field::Target => into.target = from.target,
        Field::Credentials => into.credentials = from.credentials,
        Field::Icon => into.icon = from.icon,
        Field::Hero => into.hero = from.hero,
        Field::Screenshots => into.screenshots = from.screenshots,
        Field::Video => into.video = from.video,
        Field::TermsLink => into.terms_link = from.terms_link,
        Field::PrivacyLink => into.privacy_link = from.privacy_link,
        Field::DataUse => into.data_use = from.data_use,
    }
}

/// What is being written, once `live` became `edited`: where somebody changed it, it stays; elsewhere it follows.
fn followed(written: &Content, live: &Content, edited: &Content) -> Content {
    let own = written.changed_from(live);
    let theirs = edited.changed_from(live).into_iter().filter(|spot| !own.contains(spot));
    theirs.fold(written.clone(), |content, spot| taken(content, spot, edited))
}

/// Before and after, for the event and the letter.
pub(super) fn differences(now: &Content, before: &Content) -> Vec<FieldChange> {
    let change = |spot: Spot| {
        let label = if now.all_spots().contains(&spot) { now.label(spot) } else { before.label(spot) };
        FieldChange { field: label, before: before.value(spot).text(), after: now.value(spot).text() }
    };
    now.changed_from(before).into_iter().map(change).collect()
}

/// The use case: what is live becomes some other content.
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster; [`AppError::Refused`] when it is not live, its partner is frozen,
/// or a field is on the program's list of what changes only by a reviewed revision.
pub fn edit_live(
    tx: &mut WriteTx<'_, DecideIntegration>,
    id: &str,
    asked: &Asked,
    edited: &Content,
) -> Result<Change<Made>, AppError> {
    let ground = Ground::seen(tx, id, asked.seen)?;
    ground.permits(tx, Move::EditLive)?;
    let (item, now) = (&ground.item, tx.now());
    let live = store::live(tx, item)?.ok_or(AppError::NotFound)?;
    let changed = edited.changed_from(&live);
    if changed.is_empty() {
        let said = "Nothing was changed.".to_owned();
        return Ok(Change::nothing(Made { item: item.clone(), said }));
    }
    let reviewed = ground.settings.reviewed_fields();
    if let Some(field) = reviewed.into_iter().find(|field| changed.contains(&Spot::Field(*field))) {
        let label = crate::values::Choice::label(field);
        return Err(AppError::Refused(format!(
            "{label} changes only in a reviewed revision: the program says so. Begin a revision instead."
        )));
    }
    if edited.missing().iter().any(|field| !live.missing().contains(field)) {
        return Err(missing("summary", "Pages", "Something that has to be there is missing."));
    }
    let written = store::content(tx, item)?;
    let after = ground.stepped(now, Move::EditLive, false)?;
    let kept = if after.revision.is_some() { followed(&written, &live, edited) } else { edited.clone() };
    let origin = (Origin::HostEdit, item.live_number);
    let (after, number) = go_live(tx, item, after, edited, origin, Some(&kept))?;
    let changes = differences(edited, &live);
    letters::tell(tx, &ground, &after, &What::Edited { number, changes: changes.clone() })?;
    let event = event(&after, IntegrationEvent::EditedLive { number, changes });
    let said = format!("{} is changed; version {number} is live.", after.name);
    Ok(Change::new(Made { item: after, said }, event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::ids::{ConnectionId, ImageId, TemplateId};
    use crate::integrations::content::{ImageRef, IntegrationKind, Link, Named};
    use crate::values::Choice;

    #[test]
    fn a_revision_keeps_its_own_changes_and_takes_over_the_others() {
        let live = Content::new("Stay Sync".into(), IntegrationKind::External);
        let written = Content { summary: "Ours".into(), ..live.clone() };
        let edited = Content { summary: "Theirs".into(), description: "Theirs".into(), ..live.clone() };
        let kept = followed(&written, &live, &edited);
        assert_eq!((kept.summary.as_str(), kept.description.as_str()), ("Ours", "Theirs"));
        assert_eq!(differences(&edited, &live).len(), 2);
    }

    #[test]
    fn every_field_can_be_taken_over() {
        let text = || "x".to_owned();
        let image = ImageRef { id: ImageId::new(), name: text(), alt: text(), width: 1, height: 1, size: 1 };
        let connection = || Some(Named { id: ConnectionId::new(), name: text() });
        let full = Content {
            name: text(),
            kind: IntegrationKind::External,
            link: text(),
            support_email: text(),
            support_link: text(),
            documentation: text(),
            summary: text(),
            description: text(),
            categories: vec![text()],
            links: vec![Link { label: text(), url: text() }],
            member_terms: text(),
            template: Some(Named { id: TemplateId::new(), name: text() }),
            source: connection(),
            target: connection(),
            answers: Vec::new(),
            credentials: text(),
            icon: Some(image.clone()),
            hero: Some(image.clone()),
            screenshots: vec![image],
            video: text(),
            terms_link: text(),
            privacy_link: text(),
            data_use: text(),
        };
        let empty = Content::new("Empty".into(), IntegrationKind::Internal);
        for field in Field::ALL {
            let content = taken(empty.clone(), Spot::Field(*field), &full);
            assert_eq!(content.value(Spot::Field(*field)), full.value(Spot::Field(*field)), "{}", field.key());
            assert_ne!(content, empty, "{}", field.key());
        }
    }
}
