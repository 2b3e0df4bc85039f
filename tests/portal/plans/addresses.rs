//! What is asked: every page, with the rows of a large program in its address, and every list with its searches, tabs
//! and orders.

use std::collections::BTreeSet;

use portico::routes::{ROUTES, Route};

use crate::support::*;
use crate::sweeps::requests::{Position, filled, is_api};

/// Addresses that are not asked, by how they end, and why.
const NOT_ASKED: &[(&str, &str)] = &[
    (".{ending}", "a file of everything that was asked for is as long as that"),
    (".csv", "a file of everything that was asked for is as long as that"),
    (".ics", "a file of everything that was asked for is as long as that"),
];

/// Lists, asked also for words that few rows and that many rows have, and for a letter.
const SEARCHED: &[&str] = &[
    "/partners",
    "/users",
    "/invitations",
    "/connections",
    "/tenants",
    "/templates",
    "/integrations",
    "/products",
    "/campaigns",
    "/activity",
    "/system/mail",
    "/search",
    "/access",
    "/partners/{code}/tenants",
    "/partners/{code}/users",
    "/partners/{code}/integrations",
];
const WORDS: [&str; 5] = ["quetzal", "travel", "lopez", "gift", "b"];

/// Links of a page to itself that are followed: its tabs, its orders, its next page.
const MOST_LINKS: usize = 24;

/// An address, and what it is called whatever the rows in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The route, as the table of routes has it.
    pub route: &'static str,
    /// The route with what was chosen of it.
    pub name: String,
    pub path: String,
}

/// Rows of the large program that stand in addresses.
pub struct Sample {
    whale: bool,
    words: Vec<(&'static str, String)>,
}

impl Sample {
    /// What a host looks at, or what the whale has of its own.
    pub fn of(app: &TestApp, whale: bool) -> Sample {
        let code = if whale { "WHALE" } else { "P000400" };
        // One of each hundred is in review, the same at every size.
        let reviewed = if whale { "WHALE" } else { "P000003" };
        let of_partner = |table: &str, code: &str, more: &str| {
            format!(
                "SELECT x.id FROM {table} x JOIN partners p ON p.id = x.partner_id WHERE p.code = '{code}' {more} ORDER BY x.id LIMIT 1"
            )
        };
        let queries = [
            ("review", of_partner("integrations", reviewed, if whale { "" } else { "AND state = 'in_review'" })),
            ("live", of_partner("integrations", code, "AND state = 'published'")),
            ("tenant", of_partner("tenants", "WHALE", "AND last_run_at IS NOT NULL")),
            ("run", of_partner("tenant_runs", "WHALE", "")),
            ("product", of_partner("products", code, "")),
            ("connection", of_partner("connections", code, "")),
            ("membership", of_partner("memberships", code, "AND role <> 'admin'")),
            (
                "campaign",
                format!(
                    "SELECT c.id FROM campaigns c JOIN campaign_partners l ON l.campaign_id = c.id JOIN partners p ON p.id = l.partner_id \
                     WHERE p.code = '{code}' AND c.code ~ '^C[0-9]{{4}}' AND c.state = 'approved' ORDER BY c.code LIMIT 1"
                ),
            ),
            (
                "campaign-code",
                format!(
                    "SELECT c.code FROM campaigns c JOIN campaign_partners l ON l.campaign_id = c.id JOIN partners p ON p.id = l.partner_id \
                     WHERE p.code = '{code}' AND c.code ~ '^C[0-9]{{4}}' AND c.state = 'approved' ORDER BY c.code LIMIT 1"
                ),
            ),
        ];
        let one = |query: &str| app.database().values(query).into_iter().next();
        let mut words: Vec<_> =
            queries.iter().filter_map(|(word, query)| one(query).map(|value| (*word, value))).collect();
        let campaign = words.iter().find(|(word, _)| *word == "campaign").map(|(_, id)| id.clone()).unwrap_or_default();
        let assignment = format!(
            "SELECT a.id FROM tier_assignments a JOIN partners p ON p.id = a.partner_id \
             WHERE p.code = '{code}' AND a.campaign_id = '{campaign}' ORDER BY a.id LIMIT 1"
        );
        words.extend(one(&assignment).map(|value| ("assignment", value)));
        Sample { whale, words }
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find(|(word, _)| *word == name).map(|(_, value)| value.as_str())
    }

