//! Typed ids: a partner's id cannot be handed over as a user's. Made only here and by the database.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, AsExpression, FromSqlRow)]
        #[diesel(sql_type = sql_types::Uuid)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id; version 7, so that ids follow time.
            #[allow(clippy::new_without_default, reason = "an id is never a default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id of something made up: of its moment, as every id, and of bits that were drawn for it.
            pub fn drawn(at: DateTime<Utc>, bits: u128) -> Self {
                let mut drawn = [0; 10];
                drawn.copy_from_slice(&bits.to_be_bytes()[..10]);
                let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &drawn).into_uuid())
            }

            /// The plain value, for keys of other tables and for hues.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl FromSql<sql_types::Uuid, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(value).map(Self)
            }
        }

        impl ToSql<sql_types::Uuid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.0.as_bytes())?;
                Ok(IsNull::No)
            }
        }
    )*};
}

ids! {
    /// A program.
    ProgramId,
    /// A partner.
    PartnerId,
    /// A partner type of a program.
    PartnerTypeId,
    /// A person.
    UserId,
    /// A role that a program made.
    RoleId,
    /// Somebody asked to join a partner.
    InvitationId,
    /// Where files and messages go to or come from.
    ConnectionId,
    /// A person's membership of a partner.
    MembershipId,
    /// A signed-in browser.
    SessionId,
    /// An import of partners.
    ImportId,
    /// A line of the activity log.
    ActivityId,
    /// A letter in the outbox.
    LetterId,
    /// A template of a partner's files.
    TemplateId,
    /// A question of a form; the same through its versions.
    QuestionId,
    /// A version of a form.
    FormVersionId,
    /// Answers to a form.
    AnswersId,
    /// A file in answers; made at random, see [`FileId::random`].
    FileId,
    /// What a partner builds for the program.
    IntegrationId,
    /// An item of feedback on an integration.
    ThreadId,
    /// What somebody wrote in one.
    MessageId,
    /// A picture of an integration; made at random, see [`ImageId::random`].
    ImageId,
    /// A rule that a program checks integrations by.
    CheckId,
    /// A customer's install of an integration.
    TenantId,
    /// A run of one.
    RunId,
    /// A key to the JSON API.
    TokenId,
    /// A rank of customers.
    TierId,
    /// A product or service of a partner.
    ProductId,
    /// An import from a file.
    FileImportId,
    /// A campaign.
    CampaignId,
    /// A tier asked for by a partner in a campaign, for a time.
    AssignmentId,
    /// What somebody did to a campaign's assignments last.
    UndoId,
    /// Something that a customer redeemed.
    RedemptionId,
}

impl FileId {
    /// An id that follows nothing, so that nobody can guess the next one.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl ImageId {
    /// As [`FileId::random`].
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}
