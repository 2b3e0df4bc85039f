//! Lists of members and of who is invited: one query over views that have the same columns.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Int8, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::access::{MemberRole, Scope};
use crate::db::ids::{PartnerId, RoleId};
use crate::db::{self, ReadTx};
use crate::invitations::model::{Listed, State};
use crate::values::Choice;
use crate::web::error::AppError;
use crate::web::listing::{CAP, Keyset, like};

/// Which people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Members.
    Members,
    /// Open invitations.
    Invited,
    /// Both, by name.
    Both,
}

impl Source {
    fn view(self) -> &'static str {
        match self {
            Source::Members => "member_people",
            Source::Invited => "invited_people",
            Source::Both => "people_of_partners",
        }
    }

    /// A partner's people go by name; a program's are too many for that, and go newest first, as the index has them.
    fn is_by_name(self) -> bool {
        self == Source::Both
    }
}

/// What a list of people is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    /// One partner.
    pub partner: Option<PartnerId>,
    /// Part of the code or name of a partner.
    pub partner_like: String,
    /// Part of a name or address.
    pub search: String,
    /// One role: the key of a built-in one, or the id of one of the program's own.
    pub role: String,
    /// One state.
    pub state: Option<State>,
}

/// A value of a statement.
enum Bound {
    Id(Uuid),
    Text(String),
    Time(DateTime<Utc>),
    Number(i64),
}

/// A statement on its way: text, and what stands for its `$1`, `$2`….
struct Statement {
    text: String,
    bound: Vec<Bound>,
}

impl Statement {
    /// Adds text in which `?` stands for the values.
    fn add(&mut self, text: &str, values: impl IntoIterator<Item = Bound>) {
        let mut values = values.into_iter();
        for (at, part) in text.split('?').enumerate() {
            if at > 0 {
                self.bound.extend(values.next());
                write!(self.text, "${}", self.bound.len()).ok();
            }
            self.text.push_str(part);
        }
    }

    fn query(self) -> db::Statement {
        let is_search = self.text.contains("ILIKE");
        let query = self.bound.into_iter().fold(db::statement(self.text), |query, value| match value {
            Bound::Id(value) => query.bind::<SqlUuid, _>(value),
            Bound::Text(value) => query.bind::<Text, _>(value),
            Bound::Time(value) => query.bind::<Timestamptz, _>(value),
            Bound::Number(value) => query.bind::<Int8, _>(value),
        });
        if is_search { query.planned_anew() } else { query }
    }
}

/// The people that a person may see. Every list and count of them begins here.
fn visible(tx: &ReadTx<'_>, what: &str, source: Source) -> Statement {
    let (mut text, mut bound) = (format!("SELECT {what} FROM {} AS p WHERE ", source.view()), Vec::new());
    match tx.scope() {
        Scope::Everything => text.push_str("true"),
        Scope::Program(program) => {
            text.push_str("p.program_id = $1");
            bound.push(Bound::Id(program.uuid()));
        }
        Scope::Partner { program, partner } => {
            text.push_str("p.program_id = $1 AND p.partner_id = $2");
            bound.extend([Bound::Id(program.uuid()), Bound::Id(partner.uuid())]);
        }
    }
    Statement { text, bound }
}

fn filtered(tx: &ReadTx<'_>, what: &str, source: Source, filter: &PeopleFilter) -> Statement {
    let mut statement = visible(tx, what, source);
    if let Some(partner) = filter.partner {
        statement.add(" AND p.partner_id = ?", [Bound::Id(partner.uuid())]);
    }
    for (typed, condition) in [
        (&filter.search, " AND (p.name ILIKE ? OR p.email ILIKE ?)"),
        (&filter.partner_like, " AND (p.partner_name ILIKE ? OR p.partner_code ILIKE ?)"),
    ] {
        if !typed.is_empty() {
            statement.add(condition, [Bound::Text(like(typed)), Bound::Text(like(typed))]);
        }
    }
    if let Some(role) = MemberRole::from_key(&filter.role) {
        statement.add(" AND p.role = ?", [Bound::Text(role.key().to_owned())]);
    } else if let Ok(role) = filter.role.parse::<RoleId>() {
        statement.add(" AND p.role_id = ?", [Bound::Id(role.uuid())]);
    }
    if let Some(state) = filter.state {
        in_state(&mut statement, state, tx.now());
    }
    statement
}

/// The same as [`Listed::state`].
fn in_state(statement: &mut Statement, state: State, now: DateTime<Utc>) {
    let left = "p.user_id IS NULL AND p.letter_state IS DISTINCT FROM 'failed'";
    match state {
        State::Active => {
            statement.add(" AND p.user_id IS NOT NULL AND p.status = 'active' AND p.suspended_at IS NULL", []);
        }
        State::Suspended => statement.add(
            " AND p.user_id IS NOT NULL AND (p.status = 'suspended' OR (p.status <> 'deactivated' AND p.suspended_at IS NOT NULL))",
            [],
        ),
        State::Deactivated => statement.add(" AND p.user_id IS NOT NULL AND p.status = 'deactivated'", []),
        State::Invited => statement.add(
            &format!(" AND (({left} AND p.expires_at > ?) OR (p.user_id IS NOT NULL AND p.status = 'invited' AND p.suspended_at IS NULL))"),
            [Bound::Time(now)],
        ),
        State::Expired => statement.add(&format!(" AND {left} AND p.expires_at <= ?"), [Bound::Time(now)]),
        State::Bounced => statement.add(" AND p.user_id IS NULL AND p.letter_state = 'failed'", []),
    }
}

/// One page: a partner's people by name, a program's newest first.
///
/// # Errors
/// When the database does not answer.
pub fn people(
    tx: &mut ReadTx<'_>,
    source: Source,
    filter: &PeopleFilter,
    page: &Keyset,
) -> Result<Vec<Listed>, AppError> {
    let mut statement = filtered(tx, "p.*", source, filter);
    let (key, is_descending) = if source.is_by_name() { ("sort_name", false) } else { ("created_at", true) };
    let after = page.at.as_ref().and_then(|at| {
        let key = match source.is_by_name() {
            true => Bound::Text(at.key.clone()),
            false => Bound::Time(at.key.parse().ok()?),
        };
        Some([key, Bound::Id(at.id)])
    });
    if let Some(values) = after {
        let sign = if page.backward == is_descending { ">" } else { "<" };
        statement.add(&format!(" AND (p.{key}, p.id) {sign} (?, ?)"), values);
    }
    let order = if page.backward == is_descending { "ASC" } else { "DESC" };
    statement.add(&format!(" ORDER BY p.{key} {order}, p.id {order} LIMIT ?"), [Bound::Number(page.limit())]);
    Ok(statement.query().load(tx.conn())?)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Int8)]
    count: i64,
}

/// How many members and how many open invitations there are, each counted to one more than [`CAP`].
///
/// # Errors
/// When the database does not answer.
pub fn count_people(tx: &mut ReadTx<'_>, source: Source, filter: &PeopleFilter) -> Result<(i64, i64), AppError> {
    // Each in its own view: what a list of members does not have is not sought in it.
    let mut count = |part: Source| -> Result<i64, AppError> {
        if source != part && source != Source::Both {
            return Ok(0);
        }
        let mut statement = filtered(tx, "1", part, filter);
        statement.add(" LIMIT ?", [Bound::Number(CAP + 1)]);
        statement.text = format!("SELECT count(*) AS count FROM ({}) AS listed", statement.text);
        Ok(statement.query().get_result::<Counted>(tx.conn())?.count)
    };
    Ok((count(Source::Members)?, count(Source::Invited)?))
}
