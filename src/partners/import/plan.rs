//! What the columns of a file mean: which column holds which field, values for all rows, and translations.
//!
//! The rule: a plan is checked as a whole before a row is looked at, with the parsers that the rows go through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decide::Value;
use crate::programs::store::PartnerType;
use crate::values::{Choice, Refused, shown};
use crate::web::form::FieldError;

/// A field that a file can say. Hosting is not among them: only a system administrator grants it, one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as the form has them")]
pub enum Field {
    Code,
    Name,
    Type,
    Kind,
    Category,
    Status,
    SupportPhone,
    SupportEmail,
    TimeZone,
    Notes,
}

impl Choice for Field {
    const ALL: &'static [Field] = &[
        Field::Code,
        Field::Name,
        Field::Type,
        Field::Kind,
        Field::Category,
        Field::Status,
        Field::SupportPhone,
        Field::SupportEmail,
        Field::TimeZone,
        Field::Notes,
    ];

    fn key(self) -> &'static str {
        match self {
            Field::Code => "code",
            Field::Name => "name",
            Field::Type => "type",
            Field::Kind => "kind",
            Field::Category => "category",
            Field::Status => "status",
            Field::SupportPhone => "support_phone",
            Field::SupportEmail => "support_email",
            Field::TimeZone => "time_zone",
            Field::Notes => "notes",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Field::Code => "Code",
            Field::Name => "Name",
            Field::Type => "Type",
            Field::Kind => "Kind",
            Field::Category => "Category",
            Field::Status => "Status",
            Field::SupportPhone => "Support phone",
            Field::SupportEmail => "Support e-mail",
            Field::TimeZone => "Time zone",
            Field::Notes => "Notes",
        }
    }
}

impl Field {
    /// Whether every new partner needs it from the file or from the plan.
    pub fn is_required(self) -> bool {
        matches!(self, Field::Code | Field::Name | Field::Type)
    }

    /// Whether a partner may be without it: then an empty cell empties it.
    pub fn may_be_empty(self) -> bool {
        matches!(self, Field::SupportPhone | Field::SupportEmail | Field::Notes)
    }

    /// Headings that mean this field when nobody said so, most telling first; letters and digits only.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Field::Code => &["code", "partnercode", "key", "shortcode", "icao"],
            Field::Name => &["name", "partnername", "partner", "company", "title"],
            Field::Type => &["type", "partnertype", "industry", "sector"],
            Field::Kind => &["kind", "partnerkind"],
            Field::Category => &["category", "partnercategory"],
            Field::Status => &["status", "partnerstatus", "state", "active"],
            Field::SupportPhone => &["supportphone", "phone", "telephone", "phonenumber"],
            Field::SupportEmail => &["supportemail", "email", "mail", "emailaddress"],
            Field::TimeZone => &["timezone", "zone", "tz"],
            Field::Notes => &["notes", "note", "comment", "comments", "remarks"],
        }
    }
}

/// How a file is read; stored with the import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The heading of the column that holds a field.
    #[serde(default)]
    pub columns: BTreeMap<Field, String>,
    /// The value of a field without a column, and of empty cells.
    #[serde(default)]
    pub fixed: BTreeMap<Field, String>,
    /// What a field's cells mean; where there are some, no other cell is taken.
    #[serde(default)]
    pub translations: BTreeMap<Field, BTreeMap<String, String>>,
}

/// Reads `code=icao`.
///
/// # Errors
/// With the form that is asked for.
pub fn assigned(text: &str) -> Result<(Field, String), Refused> {
    let (field, value) = text.split_once('=').ok_or_else(|| format!("“{}” has no =; {FORM}", shown(text)))?;
    if value.trim().is_empty() {
        return Err(format!("nothing follows the = of “{}”; {FORM}", shown(text)));
    }
    Ok((field_of(field)?, value.trim().to_owned()))
}

