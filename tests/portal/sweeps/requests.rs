//! For every address: where its objects are, and what a valid request to it sends.

use portico::routes::{ROUTES, Route};
use portico::values::Choice;

use crate::support::client::{Chosen, Visitor};
use crate::support::*;

/// Whose the object in an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// There is no object in it.
    None,
    /// Their own partner's; of people above partners, the hosting partner's.
    Own,
    /// Another partner's of the program.
    Other,
    /// Another program's.
    Foreign,
}

impl Position {
    pub fn word(self) -> &'static str {
        match self {
            Position::None => "-",
            Position::Own => "own",
            Position::Other => "other",
            Position::Foreign => "foreign",
        }
    }
}

/// Addresses of what belongs to one partner, whose code is not in them.
const PARTNERS_OWN: [&str; 6] = [
    "/connections/{id}",
    "/integrations/{id}",
    "/templates/{id}",
    "/tenants/{id}",
    "/products/{id}",
    "/campaigns/{id}",
];

/// Which positions an address can have.
pub fn positions(path: &str) -> &'static [Position] {
    if path.contains("{code}") || PARTNERS_OWN.iter().any(|start| path.starts_with(start)) {
        &[Position::Own, Position::Other, Position::Foreign]
    } else if path.contains("{id}") || path.contains("{session}") || path.contains("{membership}") {
        &[Position::Own, Position::Foreign]
    } else {
        &[Position::None]
    }
}

/// The code of somebody's own partner.
pub fn own_code(who: Option<Person>) -> &'static str {
    match who {
        Some(PIA | UMA | OTTO | DORA) => "KESTREL",
        _ => "SOLHQ",
    }
}

