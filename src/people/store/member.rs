//! Members of a partner, in the scope of whoever asks.

use chrono::{DateTime, Utc};
use diesel::dsl::{InnerJoin, IntoBoxed, LeftJoin, Nullable, exists, not};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Bool, Text};

use crate::access::{MemberRole, Permission, Powers, Role, Scope};
use crate::db::ids::{MembershipId, PartnerId, RoleId, UserId};
use crate::db::schema::{memberships, partners, roles, users};
use crate::db::{ReadTx, WriteTx};
use crate::partners::model::Partner;
use crate::people::UserStatus;
use crate::roles::Offer;
use crate::values::{Choice, Email};
use crate::web::error::AppError;
use crate::web::form::FieldError;

diesel::joinable!(memberships -> roles (role_id));

pub(super) type Rows = IntoBoxed<'static, LeftJoin<InnerJoin<memberships::table, users::table>, roles::table>, Pg>;

/// Memberships with their people and the program's own roles, as far as the person may see them. Every read of
/// members begins here.
pub(super) fn visible(tx: &ReadTx<'_>) -> Rows {
    let rows = memberships::table.inner_join(users::table).left_join(roles::table).into_boxed();
    match tx.scope() {
        Scope::Everything => rows,
        Scope::Program(program) => rows.filter(memberships::program_id.eq(program)),
        Scope::Partner { program, partner } => {
            rows.filter(memberships::program_id.eq(program).and(memberships::partner_id.eq(partner)))
        }
    }
}

/// Somebody of a partner.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Member {
    pub id: MembershipId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: MemberRole,
    pub role_id: Option<RoleId>,
    /// The name of the program's own role.
    pub role_name: Option<String>,
    /// The permissions of the program's own role.
    pub role_keys: Option<serde_json::Value>,
    /// Whether the program's own role sees all partners.
    pub role_wide: Option<bool>,
    pub status: UserStatus,
    pub suspended_at: Option<DateTime<Utc>>,
    pub second_factor_at: Option<DateTime<Utc>>,
    pub is_system: bool,
    pub last_seen: Option<DateTime<Utc>>,
    pub version: i32,
    /// The name as Postgres orders it.
    pub sort_name: String,
}

impl Member {
    /// Whether they can sign in and act for the partner.
    pub fn can_act(&self) -> bool {
        self.status == UserStatus::Active && self.suspended_at.is_none()
    }

    /// The name of their role at the partner.
    pub fn role_at(&self, partner: &Partner) -> String {
        match &self.role_name {
            Some(name) => name.clone(),
            None => self.role.at(partner.is_hosting).name().to_owned(),
        }
    }

    /// Their role as a form knows it.
    pub fn role_key(&self) -> String {
        self.role_id.map_or_else(|| self.role.key().to_owned(), |id| id.to_string())
    }

    /// Whether their role sees all partners there.
    pub fn is_program_wide(&self, partner: &Partner) -> bool {
        match self.role_wide {
            Some(wide) => wide && partner.is_hosting,
            None => Offer::built_in(self.role, partner).program_wide,
        }
    }

    /// What their role holds at the partner.
    pub fn powers_at(&self, partner: &Partner) -> Powers {
        match &self.role_keys {
            Some(keys) => Powers::of_keys(&serde_json::from_value::<Vec<String>>(keys.clone()).unwrap_or_default()),
            None => Offer::built_in(self.role, partner).powers,
        }
    }
}

diesel::define_sql_function! {
    /// Postgres's `lower`.
    fn lower(text: Text) -> Text;
}

pub(super) type Columns = (
    memberships::id,
    memberships::user_id,
    users::name,
    users::email,
    memberships::role,
    memberships::role_id,
    Nullable<roles::name>,
    Nullable<roles::permissions>,
    Nullable<roles::program_wide>,
    users::status,
    memberships::suspended_at,
    users::second_factor_at,
    users::is_system,
    users::last_seen_at,
    memberships::version,
    lower<users::name>,
);

pub(super) fn columns() -> Columns {
    (
        memberships::id,
        memberships::user_id,
        users::name,
        users::email,
        memberships::role,
        memberships::role_id,
        roles::name.nullable(),
        roles::permissions.nullable(),
        roles::program_wide.nullable(),
        users::status,
        memberships::suspended_at,
        users::second_factor_at,
        users::is_system,
        users::last_seen_at,
        memberships::version,
        lower(users::name),
    )
}

/// One member of a partner.
///
/// # Errors
/// [`AppError::NotFound`] when it is nobody of that partner, or out of scope.
pub fn member(tx: &mut ReadTx<'_>, partner: PartnerId, id: MembershipId) -> Result<Member, AppError> {
    Ok(visible(tx)
        .filter(memberships::partner_id.eq(partner).and(memberships::id.eq(id)))
        .select(columns())
        .first(tx.conn())?)
}

/// The member of a partner with an address.
///
/// # Errors
/// When the database does not answer.
pub fn member_of_address(tx: &mut ReadTx<'_>, partner: PartnerId, email: &str) -> Result<Option<Member>, AppError> {
    Ok(visible(tx)
        .filter(memberships::partner_id.eq(partner).and(users::email.eq(email.to_owned())))
        .select(columns())
        .first(tx.conn())
        .optional()?)
}

