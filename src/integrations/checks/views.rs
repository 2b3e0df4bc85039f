//! The pages of checks as templates show them.

use askama::Template;

use super::model::{Check, CheckKind};
use super::{ChecklistLine, Finding};
use crate::forms::model::{Question, Test};
use crate::integrations::content::PageName;
use crate::integrations::model::Integration;
use crate::values::Choice;
use crate::web::form::Form;
use crate::web::listing::counted;
use crate::web::time::When;

/// The address of a check.
pub fn address(check: &Check) -> String {
    format!("/checks/{}", check.id)
}

/// A check in the list.
#[expect(missing_docs, reason = "shown as named")]
pub struct Row {
    pub address: String,
    pub icon: &'static str,
    pub kind: CheckKind,
    pub page: &'static str,
    pub words: String,
    pub sentence: String,
    pub is_blocking: bool,
    pub is_live: bool,
    pub version: i32,
    pub is_first: bool,
    pub is_last: bool,
}

/// The program's checks.
#[derive(Template)]
#[template(path = "integrations/checks/index.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub rows: Vec<Row>,
    pub may_update: bool,
    pub sees_forms: bool,
}

impl IndexPage {
    /// The rows of checks, in order.
    pub fn rows(checks: &[Check], questions: &[Question]) -> Vec<Row> {
        let last = checks.len().saturating_sub(1);
        let row = |(at, check): (usize, &Check)| Row {
            address: address(check),
            icon: check.kind.icon(),
            kind: check.kind,
            page: check.page.label(),
            words: check.words.clone(),
            sentence: check.rule().sentence(questions),
            is_blocking: check.is_blocking,
            is_live: check.is_live,
            version: check.version,
            is_first: at == 0,
            is_last: at == last,
        };
        checks.iter().enumerate().map(row).collect()
    }

    fn kinds(&self) -> &'static [CheckKind] {
        CheckKind::ALL
    }
}

/// What a check says about everything that is published now.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Preview {
    pub failing: usize,
    pub all: usize,
    /// Address, name and what is wrong of some of them.
    pub some: Vec<(String, String, String)>,
    /// Why nothing was tried.
    pub none: &'static str,
}

impl Preview {
    /// "3 of 84 published integrations would fail".
    pub fn sentence(&self) -> String {
        let all = counted(self.all as i64, "published integration", "published integrations");
        match (self.all, self.failing) {
            (0, _) => "Nothing is published yet.".into(),
            (_, 0) => format!("None of {all} would fail."),
            _ => format!("{} of {all} would fail.", self.failing),
        }
    }

    fn more(&self) -> usize {
        self.failing - self.some.len()
    }
}

/// A check, new or old.
#[derive(Template)]
#[template(path = "integrations/checks/form.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct FormPage {
    pub kind: CheckKind,
    pub action: String,
    /// The address of its removal; none of a new one.
    pub removal: Option<String>,
    pub form: Form,
    pub places: Vec<(String, String)>,
    pub sources: Vec<(String, String)>,
    pub preview: Option<Preview>,
    pub notice: Option<String>,
}

impl FormPage {
    fn tests(&self) -> Vec<(&'static str, &'static str)> {
        Test::ALL.iter().map(|test| (test.key(), test.label())).collect()
    }

    fn weights(&self) -> [(&'static str, &'static str); 2] {
        [
            ("blocking", "Blocking: an integration that fails it cannot be submitted"),
            ("advice", "Advice: it is shown, and holds nothing up"),
        ]
    }
}

/// A line of the partner's own check.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct OwnLine {
    pub tone: &'static str,
    pub icon: &'static str,
    pub state: &'static str,
    pub rule: String,
    pub note: String,
    pub fix: Option<String>,
}

impl OwnLine {
    /// Something that was found out.
    pub fn of(finding: &Finding, fix: Option<String>) -> OwnLine {
        let (tone, icon, state) = match (finding.wrong.is_empty(), finding.is_blocking) {
            (true, _) => ("good", "circle-check", "Passes"),
            (false, true) => ("bad", "circle-x", "Blocks"),
            (false, false) => ("warn", "alert-triangle", "Advice"),
        };
        let fix = fix.filter(|_| !finding.wrong.is_empty());
        OwnLine { tone, icon, state, rule: finding.rule.clone(), note: finding.wrong.clone(), fix }
    }

    /// Something that is found out later.
    pub fn later(rule: String, icon: &'static str, state: &'static str, note: String) -> OwnLine {
        OwnLine { tone: "", icon, state, rule, note, fix: None }
    }
}

/// Everything that an integration is checked by.
#[derive(Template)]
#[template(path = "integrations/checks/own.html")]
#[expect(missing_docs, reason = "shown as named")]
pub struct OwnPage {
    pub name: String,
    pub address: String,
    pub state: String,
    pub blocking: usize,
    pub advice: usize,
    pub passed: usize,
    pub pages: Vec<(PageName, Vec<OwnLine>)>,
    /// Whether there are links to ask, and whether that was done for this very page.
    pub links: Option<bool>,
    pub may_ask: bool,
}

/// A reviewer's checklist. The review page holds one as `checklist` and includes `integrations/_checklist.html`; it
/// imports `i` and `t`.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Checklist {
    pub lines: Vec<CheckLine>,
    pub submission: i32,
    pub failed: usize,
    pub open: usize,
}

/// One line of it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct CheckLine {
    pub page: &'static str,
    pub place: String,
    pub rule: String,
    pub wrong: String,
    pub tone: &'static str,
    pub icon: &'static str,
    pub state: &'static str,
    pub ticked: Option<(String, When)>,
    /// Where a tick is sent to; none where the person may not, or it is over.
    pub action: Option<String>,
}

impl Checklist {
    /// The checklist of a submission; `may_tick` where it is under review and the person reviews.
    pub fn new(lines: Vec<ChecklistLine>, of: &Integration, submission: i32, may_tick: bool) -> Checklist {
        let base = format!("{}/checklist", crate::integrations::address(of.id));
        let lines: Vec<CheckLine> = lines.into_iter().map(|line| check_line(line, &base, may_tick)).collect();
        Checklist {
            failed: lines.iter().filter(|line| !line.wrong.is_empty()).count(),
            open: lines.iter().filter(|line| line.action.is_some() && line.ticked.is_none()).count(),
            lines,
            submission,
        }
    }
}

fn check_line(line: ChecklistLine, base: &str, may_tick: bool) -> CheckLine {
    let ticked = line.manual.as_ref().and_then(|manual| manual.ticked.clone());
    let (tone, icon, state) = match (&line.manual, line.wrong.is_empty(), line.is_blocking) {
        (Some(_), ..) if ticked.is_some() => ("good", "circle-check", "Looked at"),
        (Some(_), ..) => ("", "circle-dashed", "To look at"),
        (None, true, _) => ("good", "circle-check", "Passed"),
        (None, false, true) => ("bad", "circle-x", "Failed"),
        (None, false, false) => ("warn", "alert-triangle", "Advice"),
    };
    let manual = line.manual.as_ref().filter(|one| may_tick && one.is_live);
    CheckLine {
        action: manual.map(|one| format!("{base}/{}", one.check)),
        page: line.page.label(),
        place: line.place,
        rule: line.rule,
        wrong: line.wrong,
        tone,
        icon,
        state,
        ticked,
    }
}