/// The address with its names filled in.
pub fn filled(path: &str, who: Option<Person>, position: Position) -> String {
    let own = position == Position::Own;
    let code = match position {
        Position::Own | Position::None => own_code(who),
        Position::Other => "MERIDIAN",
        Position::Foreign => "BOREAL",
    };
    let id = match path {
        path if path.starts_with("/programs/") => [program::ALTURA, program::SOLSTICE][usize::from(own)],
        path if path.starts_with("/partners/") && path.ends_with("/undo") => {
            [import::ALTURA_APPLIED, import::APPLIED][usize::from(own)]
        }
        path if path.starts_with("/partners/import/") => [import::ALTURA_CHECKED, import::CHECKED][usize::from(own)],
        path if path.starts_with("/system/mail/") => match (own, who) {
            (true, Some(PIA | UMA | OTTO | DORA)) => LETTERS[1].0,
            (true, _) => LETTERS[0].0,
            (false, _) => LETTERS[2].0,
        },
        path if path.starts_with("/roles/") => [role::ALTURA_DESK, role::UNUSED][usize::from(own)],
        path if path.starts_with("/forms/") => [question::ALTURA_NAME, question::NAME][usize::from(own)],
        path if path.starts_with("/settings/tokens/") => {
            // The id of a program's token is made of its own; see world.sql.
            ["42000000-0000-7000-8000-000000000000", "41000000-0000-7000-8000-000000000000"][usize::from(own)]
        }
        path if path.starts_with("/settings/types/") => [kind::ALTURA_AIRLINE, kind::UNUSED][usize::from(own)],
        path if path.starts_with("/connections/") => match (position, own_code(who)) {
            (Position::Own | Position::None, "KESTREL") => connection::KESTREL,
            (Position::Own | Position::None, _) => connection::SOLHQ,
            (Position::Other, _) => connection::MERIDIAN,
            (Position::Foreign, _) => connection::BOREAL,
        },
        path if path.starts_with("/checks/") => [check::ALTURA, check::SOLSTICE][usize::from(own)],
        path if path.starts_with("/integrations/{id}") => match (position, own_code(who)) {
            (Position::Own | Position::None, "KESTREL") => integration::KESTREL,
            (Position::Own | Position::None, _) => integration::SOLHQ,
            (Position::Other, _) => integration::MERIDIAN,
            (Position::Foreign, _) => integration::BOREAL,
        },
        path if path.starts_with("/templates/{id}") => match (position, own_code(who)) {
            (Position::Own | Position::None, "KESTREL") => template::KESTREL,
            (Position::Own | Position::None, _) => template::SOLHQ,
            (Position::Other, _) => template::MERIDIAN,
            (Position::Foreign, _) => template::BOREAL,
        },
        path if path.starts_with("/tenants/{id}") || path.starts_with("/api/v1/tenants/{id}") => {
            match (position, own_code(who)) {
                (Position::Own | Position::None, "KESTREL") => tenant::KESTREL,
                (Position::Own | Position::None, _) => tenant::SOLHQ,
                (Position::Other, _) => tenant::MERIDIAN,
                (Position::Foreign, _) => tenant::BOREAL,
            }
        }
        "/integrations/{id}/tenants" => match (position, own_code(who)) {
            (Position::Own | Position::None, "KESTREL") => integration::KESTREL_LIVE,
            (Position::Own | Position::None, _) => "e1000000-0000-7000-8000-000000000001",
            (Position::Other, _) => integration::MERIDIAN_LIVE,
            (Position::Foreign, _) => "e2000000-0000-7000-8000-000000000002",
        },
        path if path.starts_with("/tiers/") => [tier::ALTURA_MEMBER, tier::MEMBER][usize::from(own)],
        path if path.starts_with("/products/import/{id}/undo") => {
            [product_import::ALTURA_APPLIED, product_import::APPLIED][usize::from(own)]
        }
        path if path.starts_with("/products/import/") => {
            [product_import::ALTURA_CHECKED, product_import::CHECKED][usize::from(own)]
        }
        path if path.starts_with("/campaigns/import/{id}/undo") => {
            [assignment_import::ALTURA_APPLIED, assignment_import::APPLIED][usize::from(own)]
        }
        path if path.starts_with("/campaigns/import/") => {
            [assignment_import::ALTURA_CHECKED, assignment_import::CHECKED][usize::from(own)]
        }
        path if path.starts_with("/products/{id}") || path.starts_with("/api/v1/products/{id}") => {
            match (position, own_code(who)) {
                (Position::Own | Position::None, "KESTREL") => product::KESTREL,
                (Position::Own | Position::None, _) => product::SOLHQ,
                (Position::Other, _) => product::MERIDIAN,
                (Position::Foreign, _) => product::BOREAL,
            }
        }
        // Nobody of the world redeemed anything.
        "/api/v1/redemptions/{id}" => product::KESTREL,
        path if path.starts_with("/campaigns/{id}") => match (position, own_code(who)) {
            (Position::Own | Position::None, "KESTREL") => campaign::KESTREL,
            (Position::Own | Position::None, _) => campaign::SOLHQ,
            (Position::Other, _) => campaign::MERIDIAN,
            (Position::Foreign, _) => campaign::BOREAL,
        },
        _ => "{id}",
    };
    let member = match (position, who) {
        (Position::Own, Some(PIA | UMA | OTTO | DORA)) => UMA,
        (Position::Own, _) => RUI,
        (Position::Other | Position::None, _) => MOE,
        (Position::Foreign, _) => PETRA,
    };
    // One's own membership is one's own; another's is nobody's business.
    let member = match (path.starts_with("/me/"), position, who) {
        (false, ..) => member.membership(),
        (true, Position::Own, Some(own)) => own.membership(),
        (true, ..) => MIRA.membership(),
    };
    let invited = match (position, who) {
        (Position::Own, Some(PIA | UMA | OTTO | DORA)) => invitation::KESTREL,
        (Position::Own, _) => invitation::SOLHQ,
        (Position::Other | Position::None, _) => invitation::MERIDIAN,
        (Position::Foreign, _) => invitation::BOREAL,
    };
    let session = who.filter(|_| own).unwrap_or(MIRA).other_session();
    let whose = match code {
        "KESTREL" => partner::KESTREL,
        "MERIDIAN" => partner::MERIDIAN,
        "BOREAL" => partner::BOREAL,
        _ => partner::SOLHQ,
    };
    let integration = format!("{}{}", if is_about_live(path) { "e" } else { "d" }, &whose[1..]);
    let id = if path.starts_with("/integrations/") { &integration } else { id };
    // The ids of a partner's only run and token are made of its own; see world.sql.
    let whose_row = match (position, own_code(who)) {
        (Position::Own | Position::None, "KESTREL") => partner::KESTREL,
        (Position::Own | Position::None, _) => partner::SOLHQ,
        (Position::Other, _) => partner::MERIDIAN,
        (Position::Foreign, _) => partner::BOREAL,
    };
    let token = token_id_of(whose_row);
    let id = if path.starts_with("/partners/{code}/tokens/") { token.as_str() } else { id };
    let path = if path.starts_with("/tenants/") { path.replace("{move}", "pause") } else { path.to_owned() };
    let filled = path
        .replace("{check}", [check::SOLSTICE, check::ALTURA][usize::from(position == Position::Foreign)])
        .replace("{run}", &run_of(whose_row))
        .replace("{key}", "night-1")
        .replace("{form}", "partner")
        .replace("{number}", "1")
        .replace("{file}", &file_of(whose))
        .replace("{page}", "general")
        .replace("{image}", &image_of(whose))
        .replace("{code}", code)
        .replace("{token}", "no-link-at-all")
        .replace("{move}", "offboarding")
        .replace("{ending}", "csv")
        .replace("{step}", "pausing")
        .replace("{assignment}", &assignment_of(whose))
        .replace("{session}", &session)
        .replace("{membership}", &member)
        .replace("{invitation}", invited)
        .replace("{thread}", &format!("f{}", &id[1..]))
        .replace("{letter}", LETTERS[1].0)
        .replace("{id}", id);
    assert!(!filled.contains('{'), "say in sweeps/requests.rs what is in {path}");
    filled
}

