//! Rows as they are copied into the tables; what is not named takes its default.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::access::MemberRole;
use crate::audit::chain::Content;
use crate::campaigns::model::{AssignmentState, Display, State as CampaignState};
use crate::db::ids::{
    ActivityId, AssignmentId, CampaignId, ConnectionId, IntegrationId, MembershipId, MessageId, PartnerId,
    PartnerTypeId, ProductId, ProgramId, RunId, TenantId, ThreadId, TierId, UserId,
};
use crate::db::schema::*;
use crate::integrations::content::{IntegrationKind, PageName};
use crate::integrations::feedback::model::Weight;
use crate::integrations::model::{Origin, Outcome};
use crate::integrations::stage::State as IntegrationState;
use crate::partners::model::{Category, Kind, Status};
use crate::people::UserStatus;
use crate::products::model::Kind as ProductKind;
use crate::tenants::model::{Outcome as RunOutcome, Schedule};
use crate::tenants::stage::State as TenantState;

/// Rows of a table: their fields are its columns.
macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident of $table:ident { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub struct $name { $(pub $field: $kind),* }
    )*};
}

rows! {
    /// A person.
    User of users {
        id: UserId, email: String, name: String, password_hash: Option<String>, status: UserStatus,
        last_seen_at: Option<DateTime<Utc>>, created_at: DateTime<Utc>, updated_at: DateTime<Utc>,
    }
    /// A partner.
    Partner of partners {
        id: PartnerId, program_id: ProgramId, code: String, name: String, kind: Kind, category: Category,
        type_id: PartnerTypeId, status: Status, time_zone: &'static str, support_phone: Option<String>,
        support_email: Option<String>, primary_contact_id: Option<UserId>, code_fixed: bool,
        created_at: DateTime<Utc>, updated_at: DateTime<Utc>, updated_by: Option<UserId>, updated_by_name: String,
    }
    /// A membership.
    Membership of memberships {
        id: MembershipId, program_id: ProgramId, partner_id: PartnerId, user_id: UserId, role: MemberRole,
        created_at: DateTime<Utc>,
    }
    /// A connection without credentials.
    Connection of connections {
        id: ConnectionId, program_id: ProgramId, partner_id: PartnerId, name: &'static str, kind: &'static str,
        direction: &'static str, host: String, port: i32, auth: &'static str, created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>, updated_by: Option<UserId>, updated_by_name: String,
    }
    /// An integration.
    Integration of integrations {
        id: IntegrationId, program_id: ProgramId, partner_id: PartnerId, name: String, kind: IntegrationKind,
        state: IntegrationState, state_since: DateTime<Utc>, content: serde_json::Value, live_number: Option<i32>,
        round: i32, submission: i32, submitted_at: Option<DateTime<Utc>>, submitted_by: Option<UserId>,
        submitted_by_name: String, assignee_id: Option<UserId>, assignee_name: String,
        expected_at: Option<DateTime<Utc>>, version: i32, created_at: DateTime<Utc>, created_by_name: String,
        updated_at: DateTime<Utc>, updated_by: Option<UserId>, updated_by_name: String,
    }
    /// A submission.
    Submission of integration_submissions {
        partner_id: PartnerId, integration_id: IntegrationId, number: i32, cycle: i32, round: i32,
        content: serde_json::Value, note: &'static str, submitted_at: DateTime<Utc>, submitted_by: Option<UserId>,
        submitted_by_name: String, outcome: Option<Outcome>, summary: &'static str,
        answered_at: Option<DateTime<Utc>>, answered_by: Option<UserId>, answered_by_name: String,
    }
    /// A published version.
    Version of integration_versions {
        partner_id: PartnerId, integration_id: IntegrationId, number: i32, content: serde_json::Value,
        origin: Origin, source: Option<i32>, published_at: DateTime<Utc>, published_by: Option<UserId>,
        published_by_name: String,
    }
    /// An item of feedback.
    Thread of feedback_threads {
        id: ThreadId, program_id: ProgramId, partner_id: PartnerId, integration_id: IntegrationId, page: PageName,
        field: Option<&'static str>, weight: Weight, cycle: i32, round: i32, submission: i32,
        opened_at: DateTime<Utc>, opened_by: Option<UserId>, opened_by_name: String,
    }
    /// What is written in one.
    Message of feedback_messages {
        id: MessageId, partner_id: PartnerId, thread_id: ThreadId, is_host: bool, body: &'static str,
        at: DateTime<Utc>, author_id: Option<UserId>, author_name: String,
    }
    /// A tenant.
    Tenant of tenants {
        id: TenantId, program_id: ProgramId, partner_id: PartnerId, integration_id: IntegrationId, name: String,
        external_id: String, state: TenantState, state_since: DateTime<Utc>, schedule: Schedule,
        last_run_at: Option<DateTime<Utc>>, last_outcome: Option<RunOutcome>, created_at: DateTime<Utc>,
        created_by_name: String, updated_at: DateTime<Utc>, updated_by: Option<UserId>, updated_by_name: String,
    }
    /// A run of one.
    Run of tenant_runs {
        id: RunId, program_id: ProgramId, partner_id: PartnerId, tenant_id: TenantId, key: &'static str,
        outcome: RunOutcome, started_at: DateTime<Utc>, finished_at: Option<DateTime<Utc>>, records_read: i64,
        records_written: i64, log: &'static str, reported_at: DateTime<Utc>, reported_by_name: String,
    }
    /// A product.
    Product of products {
        id: ProductId, program_id: ProgramId, partner_id: PartnerId, sku: String, name: String, kind: ProductKind,
        category: &'static str, currency: &'static str, price: Option<i64>, created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>, updated_by: Option<UserId>, updated_by_name: String,
    }
    /// A campaign.
    Campaign of campaigns {
        id: CampaignId, program_id: ProgramId, code: String, name: String, display: Display,
        messages: serde_json::Value, state: CampaignState, time_zone: &'static str, starts_at: DateTime<Utc>,
        ends_at: Option<DateTime<Utc>>, owner_id: Option<UserId>, owner_name: String, created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>, updated_by: Option<UserId>, updated_by_name: String,
    }
    /// A partner's part in a campaign.
    Link of campaign_partners {
        program_id: ProgramId, partner_id: PartnerId, campaign_id: CampaignId, linked_at: DateTime<Utc>,
        linked_by_name: String,
    }
    /// A tier assignment.
    Assignment of tier_assignments {
        id: AssignmentId, program_id: ProgramId, partner_id: PartnerId, campaign_id: CampaignId,
        product_id: Option<ProductId>, tier_id: TierId, state: AssignmentState, time_zone: &'static str,
        starts_at: DateTime<Utc>, ends_at: Option<DateTime<Utc>>, created_at: DateTime<Utc>,
        created_by_name: String, updated_at: DateTime<Utc>, updated_by_name: String,
    }
    /// A line of the activity log.
    Activity of activity {
        id: ActivityId, at: DateTime<Utc>, program_id: Option<ProgramId>, partner_id: Option<PartnerId>,
        actor_id: Option<UserId>, actor_name: String, actor_role: &'static str, on_behalf: bool, hosts_only: bool,
        kind: &'static str, event: serde_json::Value, changes: serde_json::Value, request_id: &'static str,
        address: &'static str,
    }
}

impl Activity {
    /// What is hashed of it.
    pub fn content(&self) -> Content<'_> {
        Content {
            id: self.id.uuid(),
            at: self.at,
            program_id: self.program_id.map(ProgramId::uuid),
            partner_id: self.partner_id.map(PartnerId::uuid),
            actor_id: self.actor_id.map(UserId::uuid),
            actor_name: &self.actor_name,
            actor_role: self.actor_role,
            on_behalf: self.on_behalf,
            hosts_only: self.hosts_only,
            kind: self.kind,
            event: &self.event,
            changes: &self.changes,
            request_id: self.request_id,
            address: self.address,
        }
    }
}
