//! The enum of every letter. It holds ids and plain facts, never a secret: a link is derived when the letter is
//! written, which is when it is sent.

use askama::Template;
use serde::{Deserialize, Serialize};

use super::integration_letter::IntegrationLetter;
use super::words::{Filled, Words};
use crate::access::link::{self, Purpose};
use crate::db::ids::{InvitationId, UserId};
use crate::web::listing::grouped;

/// A letter to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter")]
#[expect(missing_docs, reason = "the words below say what each means")]
pub enum Letter {
    /// E0: somebody is asked to join a partner. `until` is a moment in words, with its zone.
    Invitation {
        invitation: InvitationId,
        version: i32,
        email: String,
        name: String,
        partner: String,
        program: String,
        role: String,
        inviter: String,
        until: String,
    },
    /// To the inviter: the invitation did not arrive. `page` is the path of the list to mend it in.
    InvitationFailed { inviter: String, name: String, email: String, partner: String, problem: String, page: String },
    /// To the inviter: the link ran out, and a new one is wanted.
    InvitationAsked { inviter: String, name: String, email: String, partner: String, page: String },
    /// To the inviter: they joined.
    InvitationAccepted { inviter: String, name: String, partner: String, role: String, page: String },
    /// To somebody with an account who is a member of one more partner now.
    MemberAdded { name: String, partner: String, program: String, role: String, by: String },
    /// To a member whose rights changed. `what` goes on after "you".
    MembershipChanged { name: String, partner: String, what: String, by: String },
    /// To somebody who forgot their password, or whose administrator sends them a way back (`by`).
    PasswordReset { user: UserId, version: i32, email: String, name: String, until: String, by: Option<String> },
    /// To the owner of an account whose password was changed: if it was not them, they learn of it here.
    PasswordChanged { name: String, when: String },
    /// To a new address, so that its owner confirms it.
    EmailConfirmation { user: UserId, version: i32, email: String, name: String, until: String },
    /// To the old address, once the new one counts.
    EmailChanged { name: String, email: String, when: String },
    /// To the owner of an account whose second factor was switched on or off, or replaced.
    SecondFactorChanged { name: String, what: String, when: String },
    /// To the owner of an account that a recovery code signed in to, with how many are left.
    RecoveryCodeUsed { name: String, left: i64, when: String },
    /// To the person and to the partner's primary contact: a host looked at the portal as that person sees it.
    ViewedAs { name: String, viewed: String, viewer: String, partner: String, reason: String, when: String },
    /// 4: to a reviewer who was given a review by somebody else.
    ReviewHandedOver { name: String, integration: String, partner: String, by: String, page: String },
    /// E11: to the hosting partners' primary contacts.
    PartnerActive { name: String, partner: String, by: String, page: String },
    /// E11 for many at once, after an import: to the hosting partners' primary contacts.
    PartnersActive { name: String, count: i64, by: String, page: String },
    /// E12: what waits for one person, once a day. `late` are reviews, `owed` changes, each a sentence.
    Reminder { name: String, program: String, late: Vec<String>, owed: Vec<String>, page: String },
    /// To whoever asked whether mail works.
    Test { when: String },
    /// E1 to E10: what happens to integrations.
    #[serde(untagged)]
    Integration(IntegrationLetter),
}

/// What letters are about that a person may do without. Security letters have no topic and cannot be muted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// How one's invitations fare.
    Invitations,
    /// Partners of the program.
    Partners,
    /// What is submitted to the program, and withdrawn.
    Submissions,
    /// What becomes of integrations that one submitted or follows.
    Integrations,
    /// What waits for one, once a day.
    Reminders,
}

impl Topic {
    /// In the order of the page.
    pub const ALL: [Topic; 5] =
        [Topic::Invitations, Topic::Partners, Topic::Submissions, Topic::Integrations, Topic::Reminders];

    /// The word in the table.
    pub fn key(self) -> &'static str {
        match self {
            Topic::Invitations => "invitations",
            Topic::Partners => "partners",
            Topic::Submissions => "submissions",
            Topic::Integrations => "integrations",
            Topic::Reminders => "reminders",
        }
    }

    /// The shown words.
    pub fn label(self) -> &'static str {
        match self {
            Topic::Invitations => "Invitations I sent: accepted",
            Topic::Partners => "Partners of the program that become active",
            Topic::Submissions => {
                "Integrations submitted and withdrawn; whoever is the last to be told is told all the same"
            }
            Topic::Integrations => "Integrations I submitted or follow: received, approved, published",
            Topic::Reminders => "Integrations that wait for me, at most once a day",
        }
    }
}

