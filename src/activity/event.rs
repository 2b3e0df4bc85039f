//! The enum of everything that can happen. It is matched without `_`: a new event makes the compiler list every
//! sentence, icon and group still missing.

use serde::{Deserialize, Serialize};

use super::campaign::CampaignEvent;
use super::integration::IntegrationEvent;
use super::offer::OfferEvent;
use super::tenant::TenantEvent;
use crate::db::ids::{
    CampaignId, ConnectionId, ImportId, IntegrationId, InvitationId, PartnerId, ProductId, ProgramId, TemplateId,
    TenantId, TokenId, UserId,
};

/// One field of a record, before and after; empty text means that it was empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's label.
    pub field: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

impl FieldChange {
    /// A change of a field; none when nothing changed.
    pub fn of(field: &str, before: impl ToString, after: impl ToString) -> Option<FieldChange> {
        let (before, after) = (before.to_string(), after.to_string());
        (before != after).then(|| FieldChange { field: field.to_owned(), before, after })
    }
}

/// The label of the one field of a partner that only hosts may read.
pub const NOTES: &str = "Notes";

/// Something that happened. Ids say what it touched; names are as they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
#[expect(missing_docs, reason = "the sentences below say what each means")]
pub enum Event {
    ProgramCreated { program: ProgramId, name: String, code: String },
    ProgramUpdated { program: ProgramId, changes: Vec<FieldChange> },
    PartnerTypeAdded { program: ProgramId, name: String },
    PartnerTypeRenamed { program: ProgramId, from: String, to: String },
    PartnerTypeRemoved { program: ProgramId, name: String },
    PartnerCreated { partner: PartnerId, name: String, code: String },
    PartnerUpdated { partner: PartnerId, name: String, changes: Vec<FieldChange> },
    PartnerNotesChanged { partner: PartnerId, name: String, changes: Vec<FieldChange> },
    PartnerLogoChanged { partner: PartnerId, name: String },
    PartnerLogoRemoved { partner: PartnerId, name: String },
    PartnerMoved { partner: PartnerId, name: String, from: String, to: String, reason: String },
    PartnerRemoved { partner: PartnerId, name: String, code: String },
    HostingGranted { partner: PartnerId, name: String },
    HostingWithdrawn { partner: PartnerId, name: String },
    MemberAdded { partner: PartnerId, user: UserId, name: String, email: String, role: String },
    MemberRoleChanged { partner: PartnerId, user: UserId, name: String, from: String, to: String },
    MemberRemoved { partner: PartnerId, user: UserId, name: String, role: String },
    ImportUploaded { import: ImportId, file: String },
    PartnersImported { import: ImportId, file: String, created: i32, updated: i32, unchanged: i32, refused: i32 },
    ImportUndone { import: ImportId, file: String, removed: i32, restored: i32, kept: i32 },
    UserCreated { user: UserId, name: String, email: String },
    UserDisabled { user: UserId, name: String },
    UserEnabled { user: UserId, name: String },
    AccountUpdated { user: UserId, changes: Vec<FieldChange> },
    PasswordChanged { user: UserId },
    PasswordReset { user: UserId, name: String },
    SessionsEnded { user: UserId, count: i32 },
    InvitationSent { partner: PartnerId, invitation: InvitationId, name: String, email: String, role: String },
    InvitationResent { partner: PartnerId, invitation: InvitationId, name: String },
    InvitationExtended { partner: PartnerId, invitation: InvitationId, name: String, until: String },
    InvitationCorrected { partner: PartnerId, invitation: InvitationId, name: String, changes: Vec<FieldChange> },
    InvitationRevoked { partner: PartnerId, invitation: InvitationId, name: String },
    InvitationAsked { partner: PartnerId, invitation: InvitationId, name: String },
    InvitationAccepted { partner: PartnerId, invitation: InvitationId, user: UserId, name: String, role: String },
    MemberSuspended { partner: PartnerId, user: UserId, name: String, reason: String },
    MemberReactivated { partner: PartnerId, user: UserId, name: String },
    ContactHandedOver { partner: PartnerId, from: String, to: String },
    RoleCreated { program: ProgramId, name: String },
    RoleUpdated { program: ProgramId, name: String, changes: Vec<FieldChange> },
    RoleRemoved { program: ProgramId, name: String },
    ResetSent { partner: Option<PartnerId>, user: UserId, name: String },
    PasswordRecovered { user: UserId },
    EmailChanged { user: UserId, changes: Vec<FieldChange> },
    SecondFactorOn { user: UserId },
    SecondFactorOff { user: UserId },
    RecoveryCodesRenewed { user: UserId },
    SecondFactorReset { user: UserId, name: String },
    ViewStarted { partner: PartnerId, user: UserId, name: String, reason: String },
    ViewEnded { partner: PartnerId, user: UserId, name: String },
    LetterResent { partner: Option<PartnerId>, subject: String, recipient: String },
    LetterWordsChanged { program: ProgramId, letter: String, changes: Vec<FieldChange> },
    MailChoicesChanged { user: UserId, changes: Vec<FieldChange> },
    ConnectionCreated { partner: PartnerId, connection: ConnectionId, name: String, what: String },
    ConnectionUpdated { partner: PartnerId, connection: ConnectionId, name: String, changes: Vec<FieldChange> },
    ConnectionRemoved { partner: PartnerId, connection: ConnectionId, name: String },
    ConnectionTested { partner: PartnerId, connection: ConnectionId, name: String, outcome: String },
    SecretsSealedAnew { count: i64 },
    AuditSealedAnew { lines: i64 },
    DatabaseRestored { made: String, sessions: i64, links: i64, letters: i64, tokens: i64 },
    TemplateCreated { partner: PartnerId, template: TemplateId, name: String },
    TemplateUpdated { partner: PartnerId, template: TemplateId, name: String, changes: Vec<FieldChange> },
    TemplateCopied { partner: PartnerId, template: TemplateId, from: String, name: String },
    TemplateRemoved { partner: PartnerId, template: TemplateId, name: String },
    TemplateImported { partner: PartnerId, template: TemplateId, name: String, file: String },
    FormDraftChanged { program: ProgramId, form: String, what: String },
    FormPublished { program: ProgramId, form: String, number: i32, again: String },
    FormSettingsChanged { program: ProgramId, form: String, changes: Vec<FieldChange> },
    AnswersSaved { partner: PartnerId, name: String, form: String },
    FormAnswered { partner: PartnerId, name: String, form: String, number: i32 },
    AnswersRequested { partner: PartnerId, name: String, form: String, until: String, note: String },
    Integration { partner: PartnerId, integration: IntegrationId, name: String, event: IntegrationEvent },
    ChecksChanged { program: ProgramId, what: String, changes: Vec<FieldChange> },
    ReviewSettingsChanged { program: ProgramId, changes: Vec<FieldChange> },
    Tenant { partner: PartnerId, tenant: TenantId, name: String, event: TenantEvent },
    TokenCreated { partner: PartnerId, token: TokenId, name: String, scopes: String, until: String },
    TokenRevoked { partner: PartnerId, token: TokenId, name: String },
    ProgramTokenCreated { program: ProgramId, token: TokenId, name: String, scopes: String, until: String },
    ProgramTokenRevoked { program: ProgramId, token: TokenId, name: String },
    Offer { partner: Option<PartnerId>, product: Option<ProductId>, name: String, event: OfferEvent },
    Campaign { campaign: CampaignId, partner: Option<PartnerId>, name: String, event: CampaignEvent },
}

