//! What is new, each for who can use it (S1-21).

use askama::Template;

use crate::access::*;

/// Something that one can do now.
struct News {
    title: &'static str,
    text: &'static str,
    /// The permission of whom it is for; none: everybody.
    rule: Option<Rule>,
    /// Where it is.
    link: Option<(&'static str, &'static str)>,
}

/// The latest first.
const NEWS: &[(&str, &[News])] = &[(
    "November 2026",
    &[
        News {
            title: "Campaigns and tier assignments",
            text: "Link partners to a campaign from either side, and say from when through when they ask for which \
                       tier. Overlaps, gaps and ties are shown before anything is saved; every change can be undone for \
                       an hour, and “Try it without saving” stores nothing.",
            rule: Some(AssignTier::RULE),
            link: Some(("Campaigns", "/campaigns")),
        },
        News {
            title: "Tier assignments from a file",
            text: "Upload a CSV file of assignments: every row is checked before anything is written, conflicts are told \
                       row by row, and the whole import can be undone for 30 days.",
            rule: Some(AssignTier::RULE),
            link: Some(("Import tier assignments", "/campaigns/import")),
        },
        News {
            title: "A timeline, and a preview as of any day",
            text: "Each campaign draws who asks for which tier when, with the same as a table. The audience preview \
                       shows what a customer of a tier would see on a day, and why not the rest.",
            rule: Some(ReadCampaign::RULE),
            link: Some(("Campaigns", "/campaigns")),
        },
        News {
            title: "Configuration check",
            text: "One page lists gaps, ties, overlaps and forgotten dates of all campaigns, each with a link that \
                       fixes it. The dashboard shows how many there are, and which assignments end soon.",
            rule: Some(AssignTier::RULE),
            link: Some(("Configuration check", "/configuration")),
        },
        News {
            title: "A second person approves campaigns",
            text: "A program can ask for it in its settings: then a campaign counts once a hosting admin approved it \
                       who neither made nor submitted it.",
            rule: Some(ApproveCampaign::RULE),
            link: Some(("Settings", "/settings")),
        },
        News {
            title: "Tiers",
            text: "An ordered list; 1 is the highest. A program switches tiers on and off as a whole.",
            rule: Some(UpdateTiers::RULE),
            link: Some(("Tiers", "/tiers")),
        },
        News {
            title: "Products and services",
            text: "Each product tells which tier it asks for now, and whether customers may have it.",
            rule: Some(ReadProduct::RULE),
            link: Some(("Products", "/products")),
        },
        News {
            title: "Tenants",
            text: "Installs of integrations at customers, with their state and their runs.",
            rule: Some(ReadTenant::RULE),
            link: Some(("Tenants", "/tenants")),
        },
        News {
            title: "Tokens for the API",
            text: "A partner’s systems read and report through the API with tokens of their own, shown once.",
            rule: Some(ReadTokens::RULE),
            link: None,
        },
        News {
            title: "Search finds more",
            text: "Ctrl K also finds campaigns, products and tiers, each as far as you may see them.",
            rule: None,
            link: None,
        },
    ],
)];

/// Some of it, of one month.
pub struct Month {
    name: &'static str,
    entries: Vec<Entry>,
}

struct Entry {
    title: &'static str,
    text: &'static str,
    link: Option<(&'static str, &'static str)>,
}

/// What is new.
#[derive(Template)]
#[template(path = "help/whats_new.html")]
pub struct NewsPage {
    months: Vec<Month>,
    role: Option<&'static str>,
}

impl NewsPage {
    /// What somebody can use; without anybody, what everybody can.
    pub fn new(actor: Option<&Actor>) -> NewsPage {
        let is_theirs = |news: &&News| match (news.rule, actor) {
            (None, _) => true,
            (Some(rule), Some(actor)) => actor.may(&rule),
            (Some(_), None) => false,
        };
        let entry = |news: &News| Entry { title: news.title, text: news.text, link: news.link };
        let months =
            NEWS.iter().map(|(name, news)| Month { name, entries: news.iter().filter(is_theirs).map(entry).collect() });
        NewsPage {
            months: months.filter(|month| !month.entries.is_empty()).collect(),
            role: actor.and_then(Actor::role).map(Role::name),
        }
    }
}
