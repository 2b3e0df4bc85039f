//! One row at a time: from cells to a draft of a partner, or the most important thing that is wrong. No SQL.
//!
//! Every cell goes through the parsers of the form, so a file can store nothing that a form could not.

use std::collections::{BTreeMap, HashMap};

use super::plan::{Field, Plan};
use crate::db::ids::PartnerTypeId;
use crate::imports::file::{Row, Table, is_empty};
use crate::partners::forms::partner_type;
use crate::partners::model::{Category, Facts, Kind, Partner, Status};
use crate::programs::store::PartnerType;
use crate::values::{Choice, Code, Email, Name, Phone, Refused, Zone, paragraphs, shown};
use crate::web::form::FieldError;

/// A valid value of one field.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "as the fields")]
pub enum Value {
    Name(Name),
    Type(PartnerTypeId),
    Kind(Kind),
    Category(Category),
    Status(Status),
    SupportPhone(Option<Phone>),
    SupportEmail(Option<Email>),
    TimeZone(Zone),
    Notes(String),
}

impl Value {
    fn read(field: Field, text: &str, types: &[PartnerType]) -> Result<Option<Value>, Refused> {
        Ok(Some(match field {
            Field::Code => return Code::parse(text).map(|_| None),
            Field::Name => Value::Name(Name::parse(text)?),
            Field::Type => Value::Type(partner_type(text, types)?),
            Field::Kind => Value::Kind(Kind::parse(text)?),
            Field::Category => Value::Category(Category::parse(text)?),
            Field::Status => Value::Status(Status::parse(text)?),
            Field::SupportPhone => Value::SupportPhone(Some(Phone::parse(text)?)),
            Field::SupportEmail => Value::SupportEmail(Some(Email::parse(text)?)),
            Field::TimeZone => Value::TimeZone(Zone::parse(text)?),
            Field::Notes => Value::Notes(paragraphs(text)?),
        }))
    }

    /// Whether a word of the plan can be a field's value.
    ///
    /// # Errors
    /// As the form says it.
    pub fn checked(field: Field, text: &str, types: Option<&[PartnerType]>) -> Result<(), Refused> {
        match (field, types) {
            (Field::Type, None) => Ok(()),
            _ => Value::read(field, text, types.unwrap_or_default()).map(drop),
        }
    }

    fn emptied(field: Field) -> Option<Value> {
        match field {
            Field::SupportPhone => Some(Value::SupportPhone(None)),
            Field::SupportEmail => Some(Value::SupportEmail(None)),
            Field::Notes => Some(Value::Notes(String::new())),
            _ => None,
        }
    }

    fn put(self, facts: &mut Facts) {
        match self {
            Value::Name(name) => facts.name = name,
            Value::Type(type_id) => facts.type_id = type_id,
            Value::Kind(kind) => facts.kind = kind,
            Value::Category(category) => facts.category = category,
            Value::Status(status) => facts.status = status,
            Value::SupportPhone(phone) => facts.support_phone = phone,
            Value::SupportEmail(email) => facts.support_email = email,
            Value::TimeZone(zone) => facts.time_zone = zone,
            Value::Notes(notes) => facts.notes = notes,
        }
    }
}

/// A row that can be taken.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The key.
    pub code: Code,
    /// The name, also among the values.
    pub name: Name,
    type_id: PartnerTypeId,
    /// What the file and the plan say; nothing else is touched.
    values: Vec<Value>,
}

impl Draft {
    /// As a new partner: what nobody said gets the values of a blank form.
    pub fn created(&self, zone: &Zone) -> Facts {
        self.over(Facts {
            code: self.code.clone(),
            name: self.name.clone(),
            kind: Kind::External,
            category: Category::Both,
            type_id: self.type_id,
            status: Status::Planned,
            time_zone: zone.clone(),
            support_phone: None,
            support_email: None,
            notes: String::new(),
        })
    }

    /// As an edit of a partner.
    ///
    /// # Errors
    /// When the partner hosts and would no longer be active.
    pub fn updated(&self, present: &Partner) -> Result<Facts, Refusal> {
        let facts = self.over(present.facts());
        if present.is_hosting && facts.status != present.status && facts.status != Status::Active {
            return Err(Refusal {
                field: Some(Field::Status),
                reason: format!(
                    "This is a hosting partner, so an import cannot make it {}",
                    facts.status.label().to_lowercase()
                ),
                hint: Some("Change its status on its own page.".into()),
            });
        }
        Ok(facts)
    }

    fn over(&self, mut facts: Facts) -> Facts {
        for value in &self.values {
            value.clone().put(&mut facts);
        }
        facts
    }
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field that is to blame; none when the whole row is.
    pub field: Option<Field>,
    /// In words.
    pub reason: String,
    /// What to do about it, or where to look.
    pub hint: Option<String>,
}

