//! The page around a page: navigation, who acts, notices. Handlers return [`Page`] and know nothing of the shell.

use std::borrow::Cow;

use actix_session::SessionExt;
use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::error::AppError;
use crate::access::session::{self, Flash, SignedIn};
use crate::access::{
    Actor, Permission, ReadActivity, ReadCampaign, ReadConnection, ReadForms, ReadMail, ReadPartner, ReadProduct,
    ReadProgram, ReadTemplate, ReadTenant, ReadTiers, ReadUsers, Role, Scope,
};
use crate::values::{Choice, Theme};

/// What a handler answers: a page, or an error that [`super::error::render`] writes.
pub type PageResult = Result<HttpResponse, AppError>;

/// The entry of the sidebar that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// None of them.
    None,
    /// The dashboard.
    Dashboard,
    /// Search.
    Search,
    /// Programs (system administrators).
    Programs,
    /// Partners, or one's own partner.
    Partners,
    /// Integrations.
    Integrations,
    /// Members of one's own partner.
    Team,
    /// The program's people and roles.
    Users,
    /// Campaigns.
    Campaigns,
    /// Connections.
    Connections,
    /// Tenants.
    Tenants,
    /// Templates of files.
    Templates,
    /// Ranks of customers.
    Tiers,
    /// Products and services.
    Products,
    /// Forms that partners answer.
    Forms,
    /// Activity.
    Activity,
    /// Profile of one's own partner.
    Profile,
    /// Letters and what became of them.
    Mail,
    /// Settings of the program.
    Settings,
    /// Notifications.
    Notices,
    /// Help.
    Help,
}

/// One line of the sidebar.
struct NavLine {
    nav: Nav,
    address: String,
    icon: &'static str,
    label: &'static str,
    count: String,
    /// What the count means, when it is work that waits.
    alarm: String,
    key: &'static str,
}

#[derive(Template)]
#[template(path = "layouts/app.html")]
struct AppLayout<'a> {
    title: &'a str,
    view_until: Option<String>,
    theme: Theme,
    keys: bool,
    current: Nav,
    actor: &'a Actor,
    place: Cow<'a, str>,
    main: Vec<NavLine>,
    offers: Vec<NavLine>,
    exchange: Vec<NavLine>,
    admin: Vec<NavLine>,
    memberships: &'a [session::MembershipChoice],
    unread: String,
    flash: Option<Flash>,
    body: String,
}

impl AppLayout<'_> {
    fn place_hue(&self) -> u8 {
        let id = match self.actor.scope() {
            Scope::Partner { partner, .. } => partner.uuid(),
            Scope::Program(program) => program.uuid(),
            Scope::Everything => return 2,
        };
        hue(id)
    }
}

#[derive(Template)]
#[template(path = "layouts/signed_out.html")]
struct SignedOutLayout<'a> {
    title: &'a str,
    body: String,
}

/// A page of a slice: a title, its place in the navigation, and a template for the inside of `<main>`.
pub struct Page<B> {
    title: String,
    nav: Nav,
    status: StatusCode,
    body: B,
    region: Option<fn(&B) -> askama::Result<String>>,
}

impl<B: Template> Page<B> {
    /// A page that was asked for.
    pub fn new(title: impl Into<String>, nav: Nav, body: B) -> Page<B> {
        Page { title: title.into(), nav, status: StatusCode::OK, body, region: None }
    }

    /// The same page after a refused form: 422.
    pub fn refused(mut self) -> Page<B> {
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        self
    }

    /// Another status.
    pub fn status(mut self, status: StatusCode) -> Page<B> {
        self.status = status;
        self
    }

    /// The region that htmx gets when it asks for part of the page.
    pub fn region(mut self, region: fn(&B) -> askama::Result<String>) -> Page<B> {
        self.region = Some(region);
        self
    }

    /// The answer: the region for htmx, the whole page for everybody else.
    pub fn answer(self, req: &HttpRequest) -> HttpResponse {
        match self.region {
            Some(region) if super::wants_fragment(req) => html(self.status, region(&self.body)),
            _ => respond(req, self.status, &self.title, self.nav, &self.body),
        }
    }
}

impl<B: Template> Responder for Page<B> {
    type Body = BoxBody;
    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.answer(req)
    }
}

