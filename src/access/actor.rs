//! A person in one of their roles, and what that lets them see.

use serde::{Deserialize, Serialize};

use super::permission::{Permission, Powers, PublishIntegration, Rule};
use crate::db::ids::{MembershipId, PartnerId, ProgramId, SessionId, UserId};
use crate::values::choice;

/// The seven built-in roles as people see them, and the programs' own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Above all programs.
    SystemAdmin,
    /// Admin of a hosting partner: owns the program.
    HostingAdmin,
    /// Reviews integrations.
    Reviewer,
    /// Customer service representative: campaigns and tiers.
    Csr,
    /// Admin of a partner that does not host.
    PartnerAdmin,
    /// Any other member of a partner.
    PartnerUser,
    /// Reads everything in scope, changes nothing.
    Auditor,
    /// A role that the program made: what it may is in the actor's [`Powers`].
    Custom,
}

impl Role {
    /// The built-in ones, in the order of the policy grid.
    pub const ALL: [Role; 7] = [
        Role::SystemAdmin,
        Role::HostingAdmin,
        Role::Reviewer,
        Role::Csr,
        Role::PartnerAdmin,
        Role::PartnerUser,
        Role::Auditor,
    ];

    /// The word in settings.
    pub fn key(self) -> &'static str {
        match self {
            Role::SystemAdmin => "system-admin",
            Role::HostingAdmin => "hosting-admin",
            Role::Reviewer => "reviewer",
            Role::Csr => "csr",
            Role::PartnerAdmin => "partner-admin",
            Role::PartnerUser => "partner-user",
            Role::Auditor => "auditor",
            Role::Custom => "custom",
        }
    }

    /// The built-in role of a word.
    pub fn from_key(key: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.key() == key)
    }

    /// The name on screens and in the activity log.
    pub fn name(self) -> &'static str {
        match self {
            Role::SystemAdmin => "System administrator",
            Role::HostingAdmin => "Hosting admin",
            Role::Reviewer => "Reviewer",
            Role::Csr => "CSR",
            Role::PartnerAdmin => "Partner admin",
            Role::PartnerUser => "Partner user",
            Role::Auditor => "Auditor",
            Role::Custom => "Custom role",
        }
    }
}

choice! {
    /// The role as a membership stores it: what `admin` means depends on whether the partner hosts.
    MemberRole {
        /// Hosting admin or partner admin.
        Admin = "admin" / "Admin",
        /// Partner user.
        User = "user" / "User",
        /// Reviewer.
        Reviewer = "reviewer" / "Reviewer",
        /// Customer service representative.
        Csr = "csr" / "CSR",
        /// Auditor.
        Auditor = "auditor" / "Auditor",
        /// A role that the program made.
        Custom = "custom" / "Custom role",
    }
}

impl MemberRole {
    /// The role it amounts to at a partner. Hosting is looked up at each request, so a partner that is made
    /// hosting, or no longer is, changes its people's rights at once.
    pub fn at(self, is_hosting: bool) -> Role {
        match (self, is_hosting) {
            (MemberRole::Admin, true) => Role::HostingAdmin,
            (MemberRole::Admin, false) => Role::PartnerAdmin,
            (MemberRole::User, _) => Role::PartnerUser,
            (MemberRole::Reviewer, _) => Role::Reviewer,
            (MemberRole::Csr, _) => Role::Csr,
            (MemberRole::Auditor, _) => Role::Auditor,
            (MemberRole::Custom, _) => Role::Custom,
        }
    }

    /// Built-in roles to choose from at a partner: reviewers and CSRs work for hosting partners only.
    pub fn offered(is_hosting: bool) -> &'static [MemberRole] {
        use MemberRole::{Admin, Auditor, Csr, Reviewer, User};
        if is_hosting { &[Admin, User, Reviewer, Csr, Auditor] } else { &[Admin, User, Auditor] }
    }
}

/// The rows a transaction may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// A system administrator before they opened a program.
    Everything,
    /// All partners of one program.
    Program(ProgramId),
    /// One partner.
    Partner {
        /// Its program.
        program: ProgramId,
        /// The partner.
        partner: PartnerId,
    },
}