/// What an event is about, for the filter and the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Programs and settings.
    Programs,
    /// Partners.
    Partners,
    /// Members and accounts.
    People,
    /// Imports.
    Imports,
    /// Connections.
    Connections,
    /// Templates of files.
    Templates,
    /// Forms and answers.
    Forms,
    /// Integrations and their reviews.
    Integrations,
    /// Tenants, their runs, and keys to the API.
    Tenants,
    /// Tiers and products.
    Offers,
    /// Campaigns and tier assignments.
    Campaigns,
}

impl Group {
    /// In the order of the filter.
    pub const ALL: [Group; 11] = [
        Group::Partners,
        Group::People,
        Group::Integrations,
        Group::Tenants,
        Group::Offers,
        Group::Campaigns,
        Group::Connections,
        Group::Templates,
        Group::Forms,
        Group::Imports,
        Group::Programs,
    ];

    /// The word in the address.
    pub fn key(self) -> &'static str {
        match self {
            Group::Programs => "programs",
            Group::Partners => "partners",
            Group::People => "people",
            Group::Imports => "imports",
            Group::Connections => "connections",
            Group::Templates => "templates",
            Group::Forms => "forms",
            Group::Integrations => "integrations",
            Group::Tenants => "tenants",
            Group::Offers => "offers",
            Group::Campaigns => "campaigns",
        }
    }

    /// The shown word.
    pub fn label(self) -> &'static str {
        match self {
            Group::Programs => "Programs and settings",
            Group::Partners => "Partners",
            Group::People => "People",
            Group::Imports => "Imports",
            Group::Connections => "Connections",
            Group::Templates => "Templates",
            Group::Forms => "Forms",
            Group::Integrations => "Integrations",
            Group::Tenants => "Tenants and API",
            Group::Offers => "Tiers and products",
            Group::Campaigns => "Campaigns",
        }
    }
}