/// Reads `status:Y=active`.
///
/// # Errors
/// With the form that is asked for.
pub fn translated(text: &str) -> Result<(Field, String, String), Refused> {
    let wrong = || format!("“{}” is not FIELD:CELL=VALUE, like status:Y=active", shown(text));
    let (field, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (from, to) = rest.rsplit_once('=').ok_or_else(wrong)?;
    if to.trim().is_empty() {
        return Err(wrong());
    }
    if crate::imports::file::is_empty(from) {
        return Err("an empty cell cannot be translated; give empty cells a value with --set".into());
    }
    Ok((field_of(field)?, from.trim().to_owned(), to.trim().to_owned()))
}

const FORM: &str = "write it as FIELD=VALUE, like code=icao";

fn field_of(text: &str) -> Result<Field, Refused> {
    Field::from_key(text.trim()).ok_or_else(|| {
        let known: Vec<&str> = Field::ALL.iter().map(|field| field.key()).collect();
        format!("“{}” is not a field; use one of {}", shown(text), known.join(", "))
    })
}

impl Plan {
    /// From the words of a command.
    ///
    /// # Errors
    /// When something is said twice.
    pub fn of_words(
        columns: Vec<(Field, String)>,
        fixed: Vec<(Field, String)>,
        translations: Vec<(Field, String, String)>,
    ) -> Result<Plan, Refused> {
        let mut plan = Plan::default();
        for (field, column) in columns {
            if plan.columns.insert(field, column).is_some() {
                return Err(format!("--map {} is given twice", field.key()));
            }
        }
        for (field, value) in fixed {
            if plan.fixed.insert(field, value).is_some() {
                return Err(format!("--set {} is given twice", field.key()));
            }
        }
        for (field, from, to) in translations {
            if plan.translations.entry(field).or_default().insert(from.clone(), to).is_some() {
                return Err(format!("--translate {}:{} is given twice", field.key(), shown(&from)));
            }
        }
        Ok(plan)
    }

    /// What headings alone tell; each column is used once.
    pub fn guessed(header: &[String]) -> Plan {
        let plain =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let mut plan = Plan::default();
        for field in Field::ALL {
            let column = field.headings().iter().find_map(|wanted| {
                header
                    .iter()
                    .find(|column| plain(column) == *wanted && !plan.columns.values().any(|used| used == *column))
            });
            if let Some(column) = column {
                plan.columns.insert(*field, column.clone());
            }
        }
        plan
    }

    /// Everything that is wrong with it, whatever the rows say. Types are looked at when they are known.
    pub fn problems(&self, types: Option<&[PartnerType]>) -> Vec<FieldError> {
        let mut problems = Vec::new();
        for field in Field::ALL {
            let mut refuse = |text: String| problems.push(FieldError::new(field.key(), field.label(), text));
            let fixed = self.fixed.get(field);
            match (self.columns.get(field), fixed) {
                (None, _) if *field == Field::Code => refuse("Choose the column that holds it.".into()),
                (_, Some(_)) if *field == Field::Code => refuse("One code cannot be the code of all rows.".into()),
                (None, None) if field.is_required() => {
                    refuse("Choose the column that holds it, or one value for all rows.".into());
                }
                _ => {}
            }
            let translations = self.translations.get(field);
            if translations.is_some_and(|all| !all.is_empty()) && !self.columns.contains_key(field) {
                refuse("Has translations, and no column to translate.".into());
            }
            for value in fixed.into_iter().chain(translations.into_iter().flat_map(BTreeMap::values)) {
                if let Err(reason) = Value::checked(*field, value, types) {
                    refuse(reason);
                }
            }
        }
        problems
    }

    /// Where in a row each field stands.
    ///
    /// # Errors
    /// A column that the file has not, or has twice.
    pub fn places(&self, header: &[String]) -> Result<BTreeMap<Field, usize>, Vec<FieldError>> {
        let (mut places, mut problems) = (BTreeMap::new(), Vec::new());
        for (field, column) in &self.columns {
            let mut found = header.iter().enumerate().filter(|(_, heading)| *heading == column);
            let problem = match (found.next(), found.next()) {
                (Some((place, _)), None) => {
                    places.insert(*field, place);
                    continue;
                }
                (Some(_), Some(_)) => format!("The file has several columns “{}”. Rename one.", shown(column)),
                (None, _) => format!(
                    "The file has no column “{}”. It has {}.",
                    shown(column),
                    header.iter().map(|heading| shown(heading)).collect::<Vec<_>>().join(", ")
                ),
            };
            problems.push(FieldError::new(field.key(), field.label(), problem));
        }
        if problems.is_empty() { Ok(places) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(map: &[&str], set: &[&str], translate: &[&str]) -> Result<Plan, String> {
        let each = |words: &[&str]| words.iter().map(|word| assigned(word)).collect::<Result<Vec<_>, _>>();
        let translate = translate.iter().map(|word| translated(word)).collect::<Result<Vec<_>, _>>()?;
        Plan::of_words(each(map)?, each(set)?, translate)
    }

    #[test]
    fn words_become_a_plan() {
        let plan = plan(
            &["code=icao", "name=a=b", "status=active"],
            &["type=airline"],
            &["status:Y=active", "status:a:b=archived"],
        )
        .unwrap();
        assert_eq!(plan.columns[&Field::Name], "a=b");
        assert_eq!(plan.translations[&Field::Status]["a:b"], "archived");
        assert!(plan.problems(None).is_empty());
        assert_eq!(serde_json::from_value::<Plan>(serde_json::to_value(&plan).unwrap()).unwrap(), plan);
    }

    #[test]
    fn bad_words_are_refused_with_a_reason() {
        for bad in ["code", "icao=code", "code=", "=x", "hosting=x"] {
            assert!(assigned(bad).is_err(), "{bad}");
        }
        for bad in ["status=active", "status:Y", "status:=active", "status:\\N=active", "x:Y=active", "status:Y="] {
            assert!(translated(bad).is_err(), "{bad}");
        }
        assert!(plan(&["code=a", "code=b"], &[], &[]).unwrap_err().contains("twice"));
    }

    #[test]
    fn a_plan_is_checked_as_a_whole() {
        let fields = |plan: &Plan| plan.problems(None).iter().map(|problem| problem.field).collect::<Vec<_>>();
        assert_eq!(fields(&Plan::default()), ["code", "name", "type"]);
        let odd = plan(
            &["code=a", "name=b", "status=c"],
            &["type=x", "code=K1", "time_zone=Mars/Base"],
            &["status:Y=acive", "kind:x=own"],
        )
        .unwrap();
        assert_eq!(fields(&odd), ["code", "kind", "status", "time_zone"]);
    }

    #[test]
    fn columns_are_found_by_their_whole_heading() {
        let header: Vec<String> = ["icao", "Support e-mail", "x", "x"].map(String::from).to_vec();
        let guessed = Plan::guessed(&header);
        assert_eq!(guessed.columns[&Field::Code], "icao");
        assert_eq!(guessed.columns[&Field::SupportEmail], "Support e-mail");
        assert_eq!(guessed.places(&header).unwrap()[&Field::SupportEmail], 1);
        for (column, said) in [("x", "several"), ("y", "no column")] {
            let plan = Plan { columns: BTreeMap::from([(Field::Code, column.into())]), ..Plan::default() };
            assert!(plan.places(&header).unwrap_err()[0].message.contains(said));
        }
    }
}