/// Writes a page with the shell that fits the person.
pub fn respond(req: &HttpRequest, status: StatusCode, title: &str, nav: Nav, body: &impl Template) -> HttpResponse {
    let signed_in = session::signed_in(&req.get_session()).ok().flatten();
    let page = body.render().and_then(|body| match &signed_in {
        Some(person) => app_layout(req, person, title, nav, body).render(),
        None => SignedOutLayout { title, body }.render(),
    });
    html(status, page)
}

fn html(status: StatusCode, page: askama::Result<String>) -> HttpResponse {
    match page {
        Ok(page) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::VARY, "HX-Request-Type"))
            .body(page),
        Err(cause) => {
            tracing::error!(%cause, "a page could not be written");
            HttpResponse::InternalServerError()
                .content_type("text/html; charset=utf-8")
                .body("<h1>Something broke here</h1>")
        }
    }
}

fn app_layout<'a>(
    req: &HttpRequest,
    person: &'a SignedIn,
    title: &'a str,
    current: Nav,
    body: String,
) -> AppLayout<'a> {
    let actor = &person.actor;
    // By the clock of whoever looks.
    let zone = person.viewer.as_ref().unwrap_or(actor).zone();
    AppLayout {
        title,
        view_until: actor.viewer().map(|view| view.until.with_timezone(&zone).format("%H:%M").to_string()),
        theme: person.theme,
        keys: person.single_keys,
        current,
        actor,
        place: place(actor),
        main: main_lines(person),
        offers: offer_lines(actor),
        exchange: exchange_lines(actor),
        admin: admin_lines(person),
        memberships: &person.memberships,
        unread: match person.unread {
            0 => String::new(),
            some => super::listing::capped(some),
        },
        flash: session::take_flash(req),
        body,
    }
}

/// What the person acts in: a host's people the program, others their partner.
fn place(actor: &Actor) -> Cow<'_, str> {
    match actor.scope() {
        Scope::Partner { .. } => {
            actor.partner().map_or(Cow::Borrowed("No partner"), |partner| Cow::Borrowed(&partner.name))
        }
        Scope::Program(_) | Scope::Everything => {
            actor.program().map_or(Cow::Borrowed("No program yet"), |program| Cow::Borrowed(&program.name))
        }
    }
}

fn line(nav: Nav, address: impl Into<String>, icon: &'static str, label: &'static str, key: &'static str) -> NavLine {
    NavLine { nav, address: address.into(), icon, label, count: String::new(), alarm: String::new(), key }
}

fn main_lines(person: &SignedIn) -> Vec<NavLine> {
    let actor = &person.actor;
    let may = |rule: crate::access::Rule| actor.may(&rule);
    let start = line(Nav::Dashboard, "/", "layout-dashboard", "Dashboard", "d");
    match (actor.scope(), actor.partner()) {
        (Scope::Partner { .. }, Some(own)) => {
            let overview = line(Nav::Partners, crate::partners::address(&own.code), "building", "Overview", "p");
            let mut lines = vec![start, overview];
            lines.extend(integrations_line(person));
            if may(ReadUsers::RULE) {
                lines.push(line(Nav::Team, crate::partners::tab(&own.code, "users"), "users", "Team", "t"));
            }
            if may(ReadActivity::RULE) {
                lines.push(line(
                    Nav::Activity,
                    crate::partners::tab(&own.code, "activity"),
                    "activity",
                    "Activity",
                    "a",
                ));
            }
            lines.push(line(Nav::Profile, crate::partners::tab(&own.code, "profile"), "id", "Profile", "f"));
            lines
        }
        (Scope::Program(_), _) if may(ReadPartner::RULE) => {
            let mut partners = line(Nav::Partners, "/partners", "building-community", "Partners", "p");
            partners.count = person.partners.map(super::listing::capped).unwrap_or_default();
            [start, partners].into_iter().chain(integrations_line(person)).collect()
        }
        (Scope::Program(_), _) => [start].into_iter().chain(integrations_line(person)).collect(),
        _ => Vec::new(),
    }
}

