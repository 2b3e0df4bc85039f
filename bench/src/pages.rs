//! What is measured. A page more is a line more.

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Administrator of the hosting partner.
    Host,
    /// Reviewer of the hosting partner.
    Reviewer,
    /// Administrator of the whale.
    Whale,
    /// Nobody.
    Nobody,
    /// A system, with a token of the whale.
    Token,
    /// A storefront, with a token of the program.
    Storefront,
}

impl Who {
    pub const PEOPLE: [(Who, &str); 3] = [
        (Who::Host, "ana.ferreira@solstice.example"),
        (Who::Reviewer, "rita.carvalho@solstice.example"),
        (Who::Whale, "{whale-admin}"),
    ];
}

/// How it is asked.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    Get(&'static str),
    /// An address and a form.
    Post(&'static str, &'static str),
    /// An address and a JSON object.
    Json(&'static str, &'static str),
    /// An address with a form that is filled in as it is found, with one field changed each time.
    Edit(&'static str, &'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub name: &'static str,
    pub who: Who,
    pub ask: Ask,
    /// What it answers when all is well.
    pub status: u16,
}

const fn get(name: &'static str, who: Who, path: &'static str) -> Page {
    Page { name, who, ask: Ask::Get(path), status: 200 }
}

/// Words in braces are looked up by [`WORDS`]; `{nth}` is the number of the connection, from 0.
pub const PAGES: &[Page] = &[
    get("dashboard of a host", Who::Host, "/"),
    get("dashboard of a reviewer", Who::Reviewer, "/"),
    get("dashboard of a partner", Who::Whale, "/"),
    get("partner list", Who::Host, "/partners"),
    get("partner list by name", Who::Host, "/partners?sort=name"),
    get("search, rare word", Who::Host, "/partners?q=quetzal"),
    get("search, common word", Who::Host, "/partners?q=travel"),
    get("search of everything", Who::Host, "/search?q=quetzal"),
    get("deep page", Who::Host, "/partners?sort=name&after={deep}"),
    get("partner", Who::Host, "/partners/{partner}"),
    get("partner: profile", Who::Host, "/partners/{partner}/profile"),
    get("partner: users", Who::Host, "/partners/{partner}/users"),
    get("partner: integrations", Who::Host, "/partners/{partner}/integrations"),
    get("partner: tenants", Who::Host, "/partners/{partner}/tenants"),
    get("partner: connections", Who::Host, "/partners/{partner}/connections"),
    get("partner: templates", Who::Host, "/partners/{partner}/templates"),
    get("partner: products", Who::Host, "/partners/{partner}/products"),
    get("partner: campaigns", Who::Host, "/partners/{partner}/campaigns"),
    get("partner: activity", Who::Host, "/partners/{partner}/activity"),
    get("whale", Who::Host, "/partners/WHALE"),
    get("whale: tenants", Who::Host, "/partners/WHALE/tenants"),
    get("whale: tenants, its own view", Who::Whale, "/partners/WHALE/tenants"),
    get("whale: activity", Who::Host, "/partners/WHALE/activity"),
    get("whale: activity, its own view", Who::Whale, "/partners/WHALE/activity"),
    get("users", Who::Host, "/users"),
    get("activity", Who::Host, "/activity"),
    get("integrations", Who::Host, "/integrations"),
    get("review queue", Who::Reviewer, "/integrations?tab=in-review"),
    get("review page", Who::Reviewer, "/integrations/{review}/review"),
    get("integration", Who::Host, "/integrations/{review}"),
    get("tenants", Who::Host, "/tenants"),
    get("tenants, search", Who::Host, "/tenants?q=bakery"),
    get("tenant", Who::Host, "/tenants/{tenant}"),
    get("connections", Who::Host, "/connections"),
    get("products", Who::Host, "/products"),
    get("product", Who::Host, "/products/{product}"),
    get("campaigns", Who::Host, "/campaigns"),
    get("campaign", Who::Host, "/campaigns/{campaign}"),
    get("campaign: timeline and tiers", Who::Host, "/campaigns/{campaign}/partners"),
    get("campaign: products", Who::Host, "/campaigns/{campaign}/products"),
    get("campaign: preview", Who::Host, "/campaigns/{campaign}/preview"),
    get("configuration check", Who::Host, "/configuration"),
    get("mail log", Who::Host, "/system/mail"),
    get("API: integrations", Who::Token, "/api/v1/integrations"),
    get("API: tenants", Who::Token, "/api/v1/tenants"),
    get("API: 50 products for a tier", Who::Storefront, "/api/v1/products?tier=2&show=eligible&limit=50"),
    get("API: 50 products, all", Who::Storefront, "/api/v1/products?tier=2&show=all&limit=50"),
    Page {
        name: "API: check of a redemption",
        who: Who::Storefront,
        ask: Ask::Json("/api/v1/redemptions/check", "{\"product\":\"{product}\",\"tier\":2}"),
        status: 200,
    },
    get("sign-in form", Who::Nobody, "/sign-in"),
    Page {
        name: "comment",
        who: Who::Reviewer,
        ask: Ask::Post(
            "/integrations/{review-nth}/threads",
            "page=listing&field=summary&weight=advice&body=Please+say+when.",
        ),
        status: 303,
    },
    Page { name: "edit", who: Who::Host, ask: Ask::Edit("/partners/{partner-nth}/edit", "support_phone"), status: 303 },
    Page {
        name: "sign-in",
        who: Who::Nobody,
        ask: Ask::Post("/sign-in", "email={whale-admin}&password={password}&next=/"),
        status: 303,
    },
];

