//! The page of a form, and the form of a new integration.

use askama::Template;

use super::edit::{changed_pages, reason_to_wait};
use super::media::{HERO, ICON, MOST, NEW, Names, SHOTS};
use super::options::{self, Lists};
use super::typed::{LINKS, MARKDOWN, SUMMARY};
use crate::access::UpdateIntegration;
use crate::db::ReadTx;
use crate::forms;
use crate::forms::views::IntegrationSection;
use crate::integrations::checks::{self, Findings};
use crate::integrations::content::{Content, Field, ImageRef, IntegrationKind, PageName};
use crate::integrations::feedback::store::{self as feedback, Open};
use crate::integrations::feedback::views::Column;
use crate::integrations::model::Integration;
use crate::integrations::shown::{self, Picture, Sheet};
use crate::integrations::stage::{Move, State};
use crate::integrations::views::{Deed, Header, owner};
use crate::integrations::{needs_partner_to_go_on, page_address, store};
use crate::partners::views::may;
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::time::When;

/// A page in the list on the left.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Task {
    pub label: &'static str,
    pub address: String,
    pub is_current: bool,
    /// How many things are wrong.
    pub wrong: usize,
    pub is_changed: bool,
    /// Items of feedback that are not settled.
    pub open: usize,
}

/// Something that is wrong, and where.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Wrong {
    pub address: String,
    pub text: String,
}

/// What has to be there before it can be submitted.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Before {
    pub passed: usize,
    pub wrong: Vec<Wrong>,
    pub feedback: Open,
    pub submit: Option<Deed>,
}

impl Before {
    /// Blocking items of feedback that were answered.
    fn answered(&self) -> usize {
        self.feedback.blocking - self.feedback.unanswered
    }
}

/// One page of an integration: its form, or what stands on it.
#[derive(Template)]
#[template(path = "integrations/edit.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct EditPage {
    pub header: Header,
    pub integration: Integration,
    pub content: Content,
    pub page: PageName,
    pub form: Form,
    pub tasks: Vec<Task>,
    pub before: Option<Before>,
    pub lists: Lists,
    pub categories: Vec<String>,
    /// The program's questions, on the page that shows them.
    pub answers: Option<IntegrationSection>,
    pub can_edit: bool,
    /// Why it is only to be read.
    pub reason: Option<String>,
    pub revise: Option<Deed>,
    pub notice: Option<String>,
    pub sheets: Vec<Sheet>,
    pub saved: When,
    pub saved_by: String,
    pub feedback: Column,
}

impl EditPage {
    /// Everything around the form.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn load(
        tx: &mut ReadTx<'_>,
        integration: Integration,
        content: Content,
        page: PageName,
        form: Form,
    ) -> Result<EditPage, AppError> {
        let mut header = Header::load(tx, &integration)?.below(page.label());
        let partner = owner(tx, &integration)?;
        let is_mine = may::<UpdateIntegration>(tx.actor());
        let frozen = needs_partner_to_go_on(&partner).is_err();
        let reason = reason_to_wait(&integration).map(str::to_owned);
        let can_edit = is_mine && !frozen && reason.is_none();
        header.edit = None;
        let findings = checks::run(tx, &integration, &content)?;
        let tasks = tasks(tx, &integration, &content, page, &findings)?;
        let is_written = integration.stage().is_editable();
        let before = match is_written {
            true => Some(before(tx, &integration, &findings, &header)?),
            false => None,
        };
        let settings = store::settings(tx)?;
        let lists = match (page, can_edit) {
            (PageName::Configure, true) => options::lists(tx, integration.partner_id, &content)?,
            _ => Lists::default(),
        };
        let answers = match page {
            PageName::Configure => forms::integration::section(tx, &integration)?,
            _ => None,
        };
        let (now, zone) = (tx.now(), tx.actor().zone());
        Ok(EditPage {
            revise: header.primary.clone().filter(|one| one.label == Move::Revise.label()),
            answers,
            reason: reason.filter(|_| is_mine && !frozen),
            sheets: vec![shown::sheet(integration.id, &content, page)],
            categories: options::categories(&settings, &content),
            saved: When::new(integration.updated_at, now, zone),
            saved_by: integration.updated_by_name.clone(),
            notice: None,
            feedback: Column::load(tx, &integration, page)?,
            header,
            integration,
            content,
            page,
            form,
            tasks,
            before,
            lists,
            can_edit,
        })
    }

    /// What the page is called.
    pub fn title(&self) -> String {
        format!("{} of {}", self.page.label(), self.header.name)
    }

    /// After somebody was faster: what is stored now where it differs from what was typed, which is kept.
    pub fn compare(&mut self, text: &str, stored: &Form) {
        let labels = self.page.fields().filter(|field| self.form.pairs().iter().any(|(name, _)| name == field.key()));
        let differing: Vec<String> = labels
            .filter(|field| self.form.values(field.key()) != stored.values(field.key()))
            .map(|field| format!("“{}” is another now", field.label()))
            .collect();
        let kept = "What you typed is kept below: compare it with what is stored, then save again.";
        let differing = if differing.is_empty() { String::new() } else { format!(" {}.", differing.join(", ")) };
        self.notice = Some(format!("{text} {kept}{differing}"));
        self.form.set("version", &self.integration.version.to_string());
    }

    /// Whether the form is drawn: to be saved, or because it holds what somebody typed in vain.
    fn has_form(&self) -> bool {
        self.can_edit || self.notice.is_some()
    }

    fn action(&self) -> String {
        page_address(self.integration.id, self.page)
    }

    fn next(&self) -> Option<(String, &'static str)> {
        self.page.next().map(|page| (page_address(self.integration.id, page), page.label()))
    }

    /// The code of its partner, for links to what it lacks.
    fn code(&self) -> &str {
        self.header.partner.0.rsplit('/').next().unwrap_or_default()
    }

    fn kinds(&self) -> &'static [IntegrationKind] {
        IntegrationKind::ALL
    }

    /// "240 characters at most; 167 used."
    fn used(&self, field: Field, hint: &str) -> String {
        let used = self.form.value(field.key()).chars().count();
        let most = if field == Field::Summary { SUMMARY.to_string() } else { format!("{},000", MARKDOWN / 1000) };
        format!("{hint} {most} characters at most; {used} used.")
    }

    /// The rows of further links that are filled, and two more.
    fn links(&self) -> Vec<(&'static str, &'static str)> {
        let filled =
            LINKS.iter().filter(|(label, url)| !self.form.value(label).is_empty() || !self.form.value(url).is_empty());
        LINKS.iter().copied().take(filled.count() + 2).collect()
    }

    fn is_chosen(&self, category: &str) -> bool {
        self.form.values(Field::Categories.key()).contains(&category)
    }

    fn one_picture(&self, field: Field) -> (Names, Option<Picture>) {
        let (names, image) = match field {
            Field::Hero => (HERO, &self.content.hero),
            _ => (ICON, &self.content.icon),
        };
        (names, image.as_ref().map(|image| self.picture(image)))
    }

    fn picture(&self, image: &ImageRef) -> Picture {
        Picture::of(self.integration.id, image)
    }

    fn screenshots(&self) -> Vec<(Names, Picture)> {
        SHOTS.iter().zip(&self.content.screenshots).map(|(names, image)| (*names, self.picture(image))).collect()
    }

    fn new_screenshots(&self) -> Vec<Names> {
        NEW.iter().copied().take(MOST.saturating_sub(self.content.screenshots.len())).collect()
    }
}