/// Whether the person's partner lets them act now (S0-17: an inactive partner cannot act).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// May act.
    Full,
    /// The partner is suspended: its people may look, and do nothing.
    ReadOnly,
    /// The role asks for a second factor, and the person has none yet: they may set one up, and do nothing else.
    NeedsSecondFactor,
}

/// A program or partner with what the shell shows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place<Id> {
    /// Its id.
    pub id: Id,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Somebody who looks at the portal as another person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The account that is really signed in.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// When the view ends by itself.
    pub until: chrono::DateTime<chrono::Utc>,
    /// Why they look.
    pub reason: String,
}

/// Somebody who acts. Only [`super::session`], [`Actor::operator`] and the API's door make one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Actor {
    pub(in crate::access) user: Option<UserId>,
    pub(in crate::access) session: Option<SessionId>,
    pub(in crate::access) membership: Option<MembershipId>,
    pub(in crate::access) name: String,
    pub(in crate::access) email: String,
    pub(in crate::access) role: Option<Role>,
    pub(in crate::access) role_name: String,
    pub(in crate::access) powers: Powers,
    pub(in crate::access) scope: Scope,
    pub(in crate::access) standing: Standing,
    pub(in crate::access) program: Option<Place<ProgramId>>,
    pub(in crate::access) single: bool,
    pub(in crate::access) partner: Option<Place<PartnerId>>,
    pub(in crate::access) zone: chrono_tz::Tz,
    pub(in crate::access) viewer: Option<Viewer>,
    #[serde(default)]
    pub(in crate::access) tiers: bool,
    #[serde(default)]
    pub(in crate::access) request_id: String,
    #[serde(default)]
    pub(in crate::access) address: String,
}

impl Actor {
    /// The person at the command line of the machine, as system administrator of one program. Whoever can start
    /// the program with its configuration can read the database anyway.
    pub fn operator(program: Option<Place<ProgramId>>) -> Actor {
        Actor {
            user: None,
            session: None,
            membership: None,
            name: "Command line".into(),
            email: String::new(),
            role: Some(Role::SystemAdmin),
            role_name: Role::SystemAdmin.name().into(),
            powers: Powers::of(Role::SystemAdmin),
            scope: program.as_ref().map_or(Scope::Everything, |place| Scope::Program(place.id)),
            standing: Standing::Full,
            program,
            single: false,
            partner: None,
            zone: chrono_tz::UTC,
            viewer: None,
            tiers: false,
            request_id: "command".into(),
            address: String::new(),
        }
    }

    /// The portal's clock, in one program: it publishes what people approved for a date, and nothing else.
    pub fn clock(program: Place<ProgramId>) -> Actor {
        Actor {
            name: "Clock".into(),
            role: None,
            role_name: "Portico".into(),
            powers: [&PublishIntegration::RULE].into_iter().collect(),
            request_id: "clock".into(),
            ..Actor::operator(Some(program))
        }
    }

    /// The same person in a role of the program, for a command that does what system administrators do not.
    pub fn operator_as(role: Role, program: Place<ProgramId>) -> Actor {
        Actor {
            role: Some(role),
            role_name: role.name().into(),
            powers: Powers::of(role),
            ..Actor::operator(Some(program))
        }
    }

    /// The owner of an account who showed that it is theirs by a link in a letter, not by a session. They have no
    /// role and no rights; `home` is the partner whose history it belongs to.
    pub fn by_link(
        user: UserId,
        name: &str,
        email: &str,
        home: Option<(ProgramId, PartnerId)>,
        request_id: String,
        address: String,
    ) -> Actor {
        Actor {
            user: Some(user),
            name: name.to_owned(),
            email: email.to_owned(),
            role: None,
            role_name: "By a link in a letter".into(),
            powers: Powers::default(),
            scope: home.map_or(Scope::Everything, |(program, partner)| Scope::Partner { program, partner }),
            request_id,
            address,
            ..Actor::operator(None)
        }
    }