/// Whose tokens there are, by whom and where each is made, and what it may do.
pub const TOKENS: &[(Who, Who, &str, &[&str])] = &[
    (Who::Token, Who::Whale, "/partners/WHALE/tokens", &["integrations:read", "tenants:read"]),
    (Who::Storefront, Who::Host, "/settings/tokens", &["products:read", "redemptions:check"]),
];

/// What stands for the words, as queries with one value. Those that end with `-nth` have one for each connection.
pub const WORDS: &[(&str, &str)] = &[
    (
        "whale-admin",
        "SELECT u.email FROM users u JOIN memberships m ON m.user_id = u.id JOIN partners p ON p.id = m.partner_id \
      WHERE p.code = 'WHALE' AND m.role = 'admin' ORDER BY u.email LIMIT 1",
    ),
    ("partner", "SELECT code FROM partners WHERE code ~ '^P[0-9]' AND status = 'active' ORDER BY md5(code) LIMIT 1"),
    (
        "partner-nth",
        "SELECT code FROM partners WHERE code ~ '^P[0-9]' AND status = 'active' ORDER BY md5(code) OFFSET {nth} LIMIT 1",
    ),
    // Three quarters down the list, as a cursor says it.
    (
        "deep",
        "SELECT rtrim(translate(encode(convert_to(replace(id::text, '-', '') || sort_name, 'UTF8'), 'base64'), E'+/\\n', '-_'), '=') \
      FROM partners WHERE program_id = (SELECT id FROM programs WHERE code = 'SOLSTICE') ORDER BY sort_name, id \
      OFFSET (SELECT count(*) * 3 / 4 FROM partners) LIMIT 1",
    ),
    (
        "review",
        "SELECT i.id FROM integrations i JOIN partners p ON p.id = i.partner_id WHERE i.state = 'in_review' AND p.status = 'active' \
      AND p.code ~ '^P[0-9]' ORDER BY md5(i.id::text) LIMIT 1",
    ),
    (
        "review-nth",
        "SELECT i.id FROM integrations i JOIN partners p ON p.id = i.partner_id WHERE i.state = 'in_review' AND p.status = 'active' \
      AND p.code ~ '^P[0-9]' ORDER BY md5(i.id::text) OFFSET {nth} + 1 LIMIT 1",
    ),
    (
        "tenant",
        "SELECT t.id FROM tenants t JOIN partners p ON p.id = t.partner_id WHERE p.code = 'WHALE' AND t.last_run_at IS NOT NULL ORDER BY t.id LIMIT 1",
    ),
    ("product", "SELECT id FROM products WHERE sku ~ '^SKU-' ORDER BY md5(id::text) LIMIT 1"),
    (
        "campaign",
        "SELECT id FROM campaigns WHERE code ~ '^C[0-9]' AND state = 'approved' AND period @> now() ORDER BY code LIMIT 1",
    ),
];
