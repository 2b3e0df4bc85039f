//! Who and what is in `world.sql`, by name.

/// Everybody's password.
pub const PASSWORD: &str = "four unrelated words of mine";

/// The SQL that fills a migrated database; `:hash` stands for the hash of [`PASSWORD`].
pub const WORLD: &str = include_str!("world.sql");

/// Somebody of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    pub id: &'static str,
    pub name: &'static str,
    pub email: &'static str,
}

impl Person {
    /// The id of their first membership; nobody's, when they have none.
    pub fn membership(self) -> String {
        format!("5{}", &self.id[1..])
    }

    /// The id of their session in another browser.
    pub fn other_session(self) -> String {
        format!("7{}", &self.id[1..])
    }
}

macro_rules! people {
    ($($(#[$doc:meta])* $who:ident = $id:literal, $name:literal, $email:literal;)*) => {
        $($(#[$doc])* pub const $who: Person = Person { id: $id, name: $name, email: $email };)*
    };
}

people! {
    /// System administrator, member of nothing.
    SAM = "40000000-0000-7000-8000-000000000001", "Sam System", "sam@portico.example";
    /// Active, member of nothing.
    NILS = "40000000-0000-7000-8000-000000000002", "Nils Nowhere", "nils@nowhere.example";
    /// Invited: has no password yet.
    PAULA = "40000000-0000-7000-8000-000000000003", "Paula Pending", "paula@nowhere.example";
    /// Hosting admin of Solstice.
    HANA = "41000000-0000-7000-8000-000000000001", "Hana Host", "hana@solstice.example";
    /// Reviewer of Solstice.
    RUI = "41000000-0000-7000-8000-000000000002", "Rui Reviewer", "rui@solstice.example";
    /// CSR of Solstice.
    CLEO = "41000000-0000-7000-8000-000000000003", "Cleo Csr", "cleo@solstice.example";
    /// Auditor of Solstice.
    ALDO = "41000000-0000-7000-8000-000000000004", "Aldo Auditor", "aldo@solstice.example";
    /// Partner admin of Kestrel.
    PIA = "41000000-0000-7000-8000-000000000005", "Pia Partner", "pia@kestrel.example";
    /// Partner user of Kestrel.
    UMA = "41000000-0000-7000-8000-000000000006", "Uma User", "uma@kestrel.example";
    /// Auditor of Kestrel, which does not host.
    OTTO = "41000000-0000-7000-8000-000000000007", "Otto Observer", "otto@kestrel.example";
    /// Partner admin of Meridian.
    MIRA = "41000000-0000-7000-8000-000000000008", "Mira Meridian", "mira@meridian.example";
    /// Partner admin of Kestrel; tests disable the account after a sign-in.
    DORA = "41000000-0000-7000-8000-000000000009", "Dora Disabled", "dora@kestrel.example";
    /// Plain user of the hosting partner: sees that partner only.
    UWE = "41000000-0000-7000-8000-00000000000a", "Uwe Hostuser", "uwe@solstice.example";
    /// Partner user of Meridian.
    MOE = "41000000-0000-7000-8000-00000000000c", "Moe Meridian", "moe@meridian.example";
    /// Hosting admin of Altura.
    HECTOR = "42000000-0000-7000-8000-000000000001", "Hector Host", "hector@altura.example";
    /// Partner admin of Boreal, in Altura.
    PETRA = "42000000-0000-7000-8000-000000000002", "Petra Partner", "petra@boreal.example";
    /// User of Kestrel and admin of Boreal.
    DANA = "41000000-0000-7000-8000-00000000000b", "Dana Dual", "dual@both.example";
}

/// Ids of partners.
pub mod partner {
    pub const SOLHQ: &str = "31000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "31000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "31000000-0000-7000-8000-000000000003";
    pub const BOREAL: &str = "32000000-0000-7000-8000-000000000002";
}

/// The picture of a partner's integration in review.
pub fn image_of(partner: &str) -> String {
    format!("b{}", &partner[1..])
}

/// Ids of integrations: each partner has one in review and one published.
pub mod integration {
    /// The hosting partner's, in review.
    pub const SOLHQ: &str = "d1000000-0000-7000-8000-000000000001";
    /// Boreal's, of Altura, in review.
    pub const BOREAL: &str = "d2000000-0000-7000-8000-000000000002";
    /// Kestrel's, in review.
    pub const KESTREL: &str = "d1000000-0000-7000-8000-000000000002";
    /// Kestrel's, published.
    pub const KESTREL_LIVE: &str = "e1000000-0000-7000-8000-000000000002";
    /// Meridian's, in review.
    pub const MERIDIAN: &str = "d1000000-0000-7000-8000-000000000003";
    /// Meridian's, published.
    pub const MERIDIAN_LIVE: &str = "e1000000-0000-7000-8000-000000000003";
}

/// Ids of checks, switched off; a reviewer ticks them.
pub mod check {
    pub const SOLSTICE: &str = "c1000000-0000-7000-8000-0000000000c1";
    pub const ALTURA: &str = "c2000000-0000-7000-8000-0000000000c1";
}

/// Ids of programs.
pub mod program {
    pub const SOLSTICE: &str = "11000000-0000-7000-8000-000000000000";
    pub const ALTURA: &str = "12000000-0000-7000-8000-000000000000";
}

/// Ids of partner types.
pub mod kind {
    /// Of Solstice; no partner has it.
    pub const UNUSED: &str = "21000000-0000-7000-8000-000000000004";
    /// Of Altura.
    pub const ALTURA_AIRLINE: &str = "22000000-0000-7000-8000-000000000001";
}

/// Ids of programs' own roles.
pub mod role {
    /// Of Solstice; nobody has it. It reads partners, users and activity, and sees all partners.
    pub const UNUSED: &str = "91000000-0000-7000-8000-000000000001";
    /// Of Altura; nobody has it.
    pub const ALTURA_DESK: &str = "92000000-0000-7000-8000-000000000001";
}

/// Ids of open invitations.
pub mod invitation {
    pub const SOLHQ: &str = "91000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "91000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "91000000-0000-7000-8000-000000000003";
    pub const BOREAL: &str = "92000000-0000-7000-8000-000000000002";
}

/// Ids of imports.
pub mod import {
    /// Of Solstice.
    pub const CHECKED: &str = "81000000-0000-7000-8000-000000000001";
    pub const APPLIED: &str = "81000000-0000-7000-8000-000000000002";
    /// Of Altura.
    pub const ALTURA_CHECKED: &str = "82000000-0000-7000-8000-000000000001";
    pub const ALTURA_APPLIED: &str = "82000000-0000-7000-8000-000000000002";
}

/// Ids of connections.
pub mod connection {
    /// Of Solstice.
    pub const SOLHQ: &str = "c1000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "c1000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "c1000000-0000-7000-8000-000000000003";
    /// Of Altura.
    pub const BOREAL: &str = "c2000000-0000-7000-8000-000000000002";
}

/// Ids of templates.
pub mod template {
    /// Of Solstice.
    pub const SOLHQ: &str = "a1000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "a1000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "a1000000-0000-7000-8000-000000000003";
    /// Of Altura.
    pub const BOREAL: &str = "a2000000-0000-7000-8000-000000000002";
}

/// Ids of questions of the partner forms.
pub mod question {
    /// Of Solstice: a short text, and a file.
    pub const NAME: &str = "91000000-0000-7000-8000-000000000001";
    pub const PLAN: &str = "91000000-0000-7000-8000-000000000002";
    /// Of Altura.
    pub const ALTURA_NAME: &str = "92000000-0000-7000-8000-000000000001";
}

/// Ids of tiers; no assignment of the world names the last one.
pub mod tier {
    /// Of Solstice, at precedence 1, 2 and 3.
    pub const GOLD: &str = "61000000-0000-7000-8000-000000000001";
    pub const SILVER: &str = "61000000-0000-7000-8000-000000000002";
    pub const MEMBER: &str = "61000000-0000-7000-8000-000000000003";
    /// Of Altura.
    pub const ALTURA_MEMBER: &str = "62000000-0000-7000-8000-000000000003";
}

/// Ids of products.
pub mod product {
    /// Of Solstice.
    pub const SOLHQ: &str = "71000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "71000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "71000000-0000-7000-8000-000000000003";
    /// Of Altura.
    pub const BOREAL: &str = "72000000-0000-7000-8000-000000000002";
}

/// Ids of imports of tier assignments.
pub mod assignment_import {
    /// Of Solstice.
    pub const CHECKED: &str = "51000000-0000-7000-8000-000000000003";
    pub const APPLIED: &str = "51000000-0000-7000-8000-000000000004";
    /// Of Altura.
    pub const ALTURA_CHECKED: &str = "52000000-0000-7000-8000-000000000003";
    pub const ALTURA_APPLIED: &str = "52000000-0000-7000-8000-000000000004";
}

/// Ids of imports of products.
pub mod product_import {
    /// Of Solstice.
    pub const CHECKED: &str = "51000000-0000-7000-8000-000000000001";
    pub const APPLIED: &str = "51000000-0000-7000-8000-000000000002";
    /// Of Altura.
    pub const ALTURA_CHECKED: &str = "52000000-0000-7000-8000-000000000001";
    pub const ALTURA_APPLIED: &str = "52000000-0000-7000-8000-000000000002";
}

/// The file in the answers of a partner.
pub fn file_of(partner: &str) -> String {
    format!("a{}", &partner[1..])
}

/// Ids of feedback on what is in review.
pub mod thread {
    /// Kestrel's blocking item.
    pub const KESTREL: &str = "f1000000-0000-7000-8000-000000000002";
    /// The internal note on Kestrel's.
    pub const KESTREL_NOTE: &str = "01000000-0000-7000-8000-000000000002";
    /// Meridian's blocking item.
    pub const MERIDIAN: &str = "f1000000-0000-7000-8000-000000000003";
}

/// Ids of tenants: each partner has one of its published integration.
pub mod tenant {
    pub const SOLHQ: &str = "11000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "11000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "11000000-0000-7000-8000-000000000003";
    /// Of Altura.
    pub const BOREAL: &str = "12000000-0000-7000-8000-000000000002";
}

/// The id of the run of a partner's tenant.
pub fn run_of(partner: &str) -> String {
    format!("2{}", &partner[1..])
}

/// The id of the token of a partner, or of a program.
pub fn token_id_of(partner: &str) -> String {
    format!("4{}", &partner[1..])
}

/// The token of a partner, or of a program, which has every scope that it can have.
pub fn token_of(partner: &str) -> String {
    format!("portico_{:A<43}", partner.replace('-', ""))
}

/// Ids of campaigns: each partner takes part in one of its own.
pub mod campaign {
    /// Of Solstice.
    pub const SOLHQ: &str = "b1000000-0000-7000-8000-000000000001";
    pub const KESTREL: &str = "b1000000-0000-7000-8000-000000000002";
    pub const MERIDIAN: &str = "b1000000-0000-7000-8000-000000000003";
    /// Of Altura.
    pub const BOREAL: &str = "b2000000-0000-7000-8000-000000000002";
}

/// The assignment of a partner in its campaign.
pub fn assignment_of(partner: &str) -> String {
    format!("a{}", &partner[1..])
}