/// What a letter consists of, before it is text or HTML.
pub struct Parts {
    /// One line.
    pub subject: String,
    /// Who is greeted; empty for nobody.
    pub name: String,
    /// Paragraphs before the link.
    pub before: Vec<String>,
    /// What the link says, and where it leads.
    pub link: Option<(&'static str, String)>,
    /// Items with links of their own: what, and where.
    pub items: Vec<(String, String)>,
    /// Paragraphs after it.
    pub after: Vec<String>,
    /// Who writes.
    pub sender: String,
}

/// What a letter needs of the portal to be written.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The configured address, without a slash at its end.
    pub base: &'a str,
    /// Makes the links.
    pub key: &'a [u8],
    /// The program's own words for this letter.
    pub words: Option<&'a Words>,
}

/// A letter in words.
#[derive(Clone, Debug)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For everybody else.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Text<'a> {
    parts: &'a Parts,
    base: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    parts: &'a Parts,
    base: &'a str,
}

const NOT_YOU: &str = "If this was not you, tell your program’s administrator at once.";

impl Letter {
    /// One of each, with given texts: for the preview and the tests.
    pub fn samples(text: &str) -> Vec<Letter> {
        let s = || text.to_owned();
        let (user, invitation, email) = (UserId::new(), InvitationId::new(), "sato@kestrel.example".to_owned());
        let page = || "/partners/KESTREL/users".to_owned();
        let mut all = vec![
            Letter::Invitation {
                invitation,
                version: 1,
                email: email.clone(),
                name: s(),
                partner: s(),
                program: s(),
                role: s(),
                inviter: s(),
                until: s(),
            },
            Letter::InvitationFailed {
                inviter: s(),
                name: s(),
                email: email.clone(),
                partner: s(),
                problem: s(),
                page: page(),
            },
            Letter::InvitationAsked { inviter: s(), name: s(), email: email.clone(), partner: s(), page: page() },
            Letter::InvitationAccepted { inviter: s(), name: s(), partner: s(), role: s(), page: page() },
            Letter::MemberAdded { name: s(), partner: s(), program: s(), role: s(), by: s() },
            Letter::MembershipChanged { name: s(), partner: s(), what: s(), by: s() },
            Letter::PasswordReset { user, version: 1, email: email.clone(), name: s(), until: s(), by: Some(s()) },
            Letter::PasswordChanged { name: s(), when: s() },
            Letter::EmailConfirmation { user, version: 1, email: email.clone(), name: s(), until: s() },
            Letter::EmailChanged { name: s(), email, when: s() },
            Letter::SecondFactorChanged { name: s(), what: s(), when: s() },
            Letter::RecoveryCodeUsed { name: s(), left: 9, when: s() },
            Letter::ViewedAs { name: s(), viewed: s(), viewer: s(), partner: s(), reason: s(), when: s() },
            Letter::ReviewHandedOver { name: s(), integration: s(), partner: s(), by: s(), page: page() },
            Letter::PartnerActive { name: s(), partner: s(), by: s(), page: page() },
            Letter::PartnersActive { name: s(), count: 7, by: s(), page: page() },
            Letter::Reminder { name: s(), program: s(), late: vec![s()], owed: vec![s()], page: page() },
            Letter::Test { when: s() },
        ];
        all.extend(IntegrationLetter::samples(text).into_iter().map(Letter::Integration));
        all
    }

