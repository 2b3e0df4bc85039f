//! Why somebody can or cannot do something: answered by the rules themselves, never by a copy of them.
//!
//! The person is made to act as a session would make them ([`session::as_member`]), and then asked what every request
//! is asked ([`verdict`]) and what every page of a partner asks ([`find`]).

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::members::found_member;
use super::store::{self, Found};
use super::views::{ExplainPage, Line};
use crate::access::grant::verdict;
use crate::access::session;
use crate::access::{
    Actor, ExplainAccess, Grant, ManageSelf, POLICY, Reach, ReadRoles, ReadUsers, Rule, Standing, UpdateUser,
};
use crate::app::App;
use crate::db::ids::MembershipId;
use crate::partners::model::Partner;
use crate::partners::views::may;
use crate::partners::{self, store::find};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::Params;
use crate::web::page::{Nav, Page, PageResult};

/// People to choose from at once.
const SHOWN: usize = 20;

/// `GET /access`
///
/// # Errors
/// As every page; [`AppError::NotFound`] for a membership out of scope, [`AppError::Forbidden`] for a system
/// administrator's.
pub async fn index(grant: Grant<ExplainAccess>, app: Data<App>, params: Params, req: HttpRequest) -> PageResult {
    let body = match params.get("membership") {
        "" => choose(&grant, &app, params).await?,
        id => {
            let id: MembershipId = id.parse().map_err(|_| AppError::NotFound)?;
            explained(&grant, &app, id, params).await?
        }
    };
    Ok(Page::new("Explain access", Nav::None, body).answer(&req))
}

async fn choose(grant: &Grant<ExplainAccess>, app: &App, params: Params) -> Result<ExplainPage, AppError> {
    let search = params.get("q").to_owned();
    // Who may not see users is asked about by nobody here: they need the address of an answer that was shared.
    let mut people = match grant.also::<ReadUsers>() {
        Some(readers) => app.db.read(&readers, move |tx| store::anybody(tx, &search, SHOWN as i64 + 1)).await?,
        None => Vec::new(),
    };
    let has_more = people.len() > SHOWN;
    people.truncate(SHOWN);
    Ok(ExplainPage::choosing(params, people, has_more))
}

async fn explained(
    grant: &Grant<ExplainAccess>,
    app: &App,
    id: MembershipId,
    params: Params,
) -> Result<ExplainPage, AppError> {
    let (partner, found) = app
        .db
        .read(grant, move |tx| {
            let found = found_member(tx, id)?;
            let partner = find(tx, &found.partner_code)?;
            Ok((partner, found))
        })
        .await?;
    if found.member.is_system {
        return Err(AppError::Forbidden(format!(
            "{} is a system administrator, who may do everything in every program; there is nothing to explain.",
            found.member.name
        )));
    }
    let rule = POLICY.iter().find(|rule| !rule.everyone && rule.key() == params.get("permission"));
    let Some(rule) = rule else { return Ok(ExplainPage::asking(params, &found)) };
    let actor = app.db.system("explain what somebody may do", move |tx| session::as_member(tx, id)).await?;
    let typed = params.get("partner").trim().to_uppercase();
    let target = if typed.is_empty() { None } else { Some(reached(app, grant, actor.as_ref(), typed).await?) };
    let asker = grant.actor().clone();
    let case = Case { asker: &asker, partner: &partner, found: &found, actor: actor.as_ref(), rule, target };
    let (can, lines) = (case.verdict(), case.lines());
    Ok(ExplainPage::answering(params, &found, rule, can, lines))
}

/// Whether they find a partner by its code, as its pages do.
async fn reached(
    app: &App,
    asking: &Grant<ExplainAccess>,
    actor: Option<&Actor>,
    code: String,
) -> Result<(String, bool), AppError> {
    let Some(actor) = actor else { return Ok((code, false)) };
    let asked = code.clone();
    // Whether there is such a partner is nothing that one learns by asking about somebody else.
    match app.db.read(asking, move |tx| find(tx, &asked)).await {
        Err(AppError::NotFound) => return Ok((code, false)),
        other => drop(other?),
    }
    // Whoever acts at all holds this grant; what they see is what their scope and the database let them.
    let grant: Grant<ManageSelf> = Grant::check(actor.clone())?;
    let asked = code.clone();
    match app.db.read(&grant, move |tx| find(tx, &asked)).await {
        Ok(_) => Ok((code, true)),
        Err(AppError::NotFound) => Ok((code, false)),
        Err(error) => Err(error),
    }
}