/// Whether an address of integrations is about one that is published; else it is about one in review.
fn is_about_live(path: &str) -> bool {
    let ends =
        ["/revision", "/live-edit", "/rollback", "/unpublication", "/suspension", "/history", "/versions/{number}"];
    ends.iter().any(|end| path.ends_with(end))
}

/// Everything that the moves of integrations ask for.
const MOVE: [(&str, &str); 7] = [
    ("version", "1"),
    ("summary", "It is better so"),
    ("confirmed", "yes"),
    ("publish_on", "2026-12-12"),
    ("reason_code", "quality"),
    ("number", "1"),
    ("verdict", "comment"),
];

/// Whether an address makes a move.
fn is_move(path: &str) -> bool {
    let noun = path.strip_prefix("/integrations/{id}/").unwrap_or_default();
    noun == "verdict" || portico::integrations::stage::Move::ALL.iter().any(|one| one.key() == noun && noun != "claim")
}

/// Letters about the hosting partner, about Kestrel, and about a partner of another program.
const LETTERS: [(&str, &str, &str); 3] = [
    ("b1000000-0000-7000-8000-000000000001", program::SOLSTICE, partner::SOLHQ),
    ("b1000000-0000-7000-8000-000000000002", program::SOLSTICE, partner::KESTREL),
    ("b2000000-0000-7000-8000-000000000002", program::ALTURA, partner::BOREAL),
];

/// Puts letters that were sent into the outbox.
pub fn send_letters(app: &TestApp) {
    for (id, program, partner) in LETTERS {
        app.database().run(&format!(
            "INSERT INTO outbox (id, program_id, partner_id, letter, recipient, message_id, state, run_at, created_at, kind, subject) \
             VALUES ('{id}', '{program}', '{partner}', '{{\"letter\": \"MembershipChanged\", \"name\": \"N\", \"partner\": \"P\", \
               \"what\": \"may do more\", \"by\": \"H\"}}', 'n@p.example', '{id}', 'sent', now(), '2026-11-19Z', \
               'MembershipChanged', 'Your access to P changed')",
        ));
    }
}