/// Integrations, with how many wait for whoever looks.
fn integrations_line(person: &SignedIn) -> Option<NavLine> {
    let waiting = person.waiting?;
    let mut line = line(Nav::Integrations, "/integrations", "puzzle", "Integrations", "i");
    if waiting.count > 0 {
        line.count = super::listing::capped(waiting.count);
        line.alarm = match (person.actor.scope(), waiting.late) {
            (Scope::Partner { .. }, _) => " with changes requested".into(),
            (_, 0) => " in review".into(),
            (_, late) => format!(" in review, {} past target", super::listing::capped(late)),
        };
    }
    Some(line)
}

/// What customers are offered: a group of its own.
fn offer_lines(actor: &Actor) -> Vec<NavLine> {
    // Without a program open there is nothing to list.
    let may = |rule: crate::access::Rule| actor.may(&rule) && !matches!(actor.scope(), Scope::Everything);
    let mut lines = Vec::new();
    if may(ReadCampaign::RULE) {
        lines.push(line(Nav::Campaigns, "/campaigns", "speakerphone", "Campaigns", "k"));
    }
    if may(ReadTiers::RULE) && actor.has_tiers() {
        lines.push(line(Nav::Tiers, "/tiers", "stairs-up", "Tiers", "r"));
    }
    if may(ReadProduct::RULE) {
        lines.push(line(Nav::Products, "/products", "package", "Products", "x"));
    }
    lines
}

/// What goes to and fro between the program and its partners: a group of its own.
fn exchange_lines(actor: &Actor) -> Vec<NavLine> {
    // Without a program open there is nothing to list.
    let may = |rule: crate::access::Rule| actor.may(&rule) && !matches!(actor.scope(), Scope::Everything);
    let mut lines = Vec::new();
    if may(ReadTenant::RULE) {
        lines.push(line(Nav::Tenants, "/tenants", "building-store", "Tenants", "e"));
    }
    if may(ReadConnection::RULE) {
        lines.push(line(Nav::Connections, "/connections", "plug", "Connections", "c"));
    }
    if may(ReadTemplate::RULE) {
        lines.push(line(Nav::Templates, "/templates", "template", "Templates", "l"));
    }
    if may(ReadForms::RULE) && matches!(actor.scope(), Scope::Program(_)) {
        lines.push(line(Nav::Forms, "/forms", "forms", "Forms", "q"));
    }
    lines
}

fn admin_lines(person: &SignedIn) -> Vec<NavLine> {
    let actor = &person.actor;
    let may = |rule: crate::access::Rule| actor.may(&rule);
    let mut lines = Vec::new();
    if actor.role() == Some(Role::SystemAdmin) {
        lines.push(line(Nav::Programs, "/programs", "server", "Programs", "o"));
    }
    if matches!(actor.scope(), Scope::Program(_)) {
        if may(ReadActivity::RULE) {
            lines.push(line(Nav::Activity, "/activity", "activity", "Activity", "a"));
        }
        if may(ReadUsers::RULE) {
            lines.push(line(Nav::Users, "/users", "users", "Users & roles", "u"));
        }
        if may(ReadMail::RULE) {
            let mut mail = line(Nav::Mail, "/system/mail", "mail", "Mail", "m");
            mail.count =
                person.failed_letters.filter(|count| *count > 0).map(super::listing::capped).unwrap_or_default();
            lines.push(mail);
        }
        if may(ReadProgram::RULE) {
            lines.push(line(Nav::Settings, "/settings", "settings", "Settings", "s"));
        }
    }
    lines
}

/// Letters for a tile without a logo: the initials of the first two words, or one letter of a script without capitals.
pub fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let Some(one) = words.next().map(first) else { return "?".into() };
    // Two letters of a script whose letters join would be drawn as one word.
    let has_capitals = one.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
    match words.next() {
        Some(two) if has_capitals => format!("{one}{}", first(two)),
        _ => one,
    }
}

/// An e-mail address in two parts, so that a line can break before the @ and nowhere else.
pub fn at_sign(email: &str) -> (&str, &str) {
    email.split_at(email.find('@').unwrap_or(email.len()))
}

/// One of six hues, always the same for the same id.
pub fn hue(id: uuid::Uuid) -> u8 {
    id.as_bytes().iter().fold(0u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte)) % 6 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_many_scripts() {
        for (name, expected) in [
            ("Kestrel Car Rental", "KC"),
            ("Österreichische Schifffahrt", "ÖS"),
            ("東雲ホテルズ", "東"),
            ("L", "L"),
            ("***", "?"),
            ("مجموعة الواحة", "م"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }
}