fn tasks(
    tx: &mut ReadTx<'_>,
    integration: &Integration,
    content: &Content,
    current: PageName,
    findings: &Findings,
) -> Result<Vec<Task>, AppError> {
    let changed = changed(tx, integration, content)?;
    let open = feedback::open_by_page(tx, integration)?;
    let task = |page: PageName| Task {
        label: page.label(),
        address: page_address(integration.id, page),
        is_current: page == current,
        wrong: findings.blocking().filter(|one| one.page == page.key()).count(),
        is_changed: changed.contains(&page),
        open: open.get(page.key()).copied().unwrap_or_default(),
    };
    Ok(PageName::ALL.iter().map(|page| task(*page)).collect())
}

/// The pages that differ from what was submitted last, or from what is live.
fn changed(tx: &mut ReadTx<'_>, integration: &Integration, content: &Content) -> Result<Vec<PageName>, AppError> {
    let work = integration.stage().under_work();
    let base = match work {
        State::ChangesRequested => Some(store::submission(tx, integration, integration.submission)?),
        _ => store::live(tx, integration)?,
    };
    let own = |one: Content| Content { answers: content.answers.clone(), ..one };
    Ok(base.map(|base| changed_pages(&content.changed_from(&own(base)))).unwrap_or_default())
}

fn before(
    tx: &mut ReadTx<'_>,
    integration: &Integration,
    findings: &Findings,
    header: &Header,
) -> Result<Before, AppError> {
    let wrong = |one: &checks::Finding| {
        let page = PageName::from_key(&one.page).unwrap_or(PageName::General);
        let anchor = if one.spot.is_empty() { String::new() } else { format!("#{}", one.spot) };
        Wrong { address: format!("{}{anchor}", page_address(integration.id, page)), text: one.wrong.clone() }
    };
    let submits = [Move::Submit, Move::Resubmit, Move::PublishOwn];
    Ok(Before {
        passed: findings.passed(),
        wrong: findings.blocking().map(wrong).collect(),
        feedback: feedback::open(tx, integration)?,
        submit: header.primary.clone().filter(|one| submits.iter().any(|known| known.label() == one.label)),
    })
}

/// What has to be done before a partner can begin an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "shown as named")]
pub struct First {
    pub text: String,
    pub address: String,
    pub label: String,
}

/// The form of a new integration.
#[derive(Template)]
#[template(path = "integrations/new.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct NewPage {
    pub form: Form,
    pub partners: Vec<(String, String)>,
    pub picks_partner: bool,
    pub first: Option<First>,
}

impl NewPage {
    fn kinds(&self) -> &'static [IntegrationKind] {
        IntegrationKind::ALL
    }
}
