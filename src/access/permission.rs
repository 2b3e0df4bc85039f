//! The whole built-in policy on one screen. The role pages, the help page and the policy test read it from here.
//!
//! The rows follow the role grid of the product's domain description (S0-20): a permission is a resource and an
//! action, and the roles that hold it. What a role may see of a resource is the scope's matter, not the table's.

use super::actor::Role;

/// A kind of permission. The types below are only keys that the compiler looks up; see [`POLICY`].
pub trait Permission: Send + Sync + 'static {
    /// The row of the policy table.
    const RULE: Rule;
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
        matches!(self.action, "read" | "export")
    }
}

macro_rules! permissions {
    (by role { $($(#[$doc:meta])* $name:ident = $resource:literal / $action:literal => $($role:ident)*;)* }
     everyone { $(#[$own_doc:meta])* $own:ident = $own_resource:literal / $own_action:literal; }) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Permission for $name {
                const RULE: Rule = Rule {
                    name: stringify!($name), resource: $resource, action: $action,
                    roles: &[$(Role::$role),*], everyone: false,
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
            };
        }
        /// Every permission, in the order of this file.
        pub const POLICY: &[Rule] = &[$($name::RULE,)* $own::RULE];
    };
}

permissions! { by role {
    /// See all programs, and open one.
    ListPrograms          = "Programs" / "list"            => SystemAdmin;
    /// Make a program.
    CreateProgram         = "Programs" / "create"          => SystemAdmin;
    /// See a program's settings.
    ReadProgram           = "Programs" / "read"            => SystemAdmin HostingAdmin Reviewer Csr Auditor;
    /// Change a program's settings and partner types.
    UpdateProgram         = "Programs" / "update"          => SystemAdmin HostingAdmin;
    /// See who hosts, and the hosting partners' admins.
    ReadHosting           = "Hosting flag" / "read"        => SystemAdmin HostingAdmin Reviewer Auditor;
    /// Make a partner hosting, or no longer.
    ManageHosting         = "Hosting flag" / "manage"      => SystemAdmin;
    /// Make a partner.
    CreatePartner         = "Partners" / "create"          => SystemAdmin HostingAdmin;
    /// See partners in scope.
    ReadPartner           = "Partners" / "read"            => SystemAdmin HostingAdmin Reviewer Csr PartnerAdmin PartnerUser Auditor;
    /// Change everything about a partner.
    UpdatePartner         = "Partners" / "update"          => SystemAdmin HostingAdmin;
    /// Change a partner's contacts and logo.
    UpdatePartnerContacts = "Partners" / "update contacts" => SystemAdmin HostingAdmin PartnerAdmin;
    /// Move a partner through its life: activate, suspend, offboard, archive, restore.
    ManagePartnerStatus   = "Partners" / "archive"         => SystemAdmin HostingAdmin;
    /// Import partners from a file, and undo that.
    ImportPartners        = "Partners" / "import"          => SystemAdmin HostingAdmin;
    /// Take a list of partners away as a file.
    ExportPartners        = "Partners" / "export"          => SystemAdmin HostingAdmin PartnerAdmin Auditor;
    /// See a partner's members.
    ReadUsers             = "Users" / "read"               => SystemAdmin HostingAdmin Reviewer PartnerAdmin PartnerUser Auditor;
    /// Add an existing user to a partner.
    AddUser               = "Users" / "create"             => SystemAdmin HostingAdmin;
    /// Change a member's role.
    UpdateUser            = "Users" / "update"             => SystemAdmin HostingAdmin PartnerAdmin;
    /// Take a member off a partner.
    RemoveUser            = "Users" / "delete"             => SystemAdmin HostingAdmin PartnerAdmin;
    /// See what happened; reviewers and CSRs see their own acts only.
    ReadActivity          = "Activity" / "read"            => SystemAdmin HostingAdmin Reviewer Csr PartnerAdmin Auditor;
} everyone {
    /// See and change one's own account, and use the help pages.
    ManageSelf            = "Own account" / "manage";
} }