    /// Its name, as stored in `outbox.kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Letter::Invitation { .. } => "Invitation",
            Letter::InvitationFailed { .. } => "InvitationFailed",
            Letter::InvitationAsked { .. } => "InvitationAsked",
            Letter::InvitationAccepted { .. } => "InvitationAccepted",
            Letter::MemberAdded { .. } => "MemberAdded",
            Letter::MembershipChanged { .. } => "MembershipChanged",
            Letter::PasswordReset { .. } => "PasswordReset",
            Letter::PasswordChanged { .. } => "PasswordChanged",
            Letter::EmailConfirmation { .. } => "EmailConfirmation",
            Letter::EmailChanged { .. } => "EmailChanged",
            Letter::SecondFactorChanged { .. } => "SecondFactorChanged",
            Letter::RecoveryCodeUsed { .. } => "RecoveryCodeUsed",
            Letter::ViewedAs { .. } => "ViewedAs",
            Letter::ReviewHandedOver { .. } => "ReviewHandedOver",
            Letter::PartnerActive { .. } => "PartnerActive",
            Letter::PartnersActive { .. } => "PartnersActive",
            Letter::Reminder { .. } => "Reminder",
            Letter::Test { .. } => "Test",
            Letter::Integration(one) => one.kind(),
        }
    }

    /// The name on screens.
    pub fn label(&self) -> &'static str {
        match self {
            Letter::Invitation { .. } => "Invitation",
            Letter::InvitationFailed { .. } => "Invitation did not arrive",
            Letter::InvitationAsked { .. } => "New link asked for",
            Letter::InvitationAccepted { .. } => "Invitation accepted",
            Letter::MemberAdded { .. } => "Added to a partner",
            Letter::MembershipChanged { .. } => "Rights changed",
            Letter::PasswordReset { .. } => "Password reset",
            Letter::PasswordChanged { .. } => "Password changed",
            Letter::EmailConfirmation { .. } => "Confirm a new address",
            Letter::EmailChanged { .. } => "Address changed",
            Letter::SecondFactorChanged { .. } => "Second factor changed",
            Letter::RecoveryCodeUsed { .. } => "Recovery code used",
            Letter::ViewedAs { .. } => "Viewed as",
            Letter::ReviewHandedOver { .. } => "Review handed over",
            Letter::PartnerActive { .. } => "Partner became active",
            Letter::PartnersActive { .. } => "Partners became active",
            Letter::Reminder { .. } => "Reminder",
            Letter::Test { .. } => "Test",
            Letter::Integration(one) => one.label(),
        }
    }

    /// What it is about, where the person may do without it.
    pub fn topic(&self) -> Option<Topic> {
        match self {
            Letter::InvitationAccepted { .. } => Some(Topic::Invitations),
            Letter::Integration(one) => one.topic(),
            Letter::PartnerActive { .. } | Letter::PartnersActive { .. } => Some(Topic::Partners),
            Letter::Reminder { .. } => Some(Topic::Reminders),
            // Somebody waits for whoever gets these, or they are about the safety of an account.
            Letter::Invitation { .. }
            | Letter::InvitationFailed { .. }
            | Letter::InvitationAsked { .. }
            | Letter::MemberAdded { .. }
            | Letter::MembershipChanged { .. }
            | Letter::PasswordReset { .. }
            | Letter::PasswordChanged { .. }
            | Letter::EmailConfirmation { .. }
            | Letter::EmailChanged { .. }
            | Letter::SecondFactorChanged { .. }
            | Letter::RecoveryCodeUsed { .. }
            | Letter::ViewedAs { .. }
            | Letter::ReviewHandedOver { .. }
            | Letter::Test { .. } => None,
        }
    }

    /// The letters that are notifications in the portal too: what brings a key, and a test, is for the mailbox alone.
    pub const NOTICES: [&str; 25] = [
        "InvitationFailed",
        "InvitationAsked",
        "InvitationAccepted",
        "MemberAdded",
        "MembershipChanged",
        "PasswordChanged",
        "EmailChanged",
        "SecondFactorChanged",
        "RecoveryCodeUsed",
        "ViewedAs",
        "ReviewHandedOver",
        "PartnerActive",
        "PartnersActive",
        "Reminder",
        "IntegrationSubmitted",
        "IntegrationWithdrawn",
        "ChangesRequested",
        "IntegrationPublished",
        "IntegrationScheduled",
        "IntegrationRejected",
        "IntegrationReopened",
        "IntegrationEdited",
        "IntegrationUnpublished",
        "IntegrationSuspended",
        "IntegrationHeldBack",
    ];

    /// The page that a notification leads to.
    pub fn page(&self) -> Option<&str> {
        match self {
            Letter::InvitationFailed { page, .. }
            | Letter::InvitationAsked { page, .. }
            | Letter::InvitationAccepted { page, .. }
            | Letter::PartnerActive { page, .. }
            | Letter::ReviewHandedOver { page, .. }
            | Letter::PartnersActive { page, .. }
            | Letter::Reminder { page, .. } => Some(page),
            Letter::PasswordChanged { .. }
            | Letter::EmailChanged { .. }
            | Letter::SecondFactorChanged { .. }
            | Letter::RecoveryCodeUsed { .. } => Some("/me"),
            Letter::MemberAdded { .. } => Some("/"),
            Letter::Integration(one) => Some(one.page()),
            Letter::MembershipChanged { .. }
            | Letter::ViewedAs { .. }
            | Letter::Invitation { .. }
            | Letter::PasswordReset { .. }
            | Letter::EmailConfirmation { .. }
            | Letter::Test { .. } => None,
        }
    }

    /// Its first paragraph, for a list of notifications.
    pub fn gist(&self) -> String {
        self.said(None).2.into_iter().next().unwrap_or_default()
    }

    /// Whether it brings a link that lets its reader in: a preview shows no such link.
    pub fn brings_a_key(&self) -> bool {
        matches!(self, Letter::Invitation { .. } | Letter::PasswordReset { .. } | Letter::EmailConfirmation { .. })
    }

    fn link(&self, desk: Desk<'_>) -> Option<(&'static str, String)> {
        let page = |path: &str| format!("{}{path}", desk.base);
        let keyed =
            |purpose, id, version: i32, email: &str| link::address(desk.base, desk.key, purpose, id, version, email);
        match self {
            Letter::Invitation { invitation, version, email, .. } => {
                Some(("Accept the invitation", keyed(Purpose::Invitation, invitation.uuid(), *version, email)))
            }
            Letter::PasswordReset { user, version, email, .. } => {
                Some(("Choose a new password", keyed(Purpose::Reset, user.uuid(), *version, email)))
            }
            Letter::EmailConfirmation { user, version, email, .. } => {
                Some(("Confirm this address", keyed(Purpose::Email, user.uuid(), *version, email)))
            }
            Letter::InvitationFailed { page: path, .. } => Some(("Correct the address", page(path))),
            Letter::InvitationAsked { page: path, .. } => Some(("Send a new link", page(path))),
            Letter::InvitationAccepted { page: path, .. } => Some(("See the users", page(path))),
            Letter::ReviewHandedOver { page: path, .. } => Some(("Open the review", page(path))),
            Letter::PartnerActive { page: path, .. } => Some(("See the partner", page(path))),
            Letter::Integration(one) => Some(one.link()).map(|(words, path)| (words, page(&path))),
            Letter::PartnersActive { page: path, .. } => Some(("See the partners", page(path))),
            Letter::Reminder { page: path, .. } => Some(("See what waits", page(path))),
            Letter::MemberAdded { .. } => Some(("Open Portico", page("/"))),
            Letter::PasswordChanged { .. }
            | Letter::EmailChanged { .. }
            | Letter::SecondFactorChanged { .. }
            | Letter::RecoveryCodeUsed { .. } => Some(("See your account and its sessions", page("/me"))),
            Letter::MembershipChanged { .. } | Letter::ViewedAs { .. } | Letter::Test { .. } => None,
        }
    }

    /// Subject, name, and the paragraphs before and after the link.
    fn said(&self, words: Option<&Words>) -> (String, String, Vec<String>, Vec<String>) {
        let one = |text: String| vec![text];
        let none: Vec<String> = Vec::new();
        match self {
            Letter::Invitation { name, partner, program, role, inviter, until, .. } => {
                let standard = Words::default();
                let facts = Filled { name, partner, program, role, inviter };
                let (subject, before) = words.unwrap_or(&standard).filled(&facts);
                let after = vec![
                    format!("The link works once, until {until}. After that, open it all the same and ask for a new one."),
                    "If you have an account here already, you are asked to sign in with it. If you did not expect this letter, you can leave it alone.".to_owned(),
                ];
                (subject, name.clone(), before, after)
            }
            Letter::InvitationFailed { inviter, name, email, partner, problem, .. } => (
                format!("Your invitation of {name} did not arrive"),
                inviter.clone(),
                one(format!("Your invitation of {name} ({email}) to {partner} could not be delivered: {problem}")),
                one("Look whether the address is right. You can correct it, and a new link goes out.".into()),
            ),
            Letter::InvitationAsked { inviter, name, email, partner, .. } => (
                format!("{name} asks for a new link"),
                inviter.clone(),
                one(format!("The invitation of {name} ({email}) to {partner} ran out, and they ask for a new link.")),
                none,
            ),
            Letter::InvitationAccepted { inviter, name, partner, role, .. } => (
                format!("{name} joined {partner}"),
                inviter.clone(),
                one(format!("{name} accepted your invitation and is {role} of {partner} now.")),
                none,
            ),
            Letter::MemberAdded { name, partner, program, role, by } => (
                format!("You are {role} of {partner}"),
                name.clone(),
                one(format!(
                    "{by} made you {role} of {partner} in {program}. Sign in with the account you have; if you work for several organisations, switch between them above the navigation."
                )),
                none,
            ),
            Letter::MembershipChanged { name, partner, what, by } => (
                format!("Your access to {partner} changed"),
                name.clone(),
                one(format!("{by} changed your access to {partner}: you {what}.")),
                one("If this surprises you, ask them, or an administrator of the program.".into()),
            ),
            Letter::PasswordReset { name, until, by, .. } => (
                "Choose a new password for Portico".into(),
                name.clone(),
                one(match by {
                    Some(by) => format!("{by} sends you a way back into Portico: choose a new password."),
                    None => "Somebody, hopefully you, asked for a new password for this address.".into(),
                }),
                vec![
                    format!("The link works once, until {until}. Your password stays as it is until you use it."),
                    "If you did not ask for it, you can leave this letter alone.".to_owned(),
                ],
            ),
            Letter::PasswordChanged { name, when } => (
                "Your Portico password was changed".into(),
                name.clone(),
                one(format!(
                    "The password of your Portico account was changed on {when}. All other sessions were signed out."
                )),
                one(NOT_YOU.into()),
            ),
            Letter::EmailConfirmation { name, email, until, .. } => (
                "Confirm your new address for Portico".into(),
                name.clone(),
                one(format!(
                    "You asked to sign in to Portico with {email} from now on. Confirm that this address is yours."
                )),
                vec![
                    format!("The link works once, until {until}. Until then your old address counts."),
                    "If you did not ask for it, you can leave this letter alone.".to_owned(),
                ],
            ),
            Letter::EmailChanged { name, email, when } => (
                "Your Portico address was changed".into(),
                name.clone(),
                one(format!(
                    "You sign in to Portico with {email} since {when}. This address no longer counts. All sessions were signed out."
                )),
                one(NOT_YOU.into()),
            ),
            Letter::SecondFactorChanged { name, what, when } => (
                format!("Your Portico second factor was {what}"),
                name.clone(),
                one(format!("The second factor of your Portico account was {what} on {when}.")),
                one(NOT_YOU.into()),
            ),
            Letter::RecoveryCodeUsed { name, left, when } => (
                "A recovery code signed in to Portico".into(),
                name.clone(),
                one(format!(
                    "One of your recovery codes was used on {when} to sign in. {} left.",
                    if *left == 1 { "One is".to_owned() } else { format!("{left} are") }
                )),
                vec![
                    "Make new ones on the page of your second factor before they run out.".to_owned(),
                    NOT_YOU.to_owned(),
                ],
            ),
            Letter::ViewedAs { name, viewed, viewer, partner, reason, when } => (
                format!("{viewer} looked at Portico as {viewed}"),
                name.clone(),
                vec![
                    format!(
                        "On {when} {viewer} began to look at the portal as {viewed} of {partner} sees it, without being able to change anything."
                    ),
                    format!("The reason they gave: {reason}"),
                ],
                one("Each such look is in the activity of your partner.".into()),
            ),
            Letter::ReviewHandedOver { name, integration, partner, by, .. } => (
                format!("You review {integration} now"),
                name.clone(),
                one(format!("{by} handed you the review of {integration} by {partner}.")),
                none,
            ),
            Letter::PartnerActive { name, partner, by, .. } => {
                (format!("{partner} is active"), name.clone(), one(format!("{by} made {partner} active.")), none)
            }
            Letter::PartnersActive { name, count, by, .. } => (
                format!("{} partners are active", grouped(*count)),
                name.clone(),
                one(format!("{by} made {} partners active by an import.", grouped(*count))),
                none,
            ),
            Letter::Reminder { name, program, late, owed, .. } => {
                let head = |lines: &[String], words: &str| (!lines.is_empty()).then(|| words.to_owned());
                let before = head(late, "These reviews are past the day on which an answer was expected:")
                    .into_iter()
                    .chain(late.iter().map(|line| format!("– {line}")))
                    .chain(head(owed, "These wait for changes of yours:"))
                    .chain(owed.iter().map(|line| format!("– {line}")));
                let after = format!(
                    "{program} reminds you at most once a day. You can choose not to get these letters, under “Notification choices”."
                );
                (reminding(late.len(), owed.len()), name.clone(), before.collect(), one(after))
            }
            Letter::Test { when } => (
                "Portico can send mail".into(),
                String::new(),
                one(format!("This letter was asked for on {when}. It arrived, so mail works.")),
                none,
            ),
            Letter::Integration(one) => one.said(),
        }
    }

    /// The subject line, for the outbox.
    pub fn subject(&self, words: Option<&Words>) -> String {
        one_line(&self.said(words).0)
    }

    /// Writes the letter.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    pub fn write(&self, desk: Desk<'_>) -> askama::Result<Written> {
        let (subject, name, before, after) = self.said(desk.words);
        let sender = match self {
            Letter::Invitation { program, .. } | Letter::MemberAdded { program, .. } => program.clone(),
            _ => "Portico".into(),
        };
        let items = match self {
            Letter::Integration(one) => one.items(),
            _ => Vec::new(),
        };
        let items = items.into_iter().map(|(words, path)| (words, format!("{}{path}", desk.base))).collect();
        let parts = Parts { subject: one_line(&subject), name, before, link: self.link(desk), items, after, sender };
        Ok(Written {
            text: Text { parts: &parts, base: desk.base }.render()?,
            html: Html { parts: &parts, base: desk.base }.render()?,
            subject: parts.subject,
        })
    }
}