/// One question.
struct Case<'a> {
    asker: &'a Actor,
    partner: &'a Partner,
    found: &'a Found,
    actor: Option<&'a Actor>,
    rule: &'static Rule,
    target: Option<(String, bool)>,
}

impl Case<'_> {
    /// The answer: what the request would be answered.
    fn verdict(&self) -> bool {
        let lets = self.actor.is_some_and(|actor| verdict(actor, self.rule).is_ok());
        lets && self.target.as_ref().is_none_or(|(_, reached)| *reached)
    }

    /// Where the rules come from, one by one.
    fn lines(&self) -> Vec<Line> {
        let mut lines = vec![self.account(), self.membership(), self.status()];
        let Some(actor) = self.actor else { return lines };
        lines.push(self.role(actor));
        lines.push(second_factor(actor));
        lines.extend(self.target.as_ref().map(|target| self.scope(actor, target)));
        lines
    }

    fn account(&self) -> Line {
        let member = &self.found.member;
        let line = Line::new(
            member.status == super::UserStatus::Active,
            format!("The account of {} is {}.", member.name, member.status.label().to_lowercase()),
        );
        line.mend("Whoever runs Portico can enable it.", None)
    }

    fn membership(&self) -> Line {
        let member = &self.found.member;
        let (role, partner) = (member.role_at(self.partner), &self.partner.name);
        let users = partners::tab(self.partner.code.as_str(), "users");
        let line = match member.suspended_at {
            None => Line::new(true, format!("They are {role} of {partner}.")),
            Some(_) => Line::new(false, format!("Their membership, {role} of {partner}, is suspended.")),
        };
        let link = may::<UpdateUser>(self.asker).then(|| format!("{users}/{}/reactivate", member.id));
        line.mend("An administrator can reactivate it.", link)
    }

    fn status(&self) -> Line {
        let (name, status) = (&self.partner.name, self.partner.status.label().to_lowercase());
        let Some(actor) = self.actor else {
            let is_archived = self.partner.status == partners::model::Status::Archived;
            return Line::new(!is_archived, format!("{name} is {status}."))
                .mend("A hosting admin can restore it.", None);
        };
        let text = match actor.standing() {
            Standing::ReadOnly => format!("{name} is {status}: its people can look, and change nothing."),
            _ => format!("{name} is {status}."),
        };
        let lets = actor.standing() != Standing::ReadOnly || self.rule.is_read();
        Line::new(lets, text).mend("A hosting admin can reinstate it.", None)
    }

    fn role(&self, actor: &Actor) -> Line {
        let (role, rule) = (actor.role_name(), self.rule);
        let what = format!("{}: {}", rule.resource, rule.action);
        let member = &self.found.member;
        let by_role = member.powers_at(self.partner).include(rule) || actor.may(rule);
        let text = match (actor.may(rule), rule.reach, by_role) {
            (true, ..) => format!("The role {role} includes it ({what})."),
            (false, Reach::Program, _) if !matches!(actor.scope(), crate::access::Scope::Program(_)) => format!(
                "It ({what}) counts only for who sees the whole program, and they see {} alone.",
                self.partner.name
            ),
            (false, ..) => format!("The role {role} does not include it ({what})."),
        };
        let link = if let Some(id) = member.role_id
            && may::<ReadRoles>(self.asker)
        {
            Some(format!("/roles/{id}"))
        } else {
            let users = partners::tab(self.partner.code.as_str(), "users");
            may::<UpdateUser>(self.asker).then(|| format!("{users}/{}/role", member.id))
        };
        Line::new(actor.may(rule), text).mend("An administrator can give another role.", link)
    }

    fn scope(&self, actor: &Actor, (code, reached): &(String, bool)) -> Line {
        let sees = match actor.scope() {
            crate::access::Scope::Program(_) => "all partners of the program".to_owned(),
            _ => format!("{} alone", self.partner.name),
        };
        let verb = if *reached { "is among them" } else { "is not among them, if there is such a partner at all" };
        let users = partners::tab(self.partner.code.as_str(), "users");
        let link = may::<ReadUsers>(self.asker).then_some(users);
        Line::new(*reached, format!("They see {sees}; {code} {verb}."))
            .mend("A membership of that partner would let them see it.", link)
    }
}

fn second_factor(actor: &Actor) -> Line {
    match actor.standing() {
        Standing::NeedsSecondFactor => {
            Line::new(false, "Their role asks for a second factor, and they have not set one up.".into())
                .mend("They can do it themselves, under “Profile and security”.", None)
        }
        _ => Line::new(true, "No second factor is missing.".into()),
    }
}
