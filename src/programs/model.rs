//! What a program is, without database or HTTP.

use unicode_normalization::UnicodeNormalization;

use crate::access::Role;
use crate::activity::FieldChange;
use crate::db::ids::ProgramId;
use crate::values::{Choice, Code, Name, Zone, choice};

choice! {
    /// Who takes part in a program.
    Model {
        /// Many partners.
        Coalition = "coalition" / "Coalition",
        /// One partner that owns everything; nobody is asked which.
        Single = "single" / "Single organisation",
    }
}

/// A program.
#[derive(Clone, Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::db::schema::programs)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Program {
    pub id: ProgramId,
    pub code: Code,
    pub name: Name,
    pub model: Model,
    pub time_zone: Zone,
    pub tiers_enabled: bool,
    pub hosting_limit: i32,
    pub version: i32,
    pub second_factor_roles: serde_json::Value,
    pub campaign_approval: bool,
}

impl Program {
    /// What of it can be changed.
    pub fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            zone: self.time_zone.clone(),
            tiers: self.tiers_enabled,
            hosting_limit: self.hosting_limit,
            model: self.model,
            second_factor: roles_of(&self.second_factor_roles),
            campaign_approval: self.campaign_approval,
        }
    }
}

/// Built-in roles that a program may ask for a second factor. Of system administrators the configuration decides.
pub fn second_factor_roles() -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().filter(|role| *role != Role::SystemAdmin)
}

/// The roles of a stored list, in the order of the form; what nobody knows any more is left out.
fn roles_of(stored: &serde_json::Value) -> Vec<Role> {
    let keys: Vec<String> = serde_json::from_value(stored.clone()).unwrap_or_default();
    second_factor_roles().filter(|role| keys.iter().any(|key| key == role.key())).collect()
}

/// Roles by their names; "None" for none.
pub fn names(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    if names.is_empty() { "None".into() } else { names.join(", ") }
}

/// A program to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProgram {
    /// Its name; of a single organisation also the name of its partner.
    pub name: Name,
    /// Its code; of a single organisation also the code of its partner.
    pub code: Code,
    /// Who takes part.
    pub model: Model,
    /// For partners and people who have none of their own.
    pub zone: Zone,
}

/// The settings of a program that people change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub name: Name,
    /// For partners and people who have none of their own.
    pub zone: Zone,
    /// Whether tiers have screens and effects.
    pub tiers: bool,
    /// More hosting partners than this show a warning.
    pub hosting_limit: i32,
    /// Who takes part.
    pub model: Model,
    /// Built-in roles whose people must have a second factor.
    pub second_factor: Vec<Role>,
    /// Whether a campaign takes a second person's approval before it counts.
    pub campaign_approval: bool,
}

impl Settings {
    /// What is different in `after`, in the order of the form.
    pub fn changes(&self, after: &Settings) -> Vec<FieldChange> {
        let switch = |on: bool| if on { "On" } else { "Off" };
        [
            FieldChange::of("Name", &self.name, &after.name),
            FieldChange::of("Time zone", &self.zone, &after.zone),
            FieldChange::of("Model", self.model.label(), after.model.label()),
            FieldChange::of("Hosting limit", self.hosting_limit, after.hosting_limit),
            FieldChange::of("Tiers", switch(self.tiers), switch(after.tiers)),
            FieldChange::of("Campaign approval", switch(self.campaign_approval), switch(after.campaign_approval)),
            FieldChange::of("Second factor", names(&self.second_factor), names(&after.second_factor)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The partner types that a new program begins with: key and name. The last one is for the own company.
pub const FIRST_TYPES: [(&str, &str); 6] = [
    ("airline", "Airline"),
    ("hotel", "Hotel"),
    ("credit-card", "Credit card"),
    ("retail", "Retail"),
    ("car-rental", "Car rental"),
    (OWN_TYPE, "Internal"),
];

/// The key of the type of the own company.
pub const OWN_TYPE: &str = "internal";

/// Longest key of a partner type.
const LONGEST_KEY: usize = 40;

/// The word for files and the API that a partner type gets from its name: small letters, digits and dashes.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.nfd().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !unicode_normalization::char::is_combining_mark(c) && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(LONGEST_KEY);
    let slug = slug.trim_end_matches('-');
    // Names in other scripts have no letter that a key may have.
    if slug.is_empty() { "type".into() } else { slug.to_owned() }
}

/// The slug of a name, with a number behind it when others have the plain one.
pub fn free_key(name: &str, taken: &[String]) -> String {
    let plain = slug(name);
    let is_free = |key: &String| !taken.contains(key);
    let numbered = (2..).map(|number: u32| {
        let end = format!("-{number}");
        let room = LONGEST_KEY.saturating_sub(end.len()).min(plain.len());
        format!("{}{end}", plain.get(..room).unwrap_or("type").trim_end_matches('-'))
    });
    std::iter::once(plain.clone()).chain(numbered).find(is_free).unwrap_or_else(|| plain.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_keys_that_the_table_takes() {
        for (name, expected) in [
            ("Credit card", "credit-card"),
            ("  Café & Résto ", "cafe-resto"),
            ("4K / Streaming!", "4k-streaming"),
            ("--Rail--", "rail"),
            ("ホテル", "type"),
            ("ÅNGSTRÖM", "angstrom"),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
        let long = slug(&"ab ".repeat(40));
        assert!(long.len() <= LONGEST_KEY && !long.ends_with('-'));
    }

    #[test]
    fn keys_that_are_taken_get_a_number() {
        let taken = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(free_key("Hotel", &taken(&["airline"])), "hotel");
        assert_eq!(free_key("Hotel", &taken(&["hotel", "hotel-2"])), "hotel-3");
        let long = "x".repeat(60);
        let second = free_key(&long, &[slug(&long)]);
        assert!(second.len() == LONGEST_KEY && second.ends_with("-2"));
    }

    #[test]
    fn first_types_have_the_keys_of_their_names() {
        for (key, name) in FIRST_TYPES {
            assert_eq!(slug(name), key);
        }
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let before = Settings {
            name: Name::parse("Solstice").unwrap(),
            zone: Zone::parse("Europe/Lisbon").unwrap(),
            tiers: false,
            hosting_limit: 4,
            model: Model::Single,
            second_factor: vec![Role::HostingAdmin],
            campaign_approval: false,
        };
        assert!(before.changes(&before.clone()).is_empty());
        let after = Settings { tiers: true, model: Model::Coalition, second_factor: vec![], ..before.clone() };
        let fields: Vec<String> = before.changes(&after).into_iter().map(|change| change.field).collect();
        assert_eq!(fields, ["Model", "Tiers", "Second factor"]);
    }
}