/// What a valid request sends.
pub struct Body {
    pub fields: Vec<(&'static str, String)>,
    pub is_multipart: bool,
    pub file: Option<Chosen<'static>>,
}

/// A file of partners.
const FILE: Chosen<'static> =
    Chosen { field: "file", name: "partners.csv", bytes: b"code,name,type\nNEWONE,New One,airline\n" };

/// A file of products.
const PRODUCTS: Chosen<'static> =
    Chosen { field: "file", name: "products.csv", bytes: b"partner,sku,name\nKESTREL,NEW-1,New offer\n" };

const ASSIGNMENTS: Chosen<'static> = Chosen {
    field: "file",
    name: "assignments.csv",
    bytes: b"campaign,partner,tier,start\nWINTER-KESTREL,KESTREL,Gold,2027-05-01\n",
};

/// The fields of a product's form that has no error.
pub const PRODUCT: [(&str, &str); 6] = [
    ("name", "Weekend upgrade"),
    ("sku", "UP-1"),
    ("kind", "service"),
    ("category", "Travel"),
    ("price", "12000"),
    ("currency", "points"),
];

/// A template.
const TEMPLATE_FILE: Chosen<'static> = Chosen {
    field: "file",
    name: "stays.json",
    bytes: b"{\"portico_template\":1,\"name\":\"New stays\",\"process\":\"accrual\",\"format\":\"csv\",\"fields\":[{\"name\":\"member\",\"type\":\"text\"}]}",
};

/// A file that a template is checked with, or guessed from.
const STAYS: Chosen<'static> = Chosen { field: "file", name: "stays.csv", bytes: b"member,nights\nAB12,2\n" };

/// The fields of a template's form that has no error.
pub const TEMPLATE: [(&str, &str); 10] = [
    ("name", "Nordic stays"),
    ("process", "accrual"),
    ("format", "csv"),
    ("delimiter", "comma"),
    ("quote", "double"),
    ("encoding", "utf-8"),
    ("f0_name", "member"),
    ("f0_kind", "text"),
    ("f0_length", "12"),
    ("f0_sample", "AB12"),
];