impl Event {
    /// One of each, with given texts: for the filter's list of kinds and for the tests of sentences.
    pub fn samples(text: &str) -> Vec<Event> {
        let (program, partner, user, import) = (ProgramId::new(), PartnerId::new(), UserId::new(), ImportId::new());
        let (invitation, connection) = (InvitationId::new(), ConnectionId::new());
        let template = TemplateId::new();
        let s = || text.to_owned();
        let changes = || vec![FieldChange { field: "Name".into(), before: s(), after: format!("{text} 2") }];
        vec![
            Event::ProgramCreated { program, name: s(), code: s() },
            Event::ProgramUpdated { program, changes: changes() },
            Event::PartnerTypeAdded { program, name: s() },
            Event::PartnerTypeRenamed { program, from: s(), to: s() },
            Event::PartnerTypeRemoved { program, name: s() },
            Event::PartnerCreated { partner, name: s(), code: s() },
            Event::PartnerUpdated { partner, name: s(), changes: changes() },
            Event::PartnerNotesChanged { partner, name: s(), changes: changes() },
            Event::PartnerLogoChanged { partner, name: s() },
            Event::PartnerLogoRemoved { partner, name: s() },
            Event::PartnerMoved { partner, name: s(), from: s(), to: s(), reason: s() },
            Event::PartnerRemoved { partner, name: s(), code: s() },
            Event::HostingGranted { partner, name: s() },
            Event::HostingWithdrawn { partner, name: s() },
            Event::MemberAdded { partner, user, name: s(), email: s(), role: s() },
            Event::MemberRoleChanged { partner, user, name: s(), from: s(), to: s() },
            Event::MemberRemoved { partner, user, name: s(), role: s() },
            Event::ImportUploaded { import, file: s() },
            Event::PartnersImported { import, file: s(), created: 1, updated: 2, unchanged: 3, refused: 4 },
            Event::ImportUndone { import, file: s(), removed: 1, restored: 2, kept: 3 },
            Event::UserCreated { user, name: s(), email: s() },
            Event::UserDisabled { user, name: s() },
            Event::UserEnabled { user, name: s() },
            Event::AccountUpdated { user, changes: changes() },
            Event::PasswordChanged { user },
            Event::PasswordReset { user, name: s() },
            Event::SessionsEnded { user, count: 2 },
            Event::InvitationSent { partner, invitation, name: s(), email: s(), role: s() },
            Event::InvitationResent { partner, invitation, name: s() },
            Event::InvitationExtended { partner, invitation, name: s(), until: s() },
            Event::InvitationCorrected { partner, invitation, name: s(), changes: changes() },
            Event::InvitationRevoked { partner, invitation, name: s() },
            Event::InvitationAsked { partner, invitation, name: s() },
            Event::InvitationAccepted { partner, invitation, user, name: s(), role: s() },
            Event::MemberSuspended { partner, user, name: s(), reason: s() },
            Event::MemberReactivated { partner, user, name: s() },
            Event::ContactHandedOver { partner, from: s(), to: s() },
            Event::RoleCreated { program, name: s() },
            Event::RoleUpdated { program, name: s(), changes: changes() },
            Event::RoleRemoved { program, name: s() },
            Event::ResetSent { partner: Some(partner), user, name: s() },
            Event::PasswordRecovered { user },
            Event::EmailChanged { user, changes: changes() },
            Event::SecondFactorOn { user },
            Event::SecondFactorOff { user },
            Event::RecoveryCodesRenewed { user },
            Event::SecondFactorReset { user, name: s() },
            Event::ViewStarted { partner, user, name: s(), reason: s() },
            Event::ViewEnded { partner, user, name: s() },
            Event::LetterResent { partner: Some(partner), subject: s(), recipient: s() },
            Event::LetterWordsChanged { program, letter: s(), changes: changes() },
            Event::MailChoicesChanged { user, changes: changes() },
            Event::ConnectionCreated { partner, connection, name: s(), what: s() },
            Event::ConnectionUpdated { partner, connection, name: s(), changes: changes() },
            Event::ConnectionRemoved { partner, connection, name: s() },
            Event::ConnectionTested { partner, connection, name: s(), outcome: s() },
            Event::SecretsSealedAnew { count: 5 },
            Event::AuditSealedAnew { lines: 5 },
            Event::DatabaseRestored { made: s(), sessions: 5, links: 4, letters: 3, tokens: 2 },
            Event::TemplateCreated { partner, template, name: s() },
            Event::TemplateUpdated { partner, template, name: s(), changes: changes() },
            Event::TemplateCopied { partner, template, from: s(), name: s() },
            Event::TemplateRemoved { partner, template, name: s() },
            Event::TemplateImported { partner, template, name: s(), file: s() },
            Event::FormDraftChanged { program, form: s(), what: s() },
            Event::FormPublished { program, form: s(), number: 2, again: s() },
            Event::FormSettingsChanged { program, form: s(), changes: changes() },
            Event::AnswersSaved { partner, name: s(), form: s() },
            Event::FormAnswered { partner, name: s(), form: s(), number: 2 },
            Event::AnswersRequested { partner, name: s(), form: s(), until: s(), note: s() },
            Event::ChecksChanged { program, what: s(), changes: changes() },
            Event::ReviewSettingsChanged { program, changes: changes() },
            Event::Integration {
                partner,
                integration: IntegrationId::new(),
                name: s(),
                event: IntegrationEvent::Created,
            },
            Event::Tenant {
                partner,
                tenant: TenantId::new(),
                name: s(),
                event: TenantEvent::Created { integration: s() },
            },
            Event::TokenCreated { partner, token: TokenId::new(), name: s(), scopes: s(), until: s() },
            Event::TokenRevoked { partner, token: TokenId::new(), name: s() },
            Event::ProgramTokenCreated { program, token: TokenId::new(), name: s(), scopes: s(), until: s() },
            Event::ProgramTokenRevoked { program, token: TokenId::new(), name: s() },
            Event::Offer {
                partner: Some(partner),
                product: Some(ProductId::new()),
                name: s(),
                event: OfferEvent::ProductCreated { sku: s() },
            },
            Event::Campaign {
                campaign: CampaignId::new(),
                partner: Some(partner),
                name: s(),
                event: CampaignEvent::Linked { partner: s(), hidden: false },
            },
        ]
    }