/// Admins of a partner but one: all, and those who can sign in and act.
///
/// # Errors
/// When the database does not answer.
pub fn other_admins(tx: &mut ReadTx<'_>, partner: PartnerId, but: MembershipId) -> Result<(usize, usize), AppError> {
    let others: Vec<(UserStatus, Option<DateTime<Utc>>)> = visible(tx)
        .filter(memberships::partner_id.eq(partner))
        .filter(memberships::role.eq(MemberRole::Admin).and(memberships::id.ne(but)))
        .select((users::status, memberships::suspended_at))
        .load(tx.conn())?;
    let can_act = |(status, suspended): &&(UserStatus, _)| *status == UserStatus::Active && Option::is_none(suspended);
    Ok((others.len(), others.iter().filter(can_act).count()))
}

/// A partner's administrators, and which of them can sign in and act.
///
/// # Errors
/// When the database does not answer.
pub fn admins(tx: &mut ReadTx<'_>, partner: PartnerId) -> Result<Vec<(MembershipId, bool)>, AppError> {
    let rows: Vec<(MembershipId, UserStatus, Option<DateTime<Utc>>)> = visible(tx)
        .filter(memberships::partner_id.eq(partner).and(memberships::role.eq(MemberRole::Admin)))
        .select((memberships::id, users::status, memberships::suspended_at))
        .load(tx.conn())?;
    let can_act = |status, suspended: Option<_>| status == UserStatus::Active && suspended.is_none();
    Ok(rows.into_iter().map(|(id, status, suspended)| (id, can_act(status, suspended))).collect())
}

/// Whether somebody is the last of a partner's administrators, or the last of them who can act: the rule of whoever
/// takes people off.
pub fn is_last(admins: &[(MembershipId, bool)], who: uuid::Uuid) -> bool {
    let Some((_, can_act)) = admins.iter().find(|(id, _)| id.uuid() == who) else { return false };
    let mut others = admins.iter().filter(|(id, _)| id.uuid() != who).peekable();
    others.peek().is_none() || (*can_act && !others.any(|(_, can_act)| *can_act))
}

/// Holds a partner that was found in scope until the transaction ends: two people cannot take its last two admins
/// away at the same moment.
///
/// # Errors
/// When the database does not answer.
pub fn hold_partner<P: Permission>(tx: &mut WriteTx<'_, P>, partner: &Partner) -> Result<(), AppError> {
    partners::table.find(partner.id).select(partners::id).for_no_key_update().first::<PartnerId>(tx.conn())?;
    Ok(())
}

/// An account that may become a member.
#[derive(Queryable, Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments say what they mean")]
pub struct Candidate {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub status: UserStatus,
}

/// The account of an address, when it belongs to somebody of this program: people of other programs are none of this
/// program's business. System administrators stand above programs: they see every account, and nobody else theirs.
///
/// # Errors
/// When the database does not answer.
pub fn candidate<P: Permission>(tx: &mut WriteTx<'_, P>, email: &Email) -> Result<Option<Candidate>, AppError> {
    let program = tx.actor().program_id().ok_or(AppError::NotFound)?;
    let here = memberships::table
        .filter(memberships::user_id.eq(users::id).and(memberships::program_id.eq(program)))
        .select(memberships::id);
    let everywhere = tx.actor().role() == Some(Role::SystemAdmin);
    let is_known = exists(here).and(not(users::is_system));
    Ok(users::table
        .filter(users::email.eq(email.as_str()))
        .filter(is_known.or(diesel::dsl::sql::<Bool>("").bind::<Bool, _>(everywhere)))
        .select((users::id, users::name, users::email, users::status))
        .first(tx.conn())
        .optional()?)
}

/// Makes somebody a member.
///
/// # Errors
/// [`AppError::Invalid`] when they are one already.
pub fn add_member<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    partner: &Partner,
    user: UserId,
    offer: &Offer,
) -> Result<MembershipId, AppError> {
    let (id, now) = (MembershipId::new(), tx.now());
    diesel::insert_into(memberships::table)
        .values((
            memberships::id.eq(id),
            memberships::program_id.eq(partner.program_id),
            memberships::partner_id.eq(partner.id),
            memberships::user_id.eq(user),
            memberships::role.eq(offer.role),
            memberships::role_id.eq(offer.custom),
            memberships::created_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(|error| match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
                if info.constraint_name() == Some("memberships_once") =>
            {
                let message = "This person is a member already. Change their role in the list instead.";
                AppError::Invalid(vec![FieldError::new("email", "E-mail", message)])
            }
            _ => crate::roles::store::given(error),
        })?;
    Ok(id)
}

/// Saves a role, if the membership is still at the version that was seen; else false.
///
/// # Errors
/// When the database does not answer.
pub fn save_role<P: Permission>(
    tx: &mut WriteTx<'_, P>,
    member: &Member,
    seen: i32,
    offer: &Offer,
) -> Result<bool, AppError> {
    let row = memberships::table.filter(memberships::id.eq(member.id).and(memberships::version.eq(seen)));
    let saved = diesel::update(row)
        .set((
            memberships::role.eq(offer.role),
            memberships::role_id.eq(offer.custom),
            memberships::version.eq(seen + 1),
        ))
        .execute(tx.conn())
        .map_err(crate::roles::store::given)?;
    Ok(saved == 1)
}

/// Takes somebody off a partner, if the membership is still at the version that was seen; else false.
///
/// # Errors
/// When the database does not answer.
pub fn remove_member<P: Permission>(tx: &mut WriteTx<'_, P>, member: &Member, seen: i32) -> Result<bool, AppError> {
    let row = memberships::table.filter(memberships::id.eq(member.id).and(memberships::version.eq(seen)));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}