    /// The route with rows of the large program in it; with none where it has no such.
    fn filled(&self, route: &str, code: &str, integration: &str) -> Option<String> {
        let id = match route {
            path if path.starts_with("/integrations/{id}") => self.word(integration)?,
            path if path.starts_with("/api/v1/tenants/{id}") || path.starts_with("/tenants/{id}") => {
                self.word("tenant")?
            }
            path if path.starts_with("/api/v1/products/{id}") || path.starts_with("/products/{id}") => {
                self.word("product")?
            }
            path if path.starts_with("/connections/{id}") => self.word("connection")?,
            path if path.starts_with("/campaigns/{id}") => self.word("campaign")?,
            path if path.contains("{id}") => return None,
            _ => "",
        };
        let code = if route == "/api/v1/campaigns/{code}" { self.word("campaign-code")? } else { code };
        let path = route
            .replace("{id}", id)
            .replace("{code}", code)
            .replace("{run}", self.word("run").unwrap_or("{run}"))
            .replace("{membership}", self.word("membership").unwrap_or("{membership}"))
            .replace("{assignment}", self.word("assignment").unwrap_or("{assignment}"))
            .replace("{page}", "general")
            .replace("{form}", "partner")
            .replace("{number}", "1")
            .replace("{move}", if route.starts_with("/tenants") { "pause" } else { "offboarding" })
            .replace("{step}", "pausing");
        (!path.contains('{')).then_some(path)
    }
}

/// Routes that are asked, with the API's.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    let is_asked = |route: &&Route| !NOT_ASKED.iter().any(|(end, _)| route.path.ends_with(end));
    ROUTES.iter().filter(|route| route.method == "GET").filter(is_asked)
}

/// The addresses of a route, in the order in which they are tried; each group is tried until one is answered.
pub fn addresses(route: &'static Route, sample: &Sample) -> Vec<Vec<Address>> {
    let path = route.path;
    let address = |said: &str, path: String| {
        let name = if said.is_empty() { route.path.to_owned() } else { format!("{} ({said})", route.path) };
        Address { route: route.path, name, path }
    };
    let codes: &[&str] = match (path.contains("{code}") && !path.starts_with("/campaigns"), sample.whale) {
        (true, false) if path != "/api/v1/campaigns/{code}" => &["P000400", "WHALE"],
        (_, true) => &["WHALE"],
        _ => &["P000400"],
    };
    let items: &[&str] = if path.starts_with("/integrations/{id}") { &["review", "live"] } else { &[""] };
    // What the large program has none of, the small world beside it has.
    let world = (!is_api(route))
        .then(|| filled(path, Some(HANA), if path.contains('{') { Position::Own } else { Position::None }));
    let mut found = Vec::new();
    for code in codes {
        for item in items {
            let said = [if codes.len() > 1 { *code } else { "" }, *item].join(" ").trim().to_owned();
            let large = sample.filled(path, code, item).map(|path| address(&said, path));
            found.push(large.into_iter().chain(world.clone().map(|path| address("", path))).collect());
        }
    }
    if SEARCHED.contains(&path) {
        let code = codes.last().copied().unwrap_or_default();
        for word in WORDS {
            found.push(vec![address(&format!("q={word}"), format!("{}?q={word}", path.replace("{code}", code)))]);
        }
    }
    found
}

/// What a page says of itself that is a row's own, not a choice: ids and cursors.
fn is_own(value: &str) -> bool {
    value.len() > 14 && value.chars().any(|one| one.is_ascii_digit())
}

/// The links of a page to itself: one of each kind.
pub fn links(of: &Address, html: &str) -> Vec<Address> {
    let plain = of.path.split('?').next().unwrap_or_default();
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for link in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let link = link.replace("&amp;", "&").replace("&#38;", "&");
        let query = link.strip_prefix(plain).unwrap_or(&link).strip_prefix('?');
        let Some(query) =
            query.map(|query| query.split('#').next().unwrap_or_default()).filter(|query| !query.is_empty())
        else {
            continue;
        };
        let said: Vec<String> = query
            .split('&')
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                if is_own(value) { format!("{key}=…") } else { pair.to_owned() }
            })
            .collect();
        let name = format!("{}?{}", of.name, said.join("&"));
        if names.insert(name.clone()) && found.len() < MOST_LINKS {
            found.push(Address { route: of.route, name, path: format!("{plain}?{query}") });
        }
    }
    found
}
