//! The whole built-in policy on one screen. The role pages, the help page and the policy test read it from here.
//!
//! The rows follow the role grid of the product's domain description (S0-20): a permission is a resource and an
//! action, and the roles that hold it. What a role may see of a resource is the scope's matter, not the table's.

use serde::{Deserialize, Serialize};

use super::actor::Role;

/// A kind of permission. The types below are only keys that the compiler looks up; see [`POLICY`].
pub trait Permission: Send + Sync + 'static {
    /// The row of the policy table.
    const RULE: Rule;
}

/// Where a permission counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only for who sees the whole program: at their own partner nobody holds it, whatever their role.
    Program,
    /// Also for who sees one partner.
    Partner,
}

/// One row of the policy.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The type's name.
    pub name: &'static str,
    /// What it is about, in people's words.
    pub resource: &'static str,
    /// What it allows: `read` never changes anything.
    pub action: &'static str,
    /// Who holds it.
    pub roles: &'static [Role],
    /// Where it counts.
    pub reach: Reach,
    /// Its place in [`POLICY`].
    pub index: usize,
    /// Whether everybody who is signed in holds it, whatever their role and their partner's status.
    pub everyone: bool,
}

impl Rule {
    /// Whether a role holds it.
    pub fn allows(&self, role: Option<Role>) -> bool {
        self.everyone || role.is_some_and(|role| self.roles.contains(&role))
    }

    /// Whether it lets its holder look only.
    pub fn is_read(&self) -> bool {
        matches!(self.action, "read" | "read all" | "export" | "explain")
    }

    /// The word for it in the roles that programs make, like `partners/read`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.resource, self.action).to_lowercase().replace(' ', "-")
    }

    /// Whether a program may put it into a role of its own: whatever its hosting admins hold.
    pub fn is_grantable(&self) -> bool {
        !self.everyone && self.roles.contains(&Role::HostingAdmin)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Powers([u64; 2]);

impl Powers {
    /// What a built-in role holds for who sees the whole program.
    pub fn of(role: Role) -> Powers {
        POLICY.iter().filter(|rule| !rule.everyone && rule.allows(Some(role))).collect()
    }

    /// Everything that anybody can hold.
    pub fn whole() -> Powers {
        POLICY.iter().filter(|rule| !rule.everyone).collect()
    }

    /// The permissions with these keys; what nobody knows any more, and what no program may grant, is left out.
    pub fn of_keys(keys: &[String]) -> Powers {
        POLICY.iter().filter(|rule| rule.is_grantable() && keys.contains(&rule.key())).collect()
    }

    /// What is left of it for who sees one partner.
    pub fn at_one_partner(self) -> Powers {
        self.rules().filter(|rule| rule.reach == Reach::Partner).collect()
    }

    /// Whether a permission is among them.
    pub fn include(&self, rule: &Rule) -> bool {
        self.0.get(rule.index / 64).is_some_and(|word| word & (1 << (rule.index % 64)) != 0)
    }

    /// The permissions, in the order of the policy.
    pub fn rules(self) -> impl Iterator<Item = &'static Rule> {
        POLICY.iter().filter(move |rule| self.include(rule))
    }

    /// What is in it and not in another.
    pub fn beyond(self, other: Powers) -> Powers {
        self.rules().filter(|rule| !other.include(rule)).collect()
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == [0, 0]
    }

    /// The keys, for the table.
    pub fn keys(self) -> Vec<String> {
        self.rules().map(Rule::key).collect()
    }
}

impl<'a> FromIterator<&'a Rule> for Powers {
    fn from_iter<I: IntoIterator<Item = &'a Rule>>(rules: I) -> Powers {
        let mut words = [0; 2];
        for rule in rules {
            if let Some(word) = words.get_mut(rule.index / 64) {
                *word |= 1 << (rule.index % 64);
            }
        }
        Powers(words)
    }
}