/// What a cell says once plan and file were asked.
enum Said {
    /// Neither the plan nor the file has the field.
    Nothing,
    /// The file has it, and this cell is empty.
    Empty,
    /// A value; and whether it stood in the file.
    Text(String, bool),
}

/// Reads rows by a plan, in the order of the file.
pub struct Reader<'a> {
    plan: &'a Plan,
    places: BTreeMap<Field, usize>,
    types: &'a [PartnerType],
    /// The first line of each valid code. A line counts also when it was refused for another reason: which of two
    /// was meant is for a person to say. Lines whose cells cannot be told apart do not count.
    seen: HashMap<String, i32>,
}

impl<'a> Reader<'a> {
    /// Checks the plan against the file and the program.
    ///
    /// # Errors
    /// Everything that is wrong with the plan.
    pub fn new(plan: &'a Plan, table: &Table, types: &'a [PartnerType]) -> Result<Reader<'a>, Vec<FieldError>> {
        let problems = plan.problems(Some(types));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Reader { plan, places: plan.places(&table.header)?, types, seen: HashMap::new() })
    }

    /// The cell of a field, for the report.
    pub fn cell<'r>(&self, row: &'r Row, field: Field) -> &'r str {
        self.places.get(&field).and_then(|place| row.cells.get(*place)).map_or("", |cell| plain(cell))
    }

    /// Reads one row. The code comes first, then the name, then the other fields in the order of the form.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn draft(&mut self, row: &Row) -> Result<Draft, Refusal> {
        if let Some(broken) = &row.broken {
            let field = self.places.iter().find(|(_, place)| Some(**place) == broken.column).map(|(field, _)| *field);
            return Err(Refusal { field, reason: broken.reason.clone(), hint: Some(broken.hint.into()) });
        }
        let code = self.code(row)?;
        let (mut values, mut name, mut type_id) = (Vec::new(), None, None);
        for field in Field::ALL.iter().copied().filter(|field| *field != Field::Code) {
            let value = self.value(row, field)?;
            match &value {
                Some(Value::Name(found)) => name = Some(found.clone()),
                Some(Value::Type(found)) => type_id = Some(*found),
                _ => {}
            }
            values.extend(value);
        }
        let name = name.ok_or_else(|| missing(Field::Name))?;
        let type_id = type_id.ok_or_else(|| missing(Field::Type))?;
        Ok(Draft { code, name, type_id, values })
    }

    fn code(&mut self, row: &Row) -> Result<Code, Refusal> {
        let Said::Text(text, from_file) = self.said(row, Field::Code)? else { return Err(missing(Field::Code)) };
        let code = Code::parse(&text).map_err(|reason| self.refusal(Field::Code, reason, from_file))?;
        match self.seen.get(code.as_str()) {
            Some(line) => Err(Refusal {
                field: Some(Field::Code),
                reason: "Code appears twice in this file".into(),
                hint: Some(format!("Also on line {line}. Keep one.")),
            }),
            None => {
                self.seen.insert(code.to_string(), row.line);
                Ok(code)
            }
        }
    }

    fn value(&self, row: &Row, field: Field) -> Result<Option<Value>, Refusal> {
        match self.said(row, field)? {
            Said::Nothing => Ok(None),
            Said::Empty if field.is_required() => Err(missing(field)),
            Said::Empty => Ok(Value::emptied(field)),
            Said::Text(text, from_file) => {
                Value::read(field, &text, self.types).map_err(|reason| self.refusal(field, reason, from_file))
            }
        }
    }

    fn said(&self, row: &Row, field: Field) -> Result<Said, Refusal> {
        let fixed = self.plan.fixed.get(&field).map(|value| Said::Text(value.clone(), false));
        if !self.places.contains_key(&field) {
            return Ok(fixed.unwrap_or(Said::Nothing));
        }
        let cell = self.cell(row, field);
        if is_empty(cell) {
            return Ok(fixed.unwrap_or(Said::Empty));
        }
        match self.plan.translations.get(&field).filter(|all| !all.is_empty()) {
            None => Ok(Said::Text(cell.to_owned(), true)),
            Some(all) => match all.get(cell.trim()) {
                Some(word) => Ok(Said::Text(word.clone(), true)),
                None => {
                    let reason = format!("{} “{}” was not translated", field.label(), shown(cell.trim()));
                    Err(self.refusal(field, reason, true))
                }
            },
        }
    }

    fn refusal(&self, field: Field, reason: String, from_file: bool) -> Refusal {
        let column = self.plan.columns.get(&field).filter(|_| from_file);
        let advice = match field {
            Field::Type | Field::Kind | Field::Category | Field::Status => " Say what it means under “Map columns”.",
            _ => "",
        };
        Refusal {
            field: Some(field),
            reason,
            hint: column.map(|column| format!("Column “{}”.{advice}", shown(column))),
        }
    }
}