    /// Somebody who acts by a link of a letter, for the activity log: id, name and address, the role's name, where,
    /// and the request. They hold no permission, so they open no transaction.
    pub fn by_invitation(
        (user, name, email): (Option<UserId>, &str, &str),
        role_name: &str,
        program: Place<ProgramId>,
        partner: Place<PartnerId>,
        (request_id, address): (String, String),
    ) -> Actor {
        Actor {
            user,
            name: name.to_owned(),
            email: email.to_owned(),
            role: None,
            role_name: role_name.to_owned(),
            powers: Powers::default(),
            scope: Scope::Partner { program: program.id, partner: partner.id },
            partner: Some(partner),
            request_id,
            address,
            ..Actor::operator(Some(program))
        }
    }

    /// A token of a partner or, without one, of a whole program, with the powers of one of its scopes. Only
    /// [`crate::api::ApiGrant`] makes one, after it compared the token's hash.
    pub(crate) fn by_token(
        name: &str,
        powers: Powers,
        standing: Standing,
        (program, single): (Place<ProgramId>, bool),
        (partner, zone): (Option<Place<PartnerId>>, chrono_tz::Tz),
        (request_id, address): (String, String),
    ) -> Actor {
        let scope = match &partner {
            Some(own) => Scope::Partner { program: program.id, partner: own.id },
            None => Scope::Program(program.id),
        };
        Actor {
            name: format!("API token {name}"),
            role: None,
            role_name: "API token".into(),
            powers,
            scope,
            standing,
            single,
            partner,
            zone,
            request_id,
            address,
            ..Actor::operator(Some(program))
        }
    }

    /// The user; none for the command line and for a token.
    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    /// The session this request came with.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// The membership the person acts with.
    pub fn membership(&self) -> Option<MembershipId> {
        self.membership
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their address; empty for the command line.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The role they act in; none for somebody without any membership.
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// The role's name, for screens and the activity log.
    pub fn role_name(&self) -> &str {
        &self.role_name
    }

    /// Whether their role includes a permission where they are. Whether they may use it now is
    /// [`super::Grant::check`]'s to say.
    pub fn may(&self, rule: &Rule) -> bool {
        rule.everyone || self.powers.include(rule)
    }

    /// Everything that their role includes where they are.
    pub fn powers(&self) -> Powers {
        self.powers
    }

    /// What they may give to others: everybody what they hold themselves; system administrators also what only a
    /// program's own people hold, since they make the first of these.
    pub fn may_give(&self) -> Powers {
        match self.role {
            Some(Role::SystemAdmin) => Powers::whole(),
            _ => self.powers,
        }
    }

    /// What they lack of some rights, and so may not give to anybody nor take from them: what they may not give, and
    /// all that counts for more partners than they see.
    pub fn short_of(&self, powers: Powers, program_wide: bool) -> Powers {
        match self.scope {
            Scope::Partner { .. } if program_wide => powers,
            _ => powers.beyond(self.may_give()),
        }
    }

    /// Who looks through this person's eyes; then nothing may be changed.
    pub fn viewer(&self) -> Option<&Viewer> {
        self.viewer.as_ref()
    }

    /// What they may see.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether they may act now.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The program they are in.
    pub fn program(&self) -> Option<&Place<ProgramId>> {
        self.program.as_ref()
    }

    /// Whether that program has a single organisation: then there are no partner pickers (S0-9).
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// Whether the program of this session uses tiers: for the navigation. Pages ask the program itself.
    pub fn has_tiers(&self) -> bool {
        self.tiers
    }

    /// The partner whose member they are; none for system administrators.
    pub fn partner(&self) -> Option<&Place<PartnerId>> {
        self.partner.as_ref()
    }

    /// The zone their dates are shown in.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.zone
    }

    /// The request, as in the log.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Their network address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The program that writes go to.
    pub fn program_id(&self) -> Option<ProgramId> {
        match self.scope {
            Scope::Everything => None,
            Scope::Program(program) | Scope::Partner { program, .. } => Some(program),
        }
    }
}