impl Body {
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// The fields of a partner's form that has no error.
pub const PARTNER: [(&str, &str); 8] = [
    ("name", "Nordlys Bank"),
    ("type", "airline"),
    ("kind", "external"),
    ("category", "both"),
    ("support_phone", "+47 21 00 00 00"),
    ("support_email", "help@nordlys.example"),
    ("time_zone", "Europe/Oslo"),
    ("notes", "Plans"),
];

/// The fields of a connection's form that has no error.
pub const CONNECTION: [(&str, &str); 8] = [
    ("name", "Daily files"),
    ("direction", "both"),
    ("host", "files.new.example"),
    ("port", "22"),
    ("path", "/daily"),
    ("auth", "password"),
    ("username", "portico"),
    ("password", "a password of the other end"),
];

/// The fields of a campaign's form that has no error.
pub const CAMPAIGN: [(&str, &str); 6] = [
    ("code", "SPRING-27"),
    ("name", "Spring miles"),
    ("time_zone", "Europe/Lisbon"),
    ("first_day", "2027-04-01"),
    ("last_day", "2027-05-31"),
    ("display", "filter"),
];

/// The same for one that is there.
const CAMPAIGN_EDIT: [(&str, &str); 7] = [
    ("version", "1"),
    ("code", "SPRING-27"),
    ("name", "Spring miles"),
    ("time_zone", "Europe/Lisbon"),
    ("first_day", "2026-10-01"),
    ("last_day", "2027-05-31"),
    ("display", "show-all"),
];

/// What an address takes from somebody, when the world is as new.
pub fn body(route: &Route, who: Option<Person>, position: Position) -> Body {
    let contact = match (position, own_code(who)) {
        (Position::Other, _) => MIRA.id,
        (_, "KESTREL") => PIA.id,
        _ => HANA.id,
    };
    let membership = who.map(Person::membership).unwrap_or_default();
    let heir = UMA.membership();
    let fields: &[(&'static str, &str)] = match route.path {
        "/partners" => &[("code", "NORDLYS"), ("status", "planned")],
        "/partners/bulk" => &[
            ("id", partner::MERIDIAN),
            ("act", "offboarding"),
            ("confirmed", "yes"),
            ("seen", "31000000-0000-7000-8000-000000000003 1"),
        ],
        "/partners/{code}/edit" | "/partners/{code}/logo/removal" => &[("version", "1")],
        "/partners/{code}/status/{move}" => &[("version", "1"), ("reason", "A reason"), ("contact", contact)],
        "/partners/{code}/hosting" => &[("version", "1"), ("hosting", "yes"), ("confirmed", "yes")],
        "/programs" => &[("name", "New"), ("code", "NEW"), ("model", "coalition"), ("time_zone", "UTC")],
        "/settings" => &[
            ("version", "1"),
            ("name", "Solstice Rewards"),
            ("time_zone", "Europe/Lisbon"),
            ("coalition", "yes"),
            ("hosting_limit", "5"),
        ],
        "/settings/types" | "/settings/types/{id}" => &[("type_name", "Rail")],
        "/settings/types/{id}/move" => &[("to", "up")],
        "/sign-in" => &[("email", HANA.email), ("password", PASSWORD), ("next", "/")],
        "/set-up" => &[
            ("token", "AAAA-AAAA-AAAA-AAAA-AAAA"),
            ("name", "Eve"),
            ("email", "eve@evil.example"),
            ("new_password", "four other unrelated words"),
        ],
        "/me" => &[("version", "1"), ("name", "Another Name"), ("time_zone", ""), ("single_keys", "yes")],
        "/me/password" => &[("current_password", PASSWORD), ("new_password", "four other unrelated words")],
        "/me/notifications" => &[],
        "/settings/letters/invitation" => &[
            ("version", "1"),
            ("subject", "Welcome to {program}"),
            ("body", "{inviter} asks you to join {partner}."),
            ("do", "save"),
        ],
        // Not a letter to anybody: three of them close the form for everybody here.
        "/forgotten" => &[("email", "not an address")],
        "/reset" => &[("new_password", "four other unrelated words")],
        "/sign-in/code" | "/me/second-factor/confirm" => &[("code", "123456")],
        "/me/email" => &[("new_email", "another@address.example"), ("email_password", PASSWORD)],
        "/me/second-factor" => &[("current_password", PASSWORD)],
        "/me/second-factor/codes" | "/me/second-factor/off" => &[("current_password", PASSWORD), ("code", "123456")],
        "/me/theme" => &[("theme", "dark")],
        "/me/membership" => &[("membership", &membership)],
        "/partners/import" => &[],
        "/partners/import/{id}/columns" => &[("column-code", "code"), ("column-name", "name"), ("column-type", "type")],
        "/partners/import/{id}/apply" => &[("mode", "leave")],
        "/partners/{code}/users/new" => &[("name", "New Person"), ("email", "new@person.example"), ("role", "user")],
        "/partners/{code}/users/{membership}/role" => &[("version", "1"), ("role", "auditor")],
        "/partners/{code}/users/{membership}/remove" => &[("version", "1")],
        "/partners/{code}/users/{membership}/suspend" => &[("version", "1"), ("reason", "They are on leave")],
        "/partners/{code}/users/{membership}/reactivate" => &[("version", "1")],
        "/partners/{code}/users/{membership}/view-as" => &[("reason", "A call about a list"), ("minutes", "15")],
        "/me/memberships/{membership}/leave" => &[("version", "1"), ("successor", &heir)],
        "/roles" => &[("name", "Desk"), ("sees", "all"), ("grant", "partners/read")],
        "/roles/{id}" => &[("version", "1"), ("name", "Desk"), ("sees", "all"), ("grant", "partners/read")],
        "/roles/{id}/remove" => &[("version", "1")],
        "/partners/{code}/invitations/{invitation}/resend"
        | "/partners/{code}/invitations/{invitation}/extend"
        | "/partners/{code}/invitations/{invitation}/revoke" => &[("version", "1")],
        "/partners/{code}/invitations/{invitation}/correct" => {
            &[("version", "1"), ("name", "Ines"), ("email", "ines@corrected.example"), ("role", "user")]
        }
        "/invitation" => &[("name", "Ines"), ("new_password", "four other unrelated words")],
        "/connections" => &[("partner", own_code(who)), ("kind", "sftp")],
        "/connections/{id}/edit" | "/connections/{id}/removal" => &[("version", "1")],
        "/integrations" => &[("partner", own_code(who)), ("name", "Night credits"), ("kind", "internal")],
        "/integrations/{id}/pages/{page}" => &[("version", "1"), ("name", "Another name"), ("kind", "internal")],
        "/integrations/{id}/credentials" => {
            &[("version", "1"), ("do", "store"), ("credentials", "tester and a password")]
        }
        "/integrations/{id}/following" => &[("follow", "yes")],
        "/templates" => &[("partner", own_code(who))],
        "/templates/import" | "/templates/sample" => &[("partner", own_code(who))],
        "/templates/{id}/edit" | "/templates/{id}/removal" => &[("version", "1")],
        "/templates/{id}/check" => &[],
        "/integrations/{id}/snooze" => &[("back", "list")],
        "/integrations/{id}/claim" => &[("version", "1"), ("confirmed", "yes")],
        "/integrations/{id}/handover" => &[("version", "1"), ("to", RUI.id)],
        "/integrations/{id}/views" => &[("page", "listing"), ("next", "configure")],
        "/integrations/{id}/threads" => {
            &[("page", "listing"), ("field", "summary"), ("weight", "advice"), ("body", "Say it in both languages.")]
        }
        "/integrations/{id}/threads/{thread}/messages" => &[("body", "Changed, thank you."), ("back", "review")],
        "/integrations/{id}/threads/{thread}/resolution" | "/integrations/{id}/threads/{thread}/reopening" => {
            &[("back", "review")]
        }
        "/checks/new" => {
            &[("version", "1"), ("kind", "required"), ("place", "name"), ("words", "Say it"), ("weight", "advice")]
        }
        "/checks/{id}" => &[("version", "1"), ("place", "media"), ("words", "Look at it")],
        "/checks/{id}/switch" => &[("version", "1"), ("live", "yes")],
        "/checks/{id}/move" => &[("to", "down")],
        "/checks/{id}/removal" => &[("version", "1")],
        "/settings/review" => &[("version", "1"), ("target_days", "5"), ("categories", "Travel")],
        "/settings/types/{id}/review" => &[("seen", "reviewed"), ("review", "self-publish")],
        "/integrations/{id}/checklist/{check}" => &[("submission", "1"), ("ticked", "yes")],
        "/integrations/{id}/answers" => &[("form", "1"), ("draft", "0"), ("sent", "0"), ("act", "draft")],
        "/tiers" => &[("name", "Platinum"), ("place", "1")],
        "/tiers/{id}" => &[("version", "1"), ("name", "Blue")],
        "/tiers/{id}/move" => &[("version", "1"), ("to", "up")],
        "/tiers/{id}/removal" => &[("version", "1")],
        "/products" => &[("partner", "KESTREL")],
        "/products/bulk" => &[
            ("id", product::MERIDIAN),
            ("act", "archival"),
            ("confirmed", "yes"),
            ("seen", "71000000-0000-7000-8000-000000000003 1"),
        ],
        "/products/import" | "/campaigns/import" => &[],
        "/campaigns/import/{id}/columns" => &[
            ("column-campaign", "campaign"),
            ("column-partner", "partner"),
            ("column-tier", "tier"),
            ("column-start", "start"),
        ],
        "/products/import/{id}/columns" => {
            &[("column-partner", "partner"), ("column-sku", "sku"), ("column-name", "name")]
        }
        "/products/{id}/edit" | "/products/{id}/image/removal" | "/products/{id}/archival" => &[("version", "1")],
        // Nothing of the world is archived.
        "/products/{id}/restoration" => &[("version", "1")],
        "/forms/{form}/settings" => &[("version", "1"), ("activates", "yes")],
        "/forms/{form}/draft/removal" | "/forms/{form}/questions/{id}/removal" => &[("version", "1")],
        "/forms/{form}/publication" => &[("version", "1"), ("reach", "again"), ("by", "2026-12-12")],
        "/forms/{form}/questions/new" => &[("version", "1"), ("kind", "number"), ("label", "How many?")],
        "/forms/{form}/questions/{id}" => &[("version", "1"), ("label", "Who else?")],
        "/forms/{form}/questions/{id}/move" => &[("version", "1"), ("to", "down")],
        "/partners/{code}/profile/request" => &[("by", "2026-12-12"), ("note", "Is it still right?")],
        "/partners/{code}/profile/answers" => &[
            ("form", "1"),
            ("draft", "0"),
            ("sent", "1"),
            ("act", "send"),
            ("q-91000000-0000-7000-8000-000000000001", "Somebody else"),
        ],
        path if is_move(path) => &MOVE,
        "/tenants" => &[
            (
                "integration",
                if own_code(who) == "KESTREL" { integration::KESTREL_LIVE } else { integration::MERIDIAN_LIVE },
            ),
            ("name", "Inn at the Lake"),
            ("external_id", "inn-77"),
            ("schedule", "daily"),
        ],
        "/tenants/{id}/edit" => {
            &[("version", "1"), ("name", "Inn at the Sea"), ("external_id", "inn-78"), ("schedule", "hourly")]
        }
        "/tenants/{id}/state/{move}" | "/tenants/{id}/archival" => &[("version", "1"), ("reason", "The inn is closed")],
        "/partners/{code}/tokens" => &[("name", "Booking engine"), ("scope", "runs:write"), ("until", "2026-12-31")],
        "/settings/tokens" => &[("name", "Web shop"), ("scope", "products:read"), ("until", "2026-12-31")],
        "/campaigns" => &CAMPAIGN,
        "/campaigns/{id}/edit" => &CAMPAIGN_EDIT,
        "/partners/{code}/campaigns" => &[("campaign", campaign::SOLHQ)],
        "/campaigns/{id}/status/{step}" | "/campaigns/{id}/approval" => &[("version", "1")],
        "/campaigns/{id}/copy" => {
            &[("code", "SPRING-27"), ("name", "Spring"), ("first_day", "2027-04-01"), ("with_assignments", "yes")]
        }
        "/campaigns/{id}/partners/link" => &[("code", "SOLHQ"), ("codes", "KESTREL")],
        "/campaigns/{id}/partners/{code}/unlink" => &[("assignments", "1")],
        "/campaigns/{id}/assignments/new" => {
            &[("whose", "SOLHQ"), ("tier", tier::GOLD), ("first_day", "2027-01-01"), ("state", "draft")]
        }
        "/campaigns/{id}/assignments/several" => {
            &[("code", "SOLHQ"), ("tier", tier::GOLD), ("first_day", "2027-01-01"), ("state", "draft")]
        }
        "/campaigns/{id}/assignments/{assignment}/edit" => &[
            ("version", "1"),
            ("tier", tier::GOLD),
            ("first_day", "2026-10-01"),
            ("last_day", "2027-03-31"),
            ("state", "live"),
            ("do", "save"),
            ("checked", "none"),
        ],
        "/campaigns/{id}/assignments/bulk" => &[
            ("act", "extend"),
            ("days", "3"),
            ("confirmed", "yes"),
            ("id", "a1000000-0000-7000-8000-000000000001"),
            ("seen", "a1000000-0000-7000-8000-000000000001 1"),
        ],
        "/campaigns/{id}/assignments/copy" => &[("from", campaign::KESTREL)],
        "/campaigns/{id}/undo" => &[("undo", "none")],
        path if WITHOUT_FORM.contains(&path) => &[],
        other => panic!("say in sweeps/requests.rs what POST {other} takes"),
    };
    let is_partner = matches!(route.path, "/partners" | "/partners/{code}/edit");
    let file = match route.path {
        "/partners/import" => Some(FILE),
        "/products/import" => Some(PRODUCTS),
        "/campaigns/import" => Some(ASSIGNMENTS),
        "/templates/import" => Some(TEMPLATE_FILE),
        "/templates/sample" | "/templates/{id}/check" => Some(STAYS),
        _ => None,
    };
    let partner: &[(&'static str, &str)] = match route.path {
        "/connections" | "/connections/{id}/edit" => &CONNECTION,
        "/templates" | "/templates/{id}/edit" => &TEMPLATE,
        "/products" | "/products/{id}/edit" => &PRODUCT,
        _ if is_partner => &PARTNER,
        _ => &[],
    };
    let is_answers = matches!(
        route.path,
        "/partners/{code}/profile/answers" | "/integrations/{id}/pages/{page}" | "/integrations/{id}/answers"
    );
    let is_product = matches!(route.path, "/products" | "/products/{id}/edit");
    let fields = partner.iter().chain(fields).map(|(name, value)| (*name, (*value).to_owned())).collect();
    Body { fields, is_multipart: is_partner || is_product || is_answers || file.is_some(), file }
}

/// Addresses that read no form: all that they need is in the address.
pub const WITHOUT_FORM: &[&str] = &[
    "/integrations/{id}/credentials/opening",
    "/integrations/{id}/checks",
    "/integrations/{id}/readers",
    "/partners/{code}/tokens/{id}/revocation",
    "/settings/tokens/{id}/revocation",
    "/campaigns/import/{id}/apply",
    "/campaigns/import/{id}/undo",
    "/products/import/{id}/apply",
    "/products/import/{id}/undo",
    "/connections/{id}/test",
    "/system/mail/{id}/again",
    "/view/end",
    "/invitation/ask",
    "/notifications/read",
    "/notifications/{letter}/read",
    "/forms/{form}/draft",
    "/partners/import/{id}/undo",
    "/partners/import/{id}/again",
    "/partners/{code}/users/{membership}/primary-contact",
    "/partners/{code}/users/{membership}/reset",
    "/partners/{code}/users/{membership}/second-factor/off",
    "/email",
    "/setup/hide",
    "/programs/{id}/open",
    "/settings/types/{id}/remove",
    "/templates/{id}/copy",
    "/sign-out",
    "/me/sessions/end-others",
    "/me/sessions/{session}/end",
];

/// Sends a valid request.
pub fn send(visitor: &Visitor, route: &Route, who: Option<Person>, position: Position) -> Answer {
    let path = filled(route.path, who, position);
    if route.method == "GET" {
        return visitor.get(&path);
    }
    let body = body(route, who, position);
    match body.is_multipart {
        true => visitor.post_multipart(&path, &body.pairs(), body.file),
        false => visitor.post(&path, &body.pairs()),
    }
}

/// Whether an address is the API's: those are in a table of their own, since no browser comes there.
pub fn is_api(route: &Route) -> bool {
    route.path.starts_with("/api/v1/")
}

/// All pages of a method.
pub fn routes(method: &str) -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(move |route| route.method == method && !is_api(route))
}