fn missing(field: Field) -> Refusal {
    Refusal { field: Some(field), reason: format!("{} is missing", field.label()), hint: None }
}

/// A cell without the apostrophe that our own exports put before what looks like a formula: they can be read back.
fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{assigned, translated};
    use super::*;
    use crate::imports::file;

    fn types() -> Vec<PartnerType> {
        vec![PartnerType { id: PartnerTypeId::new(), key: "airline".into(), name: "Airline".into() }]
    }

    fn read(map: &[&str], set: &[&str], translate: &[&str], text: &str) -> Vec<Result<Draft, Refusal>> {
        let each = |words: &[&str]| words.iter().map(|word| assigned(word).unwrap()).collect();
        let translate = translate.iter().map(|word| translated(word).unwrap()).collect();
        let plan = Plan::of_words(each(map), each(set), translate).unwrap();
        let (table, types) = (file::read(text.as_bytes()).unwrap(), types());
        let mut reader = Reader::new(&plan, &table, &types).unwrap();
        table.rows.iter().map(|row| reader.draft(row)).collect()
    }

    fn reasons(rows: Vec<Result<Draft, Refusal>>) -> Vec<String> {
        rows.into_iter().map(|row| row.map_or_else(|refusal| refusal.reason, |_| "taken".into())).collect()
    }

    const PLAIN: [&str; 2] = ["code=c", "name=n"];

    #[test]
    fn codes_come_first() {
        let found = reasons(read(
            &["code=c", "name=n", "status=s"],
            &["type=airline"],
            &["status:Y=active"],
            "c,n,s\nAA,,Y\nAA,b,Y\n,,\n\\N,x,Y\n--+,,?\nBB,\u{1b},?\nCC,a,n\nDD,a,Y\nEE,a,",
        ));
        assert_eq!(
            found[..4],
            ["Name is missing", "Code appears twice in this file", "Code is missing", "Code is missing"]
        );
        assert!(found[4].starts_with("“--+” is not a code") && found[5].contains("U+001B"));
        assert_eq!(found[6..], ["Status “n” was not translated", "taken", "taken"]);
    }

    #[test]
    fn fixed_values_fill_gaps_and_defaults_never_overwrite() {
        let rows = read(
            &["code=c", "name=n", "kind=k", "support_phone=p", "category=g"],
            &["type=airline", "category=accrual"],
            &[],
            "c,n,k,p,g\nAA,a,,,\nBB,b,own,'+353 1 555 0188,redemption",
        );
        let zone = Zone::parse("Europe/Dublin").unwrap();
        let facts: Vec<Facts> = rows.iter().map(|row| row.as_ref().unwrap().created(&zone)).collect();
        assert_eq!(
            (facts[0].kind, facts[0].category, facts[0].status),
            (Kind::External, Category::Accrual, Status::Planned)
        );
        assert_eq!((facts[1].kind, facts[1].category), (Kind::Own, Category::Redemption));
        assert_eq!(facts[1].support_phone.as_ref().unwrap().as_str(), "+35315550188");
        let present =
            Facts { time_zone: Zone::parse("Asia/Tokyo").unwrap(), kind: Kind::Department, ..facts[1].clone() };
        let merged = rows[0].as_ref().unwrap().over(present);
        assert_eq!((merged.time_zone.as_str(), merged.kind), ("Asia/Tokyo", Kind::Department));
        assert_eq!(
            (merged.category, merged.support_phone),
            (Category::Accrual, None),
            "given and mapped fields are set"
        );
    }

    #[test]
    fn without_translations_our_own_words_are_read() {
        let found =
            reasons(read(&["code=c", "name=n", "status=s"], &["type=airline"], &[], "c,n,s\nAA,a,active\nBB,b,Y"));
        assert_eq!(found[0], "taken");
        assert!(found[1].contains("planned, pending, active"));
    }

    #[test]
    fn types_are_required() {
        let found = reasons(read(&["code=c", "name=n", "type=t"], &[], &[], "c,n,t\nAA,a,Airline\nBB,b,\nCC,c,Zoo"));
        assert_eq!(found[..2], ["taken", "Type is missing"]);
        assert!(found[2].contains("Use one of airline"));
    }

    #[test]
    fn names_keep_what_is_inside_them() {
        let rows = read(&PLAIN, &["type=airline"], &[], "c,n\nAA,\"  Österreich,  \"\"Ö\"\" \"\nBB,Авиа\n");
        let names: Vec<String> = rows.into_iter().map(|row| row.unwrap().name.to_string()).collect();
        assert_eq!(names, ["Österreich,  \"Ö\"", "Авиа"]);
    }
}