impl Letter {
    /// Subject and text for other eyes than the recipient's: without the link that would let them in. It could not be
    /// shown, since the key that makes such links is not at hand here.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    pub fn preview(&self, base: &str, words: Option<&Words>) -> askama::Result<(String, String)> {
        let Written { subject, text, .. } = self.write(Desk { base, key: &[], words })?;
        let Some((_, address)) = self.link(Desk { base, key: &[], words }).filter(|_| self.brings_a_key()) else {
            return Ok((subject, text));
        };
        Ok((subject, text.replace(&address, "(link not shown)")))
    }
}

/// The subject of a reminder.
fn reminding(late: usize, owed: usize) -> String {
    match (late, owed) {
        (1, 0) => "A review is past its expected date".into(),
        (late, 0) => format!("{late} reviews are past their expected date"),
        (0, 1) => "An integration waits for your changes".into(),
        (0, owed) => format!("{owed} integrations wait for your changes"),
        (late, owed) => format!("{} integrations wait for you", late + owed),
    }
}

/// A header is one line, whatever a name contains.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A paragraph in lines of at most 76 characters; a longer word has a line of its own.
pub(super) fn wrapped(paragraph: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 76 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: Desk<'static> = Desk { base: "https://portal.example", key: b"key", words: None };

    #[test]
    fn every_letter_has_three_parts_and_escapes_names() {
        let samples = Letter::samples("<b>Ana</b>\r\nBcc: x@y.example");
        for letter in &samples {
            let written = letter.write(DESK).unwrap();
            assert!(!written.subject.contains(['\r', '\n']) && written.subject.len() > 10, "{letter:?}");
            assert!(written.text.len() > 60 && written.html.contains("</html>"));
            assert!(!written.html.contains("<b>Ana"), "{}", written.html);
            assert!(written.text.lines().all(|line| line.chars().count() <= 100), "{}", written.text);
            let stored = serde_json::to_value(letter).unwrap();
            assert_eq!(stored["letter"], letter.kind(), "the stored name is the variant's");
            assert_eq!(&serde_json::from_value::<Letter>(stored).unwrap(), letter);
            let (_, preview) = letter.preview(DESK.base, None).unwrap();
            assert!(!preview.contains("/link/") && preview.contains("(link not shown)") == letter.brings_a_key());
            assert_eq!(letter.brings_a_key(), written.text.contains("https://portal.example/link/"), "{letter:?}");
        }
        let kinds: std::collections::BTreeSet<_> = samples.iter().map(Letter::kind).collect();
        assert_eq!(kinds.len(), samples.len(), "one sample of each");
    }

    #[test]
    fn what_brings_a_key_is_no_notification() {
        for letter in Letter::samples("x") {
            let is_notice = Letter::NOTICES.contains(&letter.kind());
            assert_eq!(is_notice, !letter.brings_a_key() && letter.kind() != "Test", "{letter:?}");
            assert!(is_notice || letter.page().is_none(), "{letter:?}");
        }
    }
}
