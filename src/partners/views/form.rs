//! The form of a partner, and the page before something is done.

use askama::Template;

use crate::partners::model::{Category, Kind, Partner, Status};
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::time::When;

use super::Tile;

/// The form of a partner, new or old.
#[derive(Template)]
#[template(path = "partners/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub form: Form,
    pub partner: Option<Partner>,
    pub whole: bool,
    pub types: Vec<(String, String)>,
    pub members: Vec<(String, String)>,
    pub program: String,
    pub zone_hint: String,
    pub saved: Option<(String, When)>,
    pub audience: Option<Audience>,
    pub can_host: bool,
    pub notice: Option<String>,
    pub tile: Option<Tile>,
}

/// Who can see and edit a partner, counted.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Audience {
    pub edit: String,
    pub read: String,
}

impl FormPage {
    fn action(&self) -> String {
        match &self.partner {
            Some(partner) => crate::partners::tab(partner.code.as_str(), "edit"),
            None => "/partners".into(),
        }
    }

    fn cancel(&self) -> String {
        match &self.partner {
            Some(partner) => crate::partners::address(partner.code.as_str()),
            None => "/partners".into(),
        }
    }

    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        Kind::ALL.iter().map(|kind| (kind.key(), kind.label())).collect()
    }

    fn categories(&self) -> Vec<(&'static str, &'static str)> {
        Category::ALL.iter().map(|one| (one.key(), one.label())).collect()
    }

    fn statuses(&self) -> Vec<(&'static str, &'static str)> {
        [Status::Planned, Status::Pending, Status::Active].iter().map(|one| (one.key(), one.label())).collect()
    }

    fn code_is_fixed(&self) -> bool {
        self.partner.as_ref().is_some_and(|partner| partner.code_fixed)
    }
}

/// Before something is done: what it does.
#[derive(Template)]
#[template(path = "components/confirm.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct ConfirmPage {
    pub crumbs: Vec<(String, String)>,
    pub title: String,
    pub lead: String,
    pub effects: Vec<String>,
    pub skipped: Vec<String>,
    pub action: String,
    pub button: String,
    pub harsh: bool,
    pub cancel: String,
    pub reason: Option<&'static str>,
    pub tick: Option<&'static str>,
    pub hidden: Vec<(String, String)>,
    pub form: Form,
}