    /// Its name, as stored in `activity.kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::ProgramCreated { .. } => "ProgramCreated",
            Event::ProgramUpdated { .. } => "ProgramUpdated",
            Event::PartnerTypeAdded { .. } => "PartnerTypeAdded",
            Event::PartnerTypeRenamed { .. } => "PartnerTypeRenamed",
            Event::PartnerTypeRemoved { .. } => "PartnerTypeRemoved",
            Event::PartnerCreated { .. } => "PartnerCreated",
            Event::PartnerUpdated { .. } => "PartnerUpdated",
            Event::PartnerNotesChanged { .. } => "PartnerNotesChanged",
            Event::PartnerLogoChanged { .. } => "PartnerLogoChanged",
            Event::PartnerLogoRemoved { .. } => "PartnerLogoRemoved",
            Event::PartnerMoved { .. } => "PartnerMoved",
            Event::PartnerRemoved { .. } => "PartnerRemoved",
            Event::HostingGranted { .. } => "HostingGranted",
            Event::HostingWithdrawn { .. } => "HostingWithdrawn",
            Event::MemberAdded { .. } => "MemberAdded",
            Event::MemberRoleChanged { .. } => "MemberRoleChanged",
            Event::MemberRemoved { .. } => "MemberRemoved",
            Event::ImportUploaded { .. } => "ImportUploaded",
            Event::PartnersImported { .. } => "PartnersImported",
            Event::ImportUndone { .. } => "ImportUndone",
            Event::UserCreated { .. } => "UserCreated",
            Event::UserDisabled { .. } => "UserDisabled",
            Event::UserEnabled { .. } => "UserEnabled",
            Event::AccountUpdated { .. } => "AccountUpdated",
            Event::PasswordChanged { .. } => "PasswordChanged",
            Event::PasswordReset { .. } => "PasswordReset",
            Event::SessionsEnded { .. } => "SessionsEnded",
            Event::InvitationSent { .. } => "InvitationSent",
            Event::InvitationResent { .. } => "InvitationResent",
            Event::InvitationExtended { .. } => "InvitationExtended",
            Event::InvitationCorrected { .. } => "InvitationCorrected",
            Event::InvitationRevoked { .. } => "InvitationRevoked",
            Event::InvitationAsked { .. } => "InvitationAsked",
            Event::InvitationAccepted { .. } => "InvitationAccepted",
            Event::MemberSuspended { .. } => "MemberSuspended",
            Event::MemberReactivated { .. } => "MemberReactivated",
            Event::ContactHandedOver { .. } => "ContactHandedOver",
            Event::RoleCreated { .. } => "RoleCreated",
            Event::RoleUpdated { .. } => "RoleUpdated",
            Event::RoleRemoved { .. } => "RoleRemoved",
            Event::ResetSent { .. } => "ResetSent",
            Event::PasswordRecovered { .. } => "PasswordRecovered",
            Event::EmailChanged { .. } => "EmailChanged",
            Event::SecondFactorOn { .. } => "SecondFactorOn",
            Event::SecondFactorOff { .. } => "SecondFactorOff",
            Event::RecoveryCodesRenewed { .. } => "RecoveryCodesRenewed",
            Event::SecondFactorReset { .. } => "SecondFactorReset",
            Event::ViewStarted { .. } => "ViewStarted",
            Event::ViewEnded { .. } => "ViewEnded",
            Event::LetterResent { .. } => "LetterResent",
            Event::LetterWordsChanged { .. } => "LetterWordsChanged",
            Event::MailChoicesChanged { .. } => "MailChoicesChanged",
            Event::ConnectionCreated { .. } => "ConnectionCreated",
            Event::ConnectionUpdated { .. } => "ConnectionUpdated",
            Event::ConnectionRemoved { .. } => "ConnectionRemoved",
            Event::ConnectionTested { .. } => "ConnectionTested",
            Event::SecretsSealedAnew { .. } => "SecretsSealedAnew",
            Event::AuditSealedAnew { .. } => "AuditSealedAnew",
            Event::DatabaseRestored { .. } => "DatabaseRestored",
            Event::TemplateCreated { .. } => "TemplateCreated",
            Event::TemplateUpdated { .. } => "TemplateUpdated",
            Event::TemplateCopied { .. } => "TemplateCopied",
            Event::TemplateRemoved { .. } => "TemplateRemoved",
            Event::TemplateImported { .. } => "TemplateImported",
            Event::FormDraftChanged { .. } => "FormDraftChanged",
            Event::FormPublished { .. } => "FormPublished",
            Event::FormSettingsChanged { .. } => "FormSettingsChanged",
            Event::AnswersSaved { .. } => "AnswersSaved",
            Event::FormAnswered { .. } => "FormAnswered",
            Event::AnswersRequested { .. } => "AnswersRequested",
            Event::Tenant { .. } => "Tenant",
            Event::TokenCreated { .. } => "TokenCreated",
            Event::TokenRevoked { .. } => "TokenRevoked",
            Event::ProgramTokenCreated { .. } => "ProgramTokenCreated",
            Event::ProgramTokenRevoked { .. } => "ProgramTokenRevoked",
            Event::Integration { .. } => "Integration",
            Event::ChecksChanged { .. } => "ChecksChanged",
            Event::ReviewSettingsChanged { .. } => "ReviewSettingsChanged",
            Event::Offer { .. } => "Offer",
            Event::Campaign { .. } => "Campaign",
        }
    }

    /// The partner it touched.
    pub fn partner(&self) -> Option<PartnerId> {
        match self {
            Event::PartnerCreated { partner, .. }
            | Event::PartnerUpdated { partner, .. }
            | Event::PartnerNotesChanged { partner, .. }
            | Event::PartnerLogoChanged { partner, .. }
            | Event::PartnerLogoRemoved { partner, .. }
            | Event::PartnerMoved { partner, .. }
            | Event::PartnerRemoved { partner, .. }
            | Event::HostingGranted { partner, .. }
            | Event::HostingWithdrawn { partner, .. }
            | Event::MemberAdded { partner, .. }
            | Event::MemberRoleChanged { partner, .. }
            | Event::MemberRemoved { partner, .. }
            | Event::InvitationSent { partner, .. }
            | Event::InvitationResent { partner, .. }
            | Event::InvitationExtended { partner, .. }
            | Event::InvitationCorrected { partner, .. }
            | Event::InvitationRevoked { partner, .. }
            | Event::InvitationAsked { partner, .. }
            | Event::InvitationAccepted { partner, .. }
            | Event::MemberSuspended { partner, .. }
            | Event::MemberReactivated { partner, .. }
            | Event::ContactHandedOver { partner, .. }
            | Event::ConnectionCreated { partner, .. }
            | Event::Integration { partner, .. }
            | Event::Tenant { partner, .. }
            | Event::TokenCreated { partner, .. }
            | Event::TokenRevoked { partner, .. }
            | Event::ConnectionUpdated { partner, .. }
            | Event::ConnectionRemoved { partner, .. }
            | Event::ConnectionTested { partner, .. }
            | Event::ViewStarted { partner, .. }
            | Event::ViewEnded { partner, .. }
            | Event::TemplateCreated { partner, .. }
            | Event::TemplateUpdated { partner, .. }
            | Event::TemplateCopied { partner, .. }
            | Event::TemplateRemoved { partner, .. }
            | Event::TemplateImported { partner, .. } => Some(*partner),
            Event::ResetSent { partner, .. } => *partner,
            Event::Campaign { partner, .. } => *partner,
            Event::AnswersSaved { partner, .. }
            | Event::FormAnswered { partner, .. }
            | Event::AnswersRequested { partner, .. } => Some(*partner),
            Event::FormDraftChanged { .. } | Event::FormPublished { .. } | Event::FormSettingsChanged { .. } => None,
            Event::ChecksChanged { .. } | Event::ReviewSettingsChanged { .. } => None,
            Event::ProgramTokenCreated { .. } | Event::ProgramTokenRevoked { .. } => None,
            Event::ProgramCreated { .. }
            | Event::ProgramUpdated { .. }
            | Event::PartnerTypeAdded { .. }
            | Event::PartnerTypeRenamed { .. }
            | Event::PartnerTypeRemoved { .. }
            | Event::ImportUploaded { .. }
            | Event::PartnersImported { .. }
            | Event::ImportUndone { .. }
            | Event::UserCreated { .. }
            | Event::UserDisabled { .. }
            | Event::UserEnabled { .. }
            | Event::AccountUpdated { .. }
            | Event::PasswordChanged { .. }
            | Event::PasswordReset { .. }
            | Event::RoleCreated { .. }
            | Event::RoleUpdated { .. }
            | Event::RoleRemoved { .. }
            | Event::PasswordRecovered { .. }
            | Event::EmailChanged { .. }
            | Event::SecondFactorOn { .. }
            | Event::SecondFactorOff { .. }
            | Event::RecoveryCodesRenewed { .. }
            | Event::SecondFactorReset { .. }
            | Event::LetterWordsChanged { .. }
            | Event::MailChoicesChanged { .. }
            | Event::SecretsSealedAnew { .. }
            | Event::AuditSealedAnew { .. }
            | Event::DatabaseRestored { .. }
            | Event::SessionsEnded { .. } => None,
            Event::LetterResent { partner, .. } | Event::Offer { partner, .. } => *partner,
        }
    }

    /// Whether it is something that the partner's own people could have done: done by others, it was done on the
    /// partner's behalf (S0-19). What only a host does is the host's own act.
    pub fn is_done_for_the_partner(&self) -> bool {
        if let Event::Integration { event, .. } = self {
            return event.is_done_for_the_partner();
        }
        matches!(
            self,
            Event::PartnerUpdated { .. }
                | Event::PartnerLogoChanged { .. }
                | Event::PartnerLogoRemoved { .. }
                | Event::MemberAdded { .. }
                | Event::MemberRoleChanged { .. }
                | Event::MemberRemoved { .. }
                | Event::InvitationSent { .. }
                | Event::InvitationResent { .. }
                | Event::InvitationExtended { .. }
                | Event::InvitationCorrected { .. }
                | Event::InvitationRevoked { .. }
                | Event::MemberSuspended { .. }
                | Event::MemberReactivated { .. }
                | Event::ContactHandedOver { .. }
                | Event::ConnectionCreated { .. }
                | Event::ConnectionUpdated { .. }
                | Event::ConnectionRemoved { .. }
                | Event::ConnectionTested { .. }
                | Event::TemplateCreated { .. }
                | Event::TemplateUpdated { .. }
                | Event::TemplateCopied { .. }
                | Event::TemplateRemoved { .. }
                | Event::TemplateImported { .. }
                | Event::AnswersSaved { .. }
                | Event::FormAnswered { .. }
                | Event::Tenant { .. }
                | Event::TokenCreated { .. }
                | Event::TokenRevoked { .. }
        )
    }

    /// The events of an edit: the notes, which the partner's own people must not read, are one of their own.
    pub fn of_edit(partner: PartnerId, name: &str, changes: Vec<FieldChange>) -> Vec<Event> {
        let (notes, open): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.field == NOTES);
        let name = name.to_owned();
        let open = (!open.is_empty()).then(|| Event::PartnerUpdated { partner, name: name.clone(), changes: open });
        let notes = (!notes.is_empty()).then_some(Event::PartnerNotesChanged { partner, name, changes: notes });
        open.into_iter().chain(notes).collect()
    }

    /// Whether the partner's own people must not read it.
    pub fn is_for_hosts_only(&self) -> bool {
        match self {
            Event::Integration { event, .. } => event.is_for_hosts_only(),
            Event::Campaign { event, .. } => event.is_for_hosts_only(),
            _ => matches!(self, Event::PartnerNotesChanged { .. }),
        }
    }

    /// The program it names itself, where the actor's may be another.
    pub fn program(&self) -> Option<ProgramId> {
        match self {
            Event::ProgramCreated { program, .. } => Some(*program),
            _ => None,
        }
    }

    /// Fields before and after.
    pub fn changes(&self) -> Vec<FieldChange> {
        match self {
            Event::ProgramUpdated { changes, .. }
            | Event::PartnerUpdated { changes, .. }
            | Event::PartnerNotesChanged { changes, .. }
            | Event::AccountUpdated { changes, .. }
            | Event::InvitationCorrected { changes, .. }
            | Event::RoleUpdated { changes, .. }
            | Event::EmailChanged { changes, .. }
            | Event::LetterWordsChanged { changes, .. }
            | Event::ConnectionUpdated { changes, .. }
            | Event::MailChoicesChanged { changes, .. }
            | Event::TemplateUpdated { changes, .. } => changes.clone(),
            Event::FormSettingsChanged { changes, .. } => changes.clone(),
            Event::ChecksChanged { changes, .. } | Event::ReviewSettingsChanged { changes, .. } => changes.clone(),
            Event::Integration { event, .. } => event.changes(),
            Event::Tenant { event, .. } => event.changes(),
            Event::Offer { event, .. } => event.changes(),
            Event::Campaign { event, .. } => event.changes(),
            Event::PartnerMoved { from, to, .. } => FieldChange::of("Status", from, to).into_iter().collect(),
            Event::MemberRoleChanged { from, to, .. } => FieldChange::of("Role", from, to).into_iter().collect(),
            Event::PartnerTypeRenamed { from, to, .. } => FieldChange::of("Name", from, to).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// What happened, as the rest of a sentence that begins with who did it.
    pub fn sentence(&self) -> String {
        match self {
            Event::Integration { name, event, .. } => event.sentence(name),
            Event::ChecksChanged { what, .. } => format!("changed the checks of integrations: {what}"),
            Event::ReviewSettingsChanged { changes, .. } => {
                format!("changed how integrations are reviewed: {}", fields(changes))
            }
            Event::Tenant { name, event, .. } => event.sentence(name),
            Event::TokenCreated { name, scopes, until, .. } => {
                format!("made the API token {name} ({scopes}), which is good until {until}")
            }
            Event::TokenRevoked { name, .. } => format!("revoked the API token {name}"),
            Event::ProgramTokenCreated { name, scopes, until, .. } => {
                format!("made the program’s API token {name} ({scopes}), which is good until {until}")
            }
            Event::ProgramTokenRevoked { name, .. } => format!("revoked the program’s API token {name}"),
            Event::Offer { name, event, .. } => event.sentence(name),
            Event::Campaign { name, event, .. } => event.sentence(name),
            Event::ProgramCreated { name, .. } => format!("created the program {name}"),
            Event::ProgramUpdated { changes, .. } => format!("changed the program’s {}", fields(changes)),
            Event::PartnerTypeAdded { name, .. } => format!("added the partner type {name}"),
            Event::PartnerTypeRenamed { from, .. } => format!("renamed the partner type {from}"),
            Event::PartnerTypeRemoved { name, .. } => format!("removed the partner type {name}"),
            Event::PartnerCreated { name, .. } => format!("created {name}"),
            Event::PartnerUpdated { name, changes, .. } => format!("changed the {} of {name}", fields(changes)),
            Event::PartnerNotesChanged { name, .. } => format!("changed the notes on {name}"),
            Event::PartnerLogoChanged { name, .. } => format!("changed the logo of {name}"),
            Event::PartnerLogoRemoved { name, .. } => format!("removed the logo of {name}"),
            Event::PartnerMoved { name, to, reason, .. } if reason.is_empty() => {
                format!("moved {name} to {}", to.to_lowercase())
            }
            Event::PartnerMoved { name, to, reason, .. } => format!("moved {name} to {}: {reason}", to.to_lowercase()),
            Event::PartnerRemoved { name, .. } => format!("removed {name} by undoing its import"),
            Event::HostingGranted { name, .. } => format!("made {name} a hosting partner"),
            Event::HostingWithdrawn { name, .. } => format!("withdrew hosting from {name}"),
            Event::MemberAdded { name, role, .. } => format!("added {name} as {role}"),
            Event::MemberRoleChanged { name, to, .. } => format!("made {name} {to}"),
            Event::MemberRemoved { name, role, .. } => format!("removed {name}, who was {role}"),
            Event::ImportUploaded { file, .. } => format!("uploaded {file} to import partners"),
            Event::PartnersImported { file, created, updated, refused, .. } => {
                format!("imported {file}: {created} created, {updated} updated, {refused} refused")
            }
            Event::ImportUndone { file, removed, restored, kept, .. } => {
                format!("undid the import of {file}: {removed} removed, {restored} restored, {kept} left as they are")
            }
            Event::UserCreated { name, .. } => format!("created an account for {name}"),
            Event::UserDisabled { name, .. } => format!("deactivated the account of {name}"),
            Event::UserEnabled { name, .. } => format!("reactivated the account of {name}"),
            Event::AccountUpdated { changes, .. } => format!("changed their {}", fields(changes)),
            Event::PasswordChanged { .. } => "changed their password".into(),
            Event::PasswordReset { name, .. } => format!("reset the password of {name}"),
            Event::SessionsEnded { count: 1, .. } => "ended a session of theirs".into(),
            Event::SessionsEnded { count, .. } => format!("ended {count} sessions of theirs"),
            Event::InvitationSent { name, email, role, .. } => format!("invited {name} ({email}) as {role}"),
            Event::InvitationResent { name, .. } => format!("sent {name} a new link; the older one is dead"),
            Event::InvitationExtended { name, until, .. } => format!("extended the invitation of {name} until {until}"),
            Event::InvitationCorrected { name, changes, .. } => {
                format!("corrected the {} in the invitation of {name}", fields(changes))
            }
            Event::InvitationRevoked { name, .. } => format!("revoked the invitation of {name}"),
            Event::InvitationAsked { name, .. } => format!("asked for a new link for the invitation of {name}"),
            Event::InvitationAccepted { role, .. } => format!("accepted the invitation and is {role} now"),
            Event::MemberSuspended { name, reason, .. } => format!("suspended {name}: {reason}"),
            Event::MemberReactivated { name, .. } => format!("let {name} act again"),
            Event::ContactHandedOver { from, to, .. } => format!("made {to} the primary contact in place of {from}"),
            Event::RoleCreated { name, .. } => format!("created the role {name}"),
            Event::RoleUpdated { name, changes, .. } => format!("changed the {} of the role {name}", fields(changes)),
            Event::RoleRemoved { name, .. } => format!("removed the role {name}"),
            Event::ResetSent { name, .. } => format!("sent {name} a link to choose a new password"),
            Event::PasswordRecovered { .. } => "chose a new password by a link".into(),
            Event::EmailChanged { .. } => "changed the address they sign in with".into(),
            Event::SecondFactorOn { .. } => "set up a second factor".into(),
            Event::SecondFactorOff { .. } => "switched their second factor off".into(),
            Event::RecoveryCodesRenewed { .. } => "made new recovery codes".into(),
            Event::SecondFactorReset { name, .. } => {
                format!("switched the second factor of {name} off, so that they can set up another")
            }
            Event::ViewStarted { name, reason, .. } => {
                format!("began to look at the portal as {name}, reading only: {reason}")
            }
            Event::ViewEnded { name, .. } => format!("stopped looking at the portal as {name}"),
            Event::LetterResent { subject, recipient, .. } => format!("sent “{subject}” to {recipient} again"),
            Event::LetterWordsChanged { letter, .. } => format!("changed the words of the letter {letter}"),
            Event::MailChoicesChanged { .. } => "changed which letters they want".into(),
            Event::ConnectionCreated { name, what, .. } => format!("created the connection {name} ({what})"),
            Event::ConnectionUpdated { name, changes, .. } => {
                format!("changed the {} of the connection {name}", fields(changes))
            }
            Event::ConnectionRemoved { name, .. } => format!("removed the connection {name}"),
            Event::ConnectionTested { name, outcome, .. } => {
                format!("tested the connection {name}: {}", outcome.trim_end_matches('.'))
            }
            Event::SecretsSealedAnew { count } => {
                format!("encrypted the credentials of {count} connections with the present key")
            }
            Event::AuditSealedAnew { lines } => {
                format!("sealed {lines} lines of the audit log anew with the present key")
            }
            Event::DatabaseRestored { made, sessions, links, letters, tokens } => format!(
                "restored the database from a backup of {made}: {sessions} sessions and {links} links ended, {letters} \
                 letters were withdrawn, {tokens} API tokens were revoked"
            ),
            Event::TemplateCreated { name, .. } => format!("created the template {name}"),
            Event::TemplateUpdated { name, .. } => format!("changed the template {name}"),
            Event::TemplateCopied { from, name, .. } => format!("copied the template {from} as {name}"),
            Event::TemplateRemoved { name, .. } => format!("removed the template {name}"),
            Event::TemplateImported { name, file, .. } => format!("imported the template {name} from {file}"),
            Event::FormDraftChanged { form, what, .. } => format!("changed the draft of the {form}: {what}"),
            Event::FormPublished { form, number, again, .. } if again.is_empty() => {
                format!("published version {number} of the {form}, for new answers only")
            }
            Event::FormPublished { form, number, again, .. } => {
                format!("published version {number} of the {form}, and asks everyone to answer it by {again}")
            }
            Event::FormSettingsChanged { form, .. } => format!("changed the settings of the {form}"),
            Event::AnswersSaved { name, form, .. } => format!("saved a draft of the {form} of {name}"),
            Event::FormAnswered { name, form, number, .. } => {
                format!("sent the {form} of {name}, version {number}")
            }
            Event::AnswersRequested { name, form, until, note, .. } if note.is_empty() => {
                format!("asked {name} to answer the {form} again by {until}")
            }
            Event::AnswersRequested { name, form, until, note, .. } => {
                format!("asked {name} to answer the {form} again by {until}: {note}")
            }
        }
    }

    /// What it is about.
    pub fn group(&self) -> Group {
        match self {
            Event::ProgramCreated { .. }
            | Event::ProgramUpdated { .. }
            | Event::PartnerTypeAdded { .. }
            | Event::PartnerTypeRenamed { .. }
            | Event::LetterWordsChanged { .. }
            | Event::SecretsSealedAnew { .. }
            | Event::AuditSealedAnew { .. }
            | Event::DatabaseRestored { .. }
            | Event::PartnerTypeRemoved { .. } => Group::Programs,
            Event::PartnerCreated { .. }
            | Event::PartnerUpdated { .. }
            | Event::PartnerNotesChanged { .. }
            | Event::PartnerLogoChanged { .. }
            | Event::PartnerLogoRemoved { .. }
            | Event::PartnerMoved { .. }
            | Event::PartnerRemoved { .. }
            | Event::HostingGranted { .. }
            | Event::HostingWithdrawn { .. } => Group::Partners,
            Event::MemberAdded { .. }
            | Event::MemberRoleChanged { .. }
            | Event::MemberRemoved { .. }
            | Event::UserCreated { .. }
            | Event::UserDisabled { .. }
            | Event::UserEnabled { .. }
            | Event::AccountUpdated { .. }
            | Event::PasswordChanged { .. }
            | Event::PasswordReset { .. }
            | Event::InvitationSent { .. }
            | Event::InvitationResent { .. }
            | Event::InvitationExtended { .. }
            | Event::InvitationCorrected { .. }
            | Event::InvitationRevoked { .. }
            | Event::InvitationAsked { .. }
            | Event::InvitationAccepted { .. }
            | Event::MemberSuspended { .. }
            | Event::MemberReactivated { .. }
            | Event::ContactHandedOver { .. }
            | Event::RoleCreated { .. }
            | Event::RoleUpdated { .. }
            | Event::RoleRemoved { .. }
            | Event::ResetSent { .. }
            | Event::PasswordRecovered { .. }
            | Event::EmailChanged { .. }
            | Event::SecondFactorOn { .. }
            | Event::SecondFactorOff { .. }
            | Event::RecoveryCodesRenewed { .. }
            | Event::SecondFactorReset { .. }
            | Event::ViewStarted { .. }
            | Event::ViewEnded { .. }
            | Event::LetterResent { .. }
            | Event::MailChoicesChanged { .. }
            | Event::SessionsEnded { .. } => Group::People,
            Event::ImportUploaded { .. } | Event::PartnersImported { .. } | Event::ImportUndone { .. } => {
                Group::Imports
            }
            Event::ConnectionCreated { .. }
            | Event::ConnectionUpdated { .. }
            | Event::ConnectionRemoved { .. }
            | Event::ConnectionTested { .. } => Group::Connections,
            Event::TemplateCreated { .. }
            | Event::TemplateUpdated { .. }
            | Event::TemplateCopied { .. }
            | Event::TemplateRemoved { .. }
            | Event::TemplateImported { .. } => Group::Templates,
            Event::FormDraftChanged { .. }
            | Event::FormPublished { .. }
            | Event::FormSettingsChanged { .. }
            | Event::AnswersSaved { .. }
            | Event::FormAnswered { .. }
            | Event::AnswersRequested { .. } => Group::Forms,
            Event::Integration { .. } | Event::ChecksChanged { .. } | Event::ReviewSettingsChanged { .. } => {
                Group::Integrations
            }
            Event::Tenant { .. } | Event::TokenCreated { .. } | Event::TokenRevoked { .. } => Group::Tenants,
            Event::ProgramTokenCreated { .. } | Event::ProgramTokenRevoked { .. } => Group::Programs,
            Event::Offer { .. } => Group::Offers,
            Event::Campaign { .. } => Group::Campaigns,
        }
    }

    /// The sprite's icon.
    pub fn icon(&self) -> &'static str {
        match self {
            Event::PartnerCreated { .. } | Event::ProgramCreated { .. } | Event::PartnerTypeAdded { .. } => "plus",
            Event::PartnerMoved { .. } => "arrow-right",
            Event::HostingGranted { .. } | Event::HostingWithdrawn { .. } => "shield",
            Event::PasswordChanged { .. } | Event::PasswordReset { .. } => "lock",
            Event::InvitationSent { .. }
            | Event::InvitationResent { .. }
            | Event::InvitationAsked { .. }
            | Event::ResetSent { .. }
            | Event::LetterResent { .. } => "send",
            Event::InvitationExtended { .. } => "clock",
            Event::InvitationCorrected { .. } | Event::RoleUpdated { .. } | Event::EmailChanged { .. } => "pencil",
            Event::InvitationRevoked { .. } | Event::MemberSuspended { .. } | Event::RoleRemoved { .. } => "circle-x",
            Event::InvitationAccepted { .. } => "circle-check",
            Event::MemberReactivated { .. } | Event::ContactHandedOver { .. } => "user",
            Event::RoleCreated { .. } => "plus",
            Event::PasswordRecovered { .. } => "lock",
            Event::SecondFactorOn { .. }
            | Event::SecondFactorOff { .. }
            | Event::RecoveryCodesRenewed { .. }
            | Event::SecondFactorReset { .. } => "shield",
            Event::ViewStarted { .. } | Event::ViewEnded { .. } => "eye",
            Event::LetterWordsChanged { .. } | Event::MailChoicesChanged { .. } => "mail",
            Event::ConnectionCreated { .. } => "plus",
            Event::ConnectionUpdated { .. } => "pencil",
            Event::ConnectionRemoved { .. } => "circle-x",
            Event::ConnectionTested { .. } => "plug",
            Event::SecretsSealedAnew { .. } | Event::AuditSealedAnew { .. } => "key",
            Event::DatabaseRestored { .. } => "history",
            Event::SessionsEnded { .. } => "logout",
            Event::TemplateCreated { .. } => "template",
            Event::TemplateUpdated { .. } => "pencil",
            Event::TemplateCopied { .. } => "copy",
            Event::TemplateRemoved { .. } => "circle-x",
            Event::TemplateImported { .. } => "upload",
            Event::FormDraftChanged { .. } | Event::FormSettingsChanged { .. } | Event::AnswersSaved { .. } => "pencil",
            Event::FormPublished { .. } => "forms",
            Event::FormAnswered { .. } => "circle-check",
            Event::AnswersRequested { .. } => "send",
            Event::Integration { event, .. } => event.icon(),
            Event::ChecksChanged { .. } => "check",
            Event::ReviewSettingsChanged { .. } => "pencil",
            Event::Tenant { event, .. } => event.icon(),
            Event::TokenCreated { .. } | Event::ProgramTokenCreated { .. } => "key",
            Event::TokenRevoked { .. } | Event::ProgramTokenRevoked { .. } => "circle-x",
            Event::Offer { event, .. } => event.icon(),
            Event::Campaign { event, .. } => event.icon(),
            Event::ImportUploaded { .. } | Event::PartnersImported { .. } => "upload",
            Event::ImportUndone { .. } => "arrow-back-up",
            Event::PartnerRemoved { .. }
            | Event::PartnerTypeRemoved { .. }
            | Event::MemberRemoved { .. }
            | Event::UserDisabled { .. } => "circle-x",
            Event::MemberAdded { .. }
            | Event::MemberRoleChanged { .. }
            | Event::UserCreated { .. }
            | Event::UserEnabled { .. } => "user",
            Event::ProgramUpdated { .. }
            | Event::PartnerTypeRenamed { .. }
            | Event::PartnerUpdated { .. }
            | Event::PartnerNotesChanged { .. }
            | Event::PartnerLogoChanged { .. }
            | Event::PartnerLogoRemoved { .. }
            | Event::AccountUpdated { .. } => "pencil",
        }
    }
}