macro_rules! permissions {
    (by role { $($(#[$doc:meta])* $name:ident = $resource:literal / $action:literal, $reach:ident => $($role:ident)*;)* }
     everyone { $(#[$own_doc:meta])* $own:ident = $own_resource:literal / $own_action:literal; }) => {
        /// Places in the table.
        enum At { $($name,)* $own }
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Permission for $name {
                const RULE: Rule = Rule {
                    name: stringify!($name), resource: $resource, action: $action,
                    roles: &[$(Role::$role),*], everyone: false,
                    reach: Reach::$reach, index: At::$name as usize,
                };
            }
        )*
        $(#[$own_doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $own;
        impl Permission for $own {
            const RULE: Rule = Rule {
                name: stringify!($own), resource: $own_resource, action: $own_action,
                roles: &Role::ALL, everyone: true,
                reach: Reach::Partner, index: At::$own as usize,
            };
        }
        /// Every permission, in the order of this file.
        pub const POLICY: &[Rule] = &[$($name::RULE,)* $own::RULE];
    };
}

permissions! { by role {
    /// See all programs, and open one.
    ListPrograms          = "Programs" / "list", Program            => SystemAdmin;
    /// Make a program.
    CreateProgram         = "Programs" / "create", Program          => SystemAdmin;
    /// See a program's settings.
    ReadProgram           = "Programs" / "read", Program            => SystemAdmin HostingAdmin Reviewer Csr Auditor;
    /// Change a program's settings and partner types.
    UpdateProgram         = "Programs" / "update", Program          => SystemAdmin HostingAdmin;
    /// See who hosts, and the hosting partners' admins.
    ReadHosting           = "Hosting flag" / "read", Program        => SystemAdmin HostingAdmin Reviewer Auditor;
    /// Make a partner hosting, or no longer.
    ManageHosting         = "Hosting flag" / "manage", Program      => SystemAdmin;
    /// See the program's roles, and what each grants.
    ReadRoles             = "Roles" / "read", Program               => SystemAdmin HostingAdmin Reviewer Csr Auditor;
    /// Make a role.
    CreateRole            = "Roles" / "create", Program             => SystemAdmin HostingAdmin;
    /// Change what a role grants.
    UpdateRole            = "Roles" / "update", Program             => SystemAdmin HostingAdmin;
    /// Remove a role that nobody has.
    DeleteRole            = "Roles" / "delete", Program             => SystemAdmin HostingAdmin;
    /// Make a partner.
    CreatePartner         = "Partners" / "create", Program          => SystemAdmin HostingAdmin;
    /// See partners in scope.
    ReadPartner           = "Partners" / "read", Partner            => SystemAdmin HostingAdmin Reviewer Csr PartnerAdmin PartnerUser Auditor;
    /// Change everything about a partner.
    UpdatePartner         = "Partners" / "update", Program          => SystemAdmin HostingAdmin;
    /// Change a partner's contacts and logo.
    UpdatePartnerContacts = "Partners" / "update contacts", Partner => SystemAdmin HostingAdmin PartnerAdmin;
    /// Move a partner through its life: activate, suspend, offboard, archive, restore.
    ManagePartnerStatus   = "Partners" / "archive", Program         => SystemAdmin HostingAdmin;
    /// Import partners from a file, and undo that.
    ImportPartners        = "Partners" / "import", Program          => SystemAdmin HostingAdmin;
    /// Take a list of partners away as a file.
    ExportPartners        = "Partners" / "export", Partner          => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// See a partner's members and who is invited.
    ReadUsers             = "Users" / "read", Partner               => SystemAdmin HostingAdmin Reviewer PartnerAdmin PartnerUser Auditor;
    /// Add an existing user to a partner, or invite somebody.
    AddUser               = "Users" / "create", Partner             => SystemAdmin HostingAdmin PartnerAdmin;
    /// Change a member's role, suspend and reactivate them; resend, extend and correct an invitation.
    UpdateUser            = "Users" / "update", Partner             => SystemAdmin HostingAdmin PartnerAdmin;
    /// Take a member off a partner; revoke an invitation.
    RemoveUser            = "Users" / "delete", Partner             => SystemAdmin HostingAdmin PartnerAdmin;
    /// Send somebody a link to choose a new password.
    ResetPassword         = "Users" / "reset password", Program     => SystemAdmin HostingAdmin;
    /// Ask why somebody can or cannot do something.
    ExplainAccess         = "Users" / "explain", Partner            => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// Look at the portal as somebody else sees it, reading only.
    ViewAs                = "Users" / "view as", Program            => SystemAdmin HostingAdmin;
    /// See connections in scope; never their credentials.
    ReadConnection        = "Connections" / "read", Partner         => SystemAdmin HostingAdmin Reviewer PartnerAdmin PartnerUser Auditor;
    /// Make a connection for a partner.
    CreateConnection      = "Connections" / "create", Partner       => HostingAdmin PartnerAdmin;
    /// Change a connection, and replace its credentials.
    UpdateConnection      = "Connections" / "update", Partner       => HostingAdmin PartnerAdmin;
    /// Remove a connection that nothing uses.
    DeleteConnection      = "Connections" / "delete", Partner       => HostingAdmin PartnerAdmin;
    /// Let the portal really connect.
    TestConnection        = "Connections" / "test", Partner         => HostingAdmin PartnerAdmin;
    /// Take a list of connections away as a file.
    ExportConnections     = "Connections" / "export", Partner       => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// See what a partner's files look like, and check a file against that.
    ReadTemplate          = "Templates" / "read", Partner           => SystemAdmin HostingAdmin Reviewer PartnerAdmin PartnerUser Auditor;
    /// Make a template, copy one, and take one in from a file.
    CreateTemplate        = "Templates" / "create", Partner         => HostingAdmin PartnerAdmin;
    /// Change a template.
    UpdateTemplate        = "Templates" / "update", Partner         => HostingAdmin PartnerAdmin;
    /// Remove a template that nothing uses.
    DeleteTemplate        = "Templates" / "delete", Partner         => HostingAdmin PartnerAdmin;
    /// See the program's forms, and who has answered them.
    ReadForms             = "Forms" / "read", Program               => SystemAdmin HostingAdmin Reviewer Auditor;
    /// Change and publish forms, and ask partners for answers.
    UpdateForms           = "Forms" / "update", Program             => SystemAdmin HostingAdmin;
    /// See what a partner answered.
    ReadAnswers           = "Form answers" / "read", Partner        => SystemAdmin HostingAdmin Reviewer PartnerAdmin PartnerUser Auditor;
    /// Answer a form.
    AnswerForms           = "Form answers" / "update", Partner      => SystemAdmin HostingAdmin PartnerAdmin PartnerUser;
    /// See integrations in scope.
    ReadIntegration       = "Integrations" / "read", Partner        => SystemAdmin HostingAdmin Reviewer Csr PartnerAdmin PartnerUser Auditor;
    /// Begin an integration.
    CreateIntegration     = "Integrations" / "create", Partner      => HostingAdmin PartnerAdmin PartnerUser;
    /// Write an integration's pages, and begin a revision of a published one.
    UpdateIntegration     = "Integrations" / "update", Partner      => HostingAdmin PartnerAdmin PartnerUser;
    /// Submit an integration for review, and withdraw it.
    SubmitIntegration     = "Integrations" / "submit", Partner      => HostingAdmin PartnerAdmin;
    /// Unpublish, rework, archive an integration; publish it again where the program allows that.
    RetireIntegration     = "Integrations" / "archive", Partner     => HostingAdmin PartnerAdmin;
    /// Publish without a review, where the program allows that.
    PublishOwn            = "Integrations" / "publish own", Partner => HostingAdmin PartnerAdmin;
    /// Answer feedback.
    CommentIntegration    = "Integrations" / "comment", Partner     => HostingAdmin Reviewer PartnerAdmin PartnerUser;
    /// Claim and hand over reviews, give and settle feedback, request changes, open test credentials.
    ReviewIntegration     = "Integrations" / "review", Program      => HostingAdmin Reviewer;
    /// Publish what was reviewed, now or on a date.
    PublishIntegration    = "Integrations" / "publish", Program     => HostingAdmin Reviewer;
    /// Reject, reopen, suspend, reinstate, take down, restore, roll back, and change a published one directly.
    DecideIntegration     = "Integrations" / "decide", Program      => HostingAdmin;
    /// Take a list of integrations away as a file.
    ExportIntegrations    = "Integrations" / "export", Partner      => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// See the program's checks, categories and way of reviewing.
    ReadChecks            = "Checks" / "read", Program              => SystemAdmin HostingAdmin Reviewer Auditor;
    /// Change them.
    UpdateChecks          = "Checks" / "update", Program            => SystemAdmin HostingAdmin;
    /// See tenants in scope, and their runs.
    ReadTenant            = "Tenants" / "read", Partner             => SystemAdmin HostingAdmin Reviewer Csr PartnerAdmin PartnerUser Auditor;
    /// Record a customer's install of a published integration.
    CreateTenant          = "Tenants" / "create", Partner           => HostingAdmin PartnerAdmin;
    /// Change, pause, resume and disconnect a tenant; report its runs.
    UpdateTenant          = "Tenants" / "update", Partner           => HostingAdmin PartnerAdmin;
    /// Archive a tenant.
    DeleteTenant          = "Tenants" / "delete", Partner           => HostingAdmin PartnerAdmin;
    /// Take a list of tenants away as a file.
    ExportTenants         = "Tenants" / "export", Partner           => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// See a partner's keys to the API; never the keys themselves.
    ReadTokens            = "API tokens" / "read", Partner          => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// Make a key to the API.
    CreateToken           = "API tokens" / "create", Partner        => HostingAdmin PartnerAdmin;
    /// Revoke a key to the API.
    RevokeToken           = "API tokens" / "delete", Partner        => HostingAdmin PartnerAdmin;
    /// See the program's tiers.
    ReadTiers             = "Tiers" / "read", Partner               => SystemAdmin HostingAdmin Csr PartnerAdmin PartnerUser Auditor;
    /// Make, order, rename and remove tiers.
    UpdateTiers           = "Tiers" / "update", Program             => HostingAdmin Csr;
    /// See products and services in scope.
    ReadProduct           = "Products" / "read", Partner            => SystemAdmin HostingAdmin Csr PartnerAdmin PartnerUser Auditor;
    /// Make, copy and import products.
    CreateProduct         = "Products" / "create", Program          => HostingAdmin Csr;
    /// Change, archive and restore products.
    UpdateProduct         = "Products" / "update", Program          => HostingAdmin Csr;
    /// Take a list of products away as a file.
    ExportProducts        = "Products" / "export", Partner          => SystemAdmin HostingAdmin Csr PartnerAdmin Auditor;
    /// See campaigns in scope, and their assignments.
    ReadCampaign          = "Campaigns" / "read", Partner           => SystemAdmin HostingAdmin Csr PartnerAdmin PartnerUser Auditor;
    /// Make and copy campaigns.
    CreateCampaign        = "Campaigns" / "create", Program         => HostingAdmin Csr;
    /// Change, pause, resume and archive campaigns; link partners.
    UpdateCampaign        = "Campaigns" / "update", Program         => HostingAdmin Csr;
    /// Let somebody else's campaign count.
    ApproveCampaign       = "Campaigns" / "approve", Program        => HostingAdmin;
    /// Assign tiers, change their dates, end them early.
    AssignTier            = "Campaigns" / "assign tiers", Program   => HostingAdmin Csr;
    /// Take campaigns and assignments away as a file.
    ExportCampaigns       = "Campaigns" / "export", Partner         => SystemAdmin HostingAdmin Csr PartnerAdmin Auditor;
    /// See which letters were sent, and how they fared.
    ReadMail              = "Mail" / "read", Partner                => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// Send a letter again.
    ResendMail            = "Mail" / "resend", Program              => SystemAdmin HostingAdmin;
    /// Change the words of the program's letters.
    UpdateLetters         = "Mail" / "update", Program              => SystemAdmin HostingAdmin;
    /// See what happened: one's own acts, or with `read all` everybody's in scope.
    ReadActivity          = "Activity" / "read", Partner            => SystemAdmin HostingAdmin Reviewer Csr PartnerAdmin Auditor;
    /// See what everybody in scope did.
    ReadAllActivity       = "Activity" / "read all", Partner        => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// See what was redeemed.
    ReadRedemptions       = "Redemptions" / "read", Partner         => SystemAdmin HostingAdmin Csr PartnerAdmin PartnerUser Auditor;
    /// Record that a customer redeemed a product: a system's work, by a key to the API.
    RecordRedemption      = "Redemptions" / "create", Partner       => HostingAdmin PartnerAdmin;
    /// See the program's own keys to the API; never the keys themselves.
    ReadProgramTokens     = "Program tokens" / "read", Program      => SystemAdmin HostingAdmin Auditor;
    /// Make a key to the API that reaches the whole program.
    CreateProgramToken    = "Program tokens" / "create", Program    => HostingAdmin;
    /// Revoke one.
    RevokeProgramToken    = "Program tokens" / "delete", Program    => HostingAdmin;
} everyone {
    /// See and change one's own account, and use the help pages.
    ManageSelf            = "Own account" / "manage";
} }