/// "support phone", "name and type", "name, type and kind".
pub(super) fn fields(changes: &[FieldChange]) -> String {
    let names: Vec<String> = changes.iter().map(|change| change.field.to_lowercase()).collect();
    match names.as_slice() {
        [] => "record".into(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_an_event_of_their_own_that_only_hosts_may_read() {
        let change = |field: &str| FieldChange { field: field.into(), before: "a".into(), after: "b".into() };
        let events = Event::of_edit(PartnerId::new(), "Kestrel", vec![change("Name"), change(NOTES)]);
        assert_eq!(events.iter().map(Event::is_for_hosts_only).collect::<Vec<_>>(), [false, true]);
        assert!(events[0].changes().iter().all(|change| change.field != NOTES));
    }

    #[test]
    fn every_event_has_a_sentence_and_survives_the_table() {
        let samples = Event::samples("Über & Co");
        for event in &samples {
            let stored = serde_json::to_value(event).unwrap();
            assert_eq!(stored["kind"], event.kind(), "the stored name is the variant's");
            assert_eq!(&serde_json::from_value::<Event>(stored).unwrap(), event);
            assert!(event.sentence().len() > 10 && !event.sentence().ends_with('.'));
        }
        let kinds: std::collections::BTreeSet<_> = samples.iter().map(Event::kind).collect();
        assert_eq!(kinds.len(), samples.len(), "one sample of each");
    }
}
