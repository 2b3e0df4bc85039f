//! Every address of the portal, one line each: the router, `portico routes` and the sweep tests read this table.

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

use crate::access::*;
use crate::access::{Grant, Permission, Rule};
use crate::activity;
use crate::campaigns;
use crate::connections;
use crate::file_templates;
use crate::forms;
use crate::help;
use crate::invitations;
use crate::letters;
use crate::notices;
use crate::partners;
use crate::programs;
use crate::roles;
use crate::search;

use crate::people;
use crate::web::guard::deadline;
use crate::web::health;

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// GET or POST.
    pub method: &'static str,
    /// The address, with `{names}` for what varies.
    pub path: &'static str,
    /// The permission that the handler's grant proves; none where anybody may come.
    pub permission: Option<Rule>,
    /// What the page or the action is called.
    pub name: &'static str,
}

/// A handler whose first argument is a grant of `P`: the table cannot say one permission and the handler ask for
/// another.
pub trait Asks<P, Arguments> {}

macro_rules! asks {
    ($($argument:ident)*) => {
        impl<P: Permission, F, R, $($argument),*> Asks<P, (Grant<P>, $($argument,)*)> for F where F: Fn(Grant<P>, $($argument),*) -> R {}
    };
}
asks!();
asks!(A);
asks!(A B);
asks!(A B C);
asks!(A B C D);
asks!(A B C D E);

/// The handler itself, once the compiler agrees that it asks for `P`.
fn asking<P: Permission, Arguments, F: Asks<P, Arguments>>(handler: F) -> F {
    handler
}

macro_rules! routes {
    ($($method:ident $path:literal => $handler:path, $($permission:ident)?, $name:literal;)*) => {
        /// The table.
        pub const ROUTES: &[Route] = &[$(
            Route { method: stringify!($method), path: $path, permission: routes!(@rule $($permission)?), name: $name },
        )*];

        /// Tells actix.
        pub fn configure(config: &mut ServiceConfig) {
            $(config.route($path, routes!(@method $method).to(routes!(@handler $handler $(, $permission)?)).wrap(from_fn(deadline)));)*
            // Programs that look for malware in letters ask by HEAD first.
            config.route("/link/{token}", web::head().to(people::links::open).wrap(from_fn(deadline)));
        }
    };
    (@rule) => { None };
    (@rule $permission:ident) => { Some(<$permission as Permission>::RULE) };
    (@method GET) => { web::get() };
    (@method POST) => { web::post() };
    (@handler $handler:path) => { $handler };
    (@handler $handler:path, $permission:ident) => { asking::<$permission, _, _>($handler) };
}

routes! {
    GET "/version" => health::version, , "Version";
    GET "/robots.txt" => health::robots, , "Robots";
    GET "/.well-known/security.txt" => health::security_txt, , "Security contact";
    GET "/.well-known/change-password" => health::change_password, , "Change password";
    GET "/favicon.ico" => health::favicon, , "Icon";

    GET "/partners" => partners::handlers::index, ReadPartner, "Partners";
    GET "/partners/new" => partners::edit::new, CreatePartner, "Create partner";
    POST "/partners" => partners::edit::create, CreatePartner, "Create partner";
    POST "/partners/bulk" => partners::bulk::apply, ManagePartnerStatus, "Change several partners";
    GET "/partners/export.{ending}" => partners::export::file, ExportPartners, "Partners as a file";
    GET "/partners/hosting" => partners::hosting::index, ReadHosting, "Hosting partners";
    GET "/partners/import" => partners::import::handlers::index, ImportPartners, "Import partners";
    POST "/partners/import" => partners::import::handlers::upload, ImportPartners, "Upload partners";
    GET "/partners/import/{id}" => partners::import::handlers::show, ImportPartners, "Import of partners";
    GET "/partners/import/{id}/columns" => partners::import::columns::form, ImportPartners, "Map columns of an import";
    POST "/partners/import/{id}/columns" => partners::import::columns::save, ImportPartners, "Check an import";
    GET "/partners/import/{id}/progress" => partners::import::handlers::progress, ImportPartners, "Progress of an import";
    GET "/partners/import/{id}/refused.csv" => partners::import::handlers::refused, ImportPartners, "Refused rows of an import";
    GET "/partners/import/{id}/apply" => partners::import::apply::confirm, ImportPartners, "Apply an import";
    POST "/partners/import/{id}/apply" => partners::import::apply::apply, ImportPartners, "Apply an import";
    GET "/partners/import/{id}/undo" => partners::import::apply::confirm_undo, ImportPartners, "Undo an import";
    POST "/partners/import/{id}/undo" => partners::import::apply::undo, ImportPartners, "Undo an import";
    POST "/partners/import/{id}/again" => partners::import::handlers::again, ImportPartners, "Give up a silent import";
    GET "/partners/{code}" => partners::handlers::show, ReadPartner, "Partner";
    GET "/partners/{code}/activity" => partners::handlers::activity, ReadActivity, "Activity of a partner";
    GET "/partners/{code}/profile" => partners::handlers::profile, ReadPartner, "Profile of a partner";
    GET "/partners/{code}/edit" => partners::edit::edit, UpdatePartnerContacts, "Edit partner";
    POST "/partners/{code}/edit" => partners::edit::update, UpdatePartnerContacts, "Edit partner";
    GET "/partners/{code}/logo" => partners::logo::show, ReadPartner, "Logo of a partner";
    GET "/partners/{code}/logo/removal" => partners::logo::confirm_removal, UpdatePartnerContacts, "Remove logo";
    POST "/partners/{code}/logo/removal" => partners::logo::remove, UpdatePartnerContacts, "Remove logo";
    GET "/partners/{code}/users" => invitations::list::index, ReadUsers, "Users of a partner";
    GET "/partners/{code}/users/new" => invitations::add::new, AddUser, "Add user";
    POST "/partners/{code}/users/new" => invitations::add::add, AddUser, "Add user";
    POST "/partners/{code}/invitations/{invitation}/resend" => invitations::handlers::resend, UpdateUser, "Send an invitation again";
    POST "/partners/{code}/invitations/{invitation}/extend" => invitations::handlers::extend, UpdateUser, "Extend an invitation";
    GET "/partners/{code}/invitations/{invitation}/correct" => invitations::correct::correct, UpdateUser, "Correct an invitation";
    POST "/partners/{code}/invitations/{invitation}/correct" => invitations::correct::save, UpdateUser, "Correct an invitation";
    GET "/partners/{code}/invitations/{invitation}/revoke" => invitations::handlers::confirm_revocation, RemoveUser, "Revoke an invitation";
    POST "/partners/{code}/invitations/{invitation}/revoke" => invitations::handlers::revoke, RemoveUser, "Revoke an invitation";
    GET "/partners/{code}/users/{membership}/role" => people::membership::role, UpdateUser, "Role of a user";
    POST "/partners/{code}/users/{membership}/role" => people::membership::change_role, UpdateUser, "Role of a user";
    GET "/partners/{code}/mail" => letters::handlers::of_partner, ReadMail, "Delivery log of a partner";
    GET "/partners/{code}/users/{membership}/reset" => people::rescue::confirm_reset, ResetPassword, "Send a password reset";
    POST "/partners/{code}/users/{membership}/reset" => people::rescue::send_reset, ResetPassword, "Send a password reset";
    GET "/partners/{code}/users/{membership}/second-factor/off" => people::rescue::confirm_factor_off, ResetPassword, "Switch a second factor off";
    POST "/partners/{code}/users/{membership}/second-factor/off" => people::rescue::factor_off, ResetPassword, "Switch a second factor off";
    GET "/partners/{code}/users/{membership}/remove" => people::leaving::confirm_removal, RemoveUser, "Remove user";
    POST "/partners/{code}/users/{membership}/remove" => people::leaving::remove, RemoveUser, "Remove user";
    POST "/partners/{code}/users/{membership}/primary-contact" => people::membership::make_contact, UpdatePartnerContacts, "Make primary contact";
    GET "/partners/{code}/users/{membership}/suspend" => people::leaving::confirm_suspension, UpdateUser, "Suspend user";
    POST "/partners/{code}/users/{membership}/suspend" => people::leaving::suspend, UpdateUser, "Suspend user";
    GET "/partners/{code}/users/{membership}/reactivate" => people::leaving::confirm_reactivation, UpdateUser, "Reactivate user";
    POST "/partners/{code}/users/{membership}/reactivate" => people::leaving::reactivate, UpdateUser, "Reactivate user";
    GET "/partners/{code}/users/{membership}/view-as" => people::view_as::ask, ViewAs, "View as";
    POST "/partners/{code}/users/{membership}/view-as" => people::view_as::start, ViewAs, "View as";
    POST "/view/end" => people::view_as::end, , "Stop viewing as somebody";
    GET "/partners/{code}/members.csv" => partners::offboard::members, ReadUsers, "Users of a partner as a file";
    GET "/partners/{code}/status/{move}" => partners::status::confirm, ManagePartnerStatus, "Move a partner";
    POST "/partners/{code}/status/{move}" => partners::status::apply, ManagePartnerStatus, "Move a partner";
    GET "/partners/{code}/hosting" => partners::hosting::confirm, ManageHosting, "Switch hosting";
    POST "/partners/{code}/hosting" => partners::hosting::apply, ManageHosting, "Switch hosting";
    GET "/users" => invitations::program::users, ReadUsers, "Users";
    GET "/users/export.csv" => invitations::program::export, ReadUsers, "Users as CSV";
    GET "/invitations" => invitations::program::invitations, ReadUsers, "Invitations";
    GET "/partners/{code}/connections" => connections::handlers::of_partner, ReadConnection, "Connections of a partner";
    GET "/connections" => connections::handlers::index, ReadConnection, "Connections";
    POST "/connections" => connections::edit::create, CreateConnection, "Create connection";
    GET "/connections/new" => connections::edit::new, CreateConnection, "New connection";
    GET "/connections/export.csv" => connections::export::file, ExportConnections, "Connections as a file";
    GET "/connections/{id}" => connections::handlers::show, ReadConnection, "Connection";
    GET "/connections/{id}/edit" => connections::edit::edit, UpdateConnection, "Edit connection";
    POST "/connections/{id}/edit" => connections::edit::update, UpdateConnection, "Edit connection";
    POST "/connections/{id}/test" => connections::testing::test, TestConnection, "Test connection";
    GET "/connections/{id}/removal" => connections::removal::confirm, DeleteConnection, "Remove connection";
    POST "/connections/{id}/removal" => connections::removal::remove, DeleteConnection, "Remove connection";
    GET "/partners/{code}/templates" => file_templates::handlers::of_partner, ReadTemplate, "Templates of a partner";
    GET "/templates" => file_templates::handlers::index, ReadTemplate, "Templates";
    POST "/templates" => file_templates::edit::create, CreateTemplate, "Create template";
    GET "/templates/new" => file_templates::edit::new, CreateTemplate, "Create template";
    GET "/templates/export.csv" => file_templates::handlers::export, ReadTemplate, "Templates as a file";
    GET "/templates/import" => file_templates::imports::index, CreateTemplate, "Import template";
    POST "/templates/import" => file_templates::imports::import, CreateTemplate, "Import template";
    GET "/templates/sample" => file_templates::imports::sample_form, CreateTemplate, "Start from a sample file";
    POST "/templates/sample" => file_templates::imports::sample, CreateTemplate, "Start a template from a sample file";
    GET "/templates/{id}.json" => file_templates::handlers::json, ReadTemplate, "Template as a file";
    GET "/templates/{id}" => file_templates::handlers::show, ReadTemplate, "Template";
    GET "/templates/{id}/edit" => file_templates::edit::edit, UpdateTemplate, "Edit template";
    POST "/templates/{id}/edit" => file_templates::edit::update, UpdateTemplate, "Edit template";
    POST "/templates/{id}/copy" => file_templates::edit::copy, CreateTemplate, "Copy template";
    GET "/templates/{id}/removal" => file_templates::edit::confirm_removal, DeleteTemplate, "Remove template";
    POST "/templates/{id}/removal" => file_templates::edit::remove, DeleteTemplate, "Remove template";
    GET "/templates/{id}/check" => file_templates::checks::form, ReadTemplate, "Check a file";
    POST "/templates/{id}/check" => file_templates::checks::check, ReadTemplate, "Check a file";
    GET "/partners/{code}/profile/answers" => forms::answer::form, AnswerForms, "Answer the partner form";
    POST "/partners/{code}/profile/answers" => forms::answer::save, AnswerForms, "Answer the partner form";
    GET "/partners/{code}/profile/answers/{number}" => forms::answer::sent, ReadAnswers, "Answers as they were sent";
    GET "/partners/{code}/profile/files/{file}" => forms::files::show, ReadAnswers, "File of an answer";
    GET "/partners/{code}/profile/request" => forms::overview::ask_form, UpdateForms, "Request an update";
    POST "/partners/{code}/profile/request" => forms::overview::ask, UpdateForms, "Request an update";

    GET "/partners/{code}/campaigns" => campaigns::handlers::of_partner, ReadCampaign, "Campaigns of a partner";
    POST "/partners/{code}/campaigns" => campaigns::links::link_from_partner, UpdateCampaign, "Link a partner to a campaign";
    GET "/campaigns" => campaigns::handlers::index, ReadCampaign, "Campaigns";
    POST "/campaigns" => campaigns::edit::create, CreateCampaign, "Create campaign";
    GET "/campaigns/new" => campaigns::edit::new, CreateCampaign, "New campaign";
    GET "/campaigns/export.{ending}" => campaigns::export::campaigns, ExportCampaigns, "Campaigns as a file";
    GET "/campaigns/{id}" => campaigns::handlers::show, ReadCampaign, "Campaign";
    GET "/campaigns/{id}/edit" => campaigns::edit::edit, UpdateCampaign, "Edit campaign";
    POST "/campaigns/{id}/edit" => campaigns::edit::update, UpdateCampaign, "Edit campaign";
    GET "/campaigns/{id}/status/{step}" => campaigns::moves::confirm, UpdateCampaign, "Move a campaign";
    POST "/campaigns/{id}/status/{step}" => campaigns::moves::apply, UpdateCampaign, "Move a campaign";
    GET "/campaigns/{id}/approval" => campaigns::moves::confirm_approval, ApproveCampaign, "Approve a campaign";
    POST "/campaigns/{id}/approval" => campaigns::moves::approve, ApproveCampaign, "Approve a campaign";
    GET "/campaigns/{id}/copy" => campaigns::copy::form, CreateCampaign, "Copy a campaign";
    POST "/campaigns/{id}/copy" => campaigns::copy::copy, CreateCampaign, "Copy a campaign";
    GET "/campaigns/{id}/partners" => campaigns::handlers::partners, ReadCampaign, "Partners and tiers of a campaign";
    GET "/campaigns/{id}/partners/link" => campaigns::links::form, UpdateCampaign, "Link partners";
    POST "/campaigns/{id}/partners/link" => campaigns::links::link, UpdateCampaign, "Link partners";
    GET "/campaigns/{id}/partners/{code}/unlink" => campaigns::links::confirm_unlink, UpdateCampaign, "Unlink a partner";
    POST "/campaigns/{id}/partners/{code}/unlink" => campaigns::links::unlink, UpdateCampaign, "Unlink a partner";
    GET "/campaigns/{id}/assignments/new" => campaigns::assign::new, AssignTier, "Assign a tier";
    POST "/campaigns/{id}/assignments/new" => campaigns::assign::create, AssignTier, "Assign a tier";
    GET "/campaigns/{id}/assignments/several" => campaigns::several::form, AssignTier, "Assign several partners";
    POST "/campaigns/{id}/assignments/several" => campaigns::several::assign, AssignTier, "Assign several partners";
    GET "/campaigns/{id}/assignments/bulk" => campaigns::bulk::ask, AssignTier, "Change assignments";
    POST "/campaigns/{id}/assignments/bulk" => campaigns::bulk::apply, AssignTier, "Change assignments";
    GET "/campaigns/{id}/assignments/copy" => campaigns::copy::from_form, AssignTier, "Copy assignments";
    POST "/campaigns/{id}/assignments/copy" => campaigns::copy::copy_from, AssignTier, "Copy assignments";
    GET "/campaigns/{id}/assignments/{assignment}/edit" => campaigns::assign::edit, AssignTier, "Change an assignment";
    POST "/campaigns/{id}/assignments/{assignment}/edit" => campaigns::assign::update, AssignTier, "Change an assignment";
    POST "/campaigns/{id}/undo" => campaigns::undo::undo, AssignTier, "Take back a change of assignments";
    GET "/campaigns/{id}/assignments.{ending}" => campaigns::export::assignments, ExportCampaigns, "Assignments as a file";
    GET "/campaigns/{id}/calendar.ics" => campaigns::calendar::file, ExportCampaigns, "Assignments as a calendar";
    GET "/campaigns/{id}/products" => campaigns::handlers::products, ReadCampaign, "Products of a campaign";
    GET "/campaigns/{id}/preview" => campaigns::handlers::previewed, ReadCampaign, "Audience preview";
    GET "/campaigns/{id}/activity" => campaigns::handlers::activity, ReadActivity, "Activity of a campaign";
    GET "/configuration" => campaigns::check::index, ReadCampaign, "Configuration check";

    GET "/forms" => forms::builder::index, ReadForms, "Forms";
    GET "/forms/{form}" => forms::builder::show, ReadForms, "Form";
    POST "/forms/{form}/draft" => forms::builder::begin, UpdateForms, "Begin a draft of a form";
    GET "/forms/{form}/draft/removal" => forms::builder::confirm_discard, UpdateForms, "Discard a draft of a form";
    POST "/forms/{form}/draft/removal" => forms::builder::discard, UpdateForms, "Discard a draft of a form";
    POST "/forms/{form}/settings" => forms::builder::settings, UpdateForms, "Settings of a form";
    GET "/forms/{form}/versions/{number}" => forms::builder::version, ReadForms, "Version of a form";
    GET "/forms/{form}/publication" => forms::publish::form, UpdateForms, "Publish a form";
    POST "/forms/{form}/publication" => forms::publish::publish, UpdateForms, "Publish a form";
    GET "/forms/{form}/questions/new" => forms::questions::new, UpdateForms, "Add a question";
    POST "/forms/{form}/questions/new" => forms::questions::add, UpdateForms, "Add a question";
    GET "/forms/{form}/questions/{id}" => forms::questions::edit, UpdateForms, "Question";
    POST "/forms/{form}/questions/{id}" => forms::questions::update, UpdateForms, "Question";
    POST "/forms/{form}/questions/{id}/move" => forms::questions::reorder, UpdateForms, "Move a question";
    GET "/forms/{form}/questions/{id}/removal" => forms::questions::confirm_removal, UpdateForms, "Remove a question";
    POST "/forms/{form}/questions/{id}/removal" => forms::questions::remove, UpdateForms, "Remove a question";
    GET "/forms/{form}/answers" => forms::overview::index, ReadForms, "Answers to a form";
    GET "/forms/{form}/answers.csv" => forms::overview::file, ReadForms, "Answers as a file";

    GET "/programs" => programs::handlers::index, ListPrograms, "Programs";
    POST "/programs" => programs::handlers::create, CreateProgram, "Create program";
    GET "/programs/new" => programs::handlers::new, CreateProgram, "New program";
    POST "/programs/{id}/open" => programs::handlers::open, ListPrograms, "Open program";
    GET "/settings" => programs::handlers::settings, ReadProgram, "Settings";
    POST "/settings" => programs::handlers::update, UpdateProgram, "Save settings";
    POST "/settings/types" => programs::type_handlers::add, UpdateProgram, "Add partner type";
    GET "/settings/types/{id}" => programs::type_handlers::show, UpdateProgram, "Partner type";
    POST "/settings/types/{id}" => programs::type_handlers::rename, UpdateProgram, "Rename partner type";
    POST "/settings/types/{id}/remove" => programs::type_handlers::remove, UpdateProgram, "Remove partner type";
    POST "/settings/types/{id}/move" => programs::type_handlers::reorder, UpdateProgram, "Move partner type";
    GET "/settings/letters/invitation" => letters::words::form, UpdateLetters, "Words of the welcome letter";
    POST "/settings/letters/invitation" => letters::words::save, UpdateLetters, "Words of the welcome letter";
    GET "/system/mail" => letters::handlers::index, ReadMail, "Mail log";
    GET "/system/mail/export.csv" => letters::handlers::export, ReadMail, "Mail log as CSV";
    GET "/system/mail/letters" => letters::one::examples, ReadMail, "How letters look";
    GET "/system/mail/{id}" => letters::one::show, ReadMail, "Letter";
    POST "/system/mail/{id}/again" => letters::one::send_again, ResendMail, "Send a letter again";

    GET "/" => people::sign_in::home, , "Start page";
    GET "/sign-in" => people::sign_in::form, , "Sign in";
    POST "/sign-in" => people::sign_in::sign_in, , "Sign in";
    GET "/sign-in/code" => people::sign_in_code::form, , "Second step of signing in";
    POST "/sign-in/code" => people::sign_in_code::sign_in, , "Second step of signing in";
    POST "/sign-out" => people::sign_in::sign_out, , "Sign out";

    GET "/link" => people::links::dead, , "Link that does not work";
    GET "/link/{token}" => people::links::open, , "Open a link";
    GET "/forgotten" => people::resets::forgotten, , "Forgotten password";
    POST "/forgotten" => people::resets::ask, , "Ask for a password reset";
    GET "/reset" => people::resets::form, , "Choose a new password";
    POST "/reset" => people::resets::choose, , "Choose a new password";
    GET "/email" => people::email::form, , "Confirm a new address";
    POST "/email" => people::email::confirm, , "Confirm a new address";
    GET "/invitation" => invitations::accept::show, , "Invitation";
    POST "/invitation" => invitations::accept::accept, , "Accept an invitation";
    POST "/invitation/ask" => invitations::accept::ask, , "Ask for a new link";

    GET "/set-up" => people::set_up::form, , "Set up";
    POST "/set-up" => people::set_up::set_up, , "Set up";
    GET "/me" => people::account::show, ManageSelf, "Profile and security";
    POST "/me" => people::account::update, ManageSelf, "Save profile";
    POST "/me/password" => people::account::change_password, ManageSelf, "Change password";
    POST "/me/email" => people::email::ask, ManageSelf, "Change address";
    GET "/me/second-factor" => people::second_factor::show, ManageSelf, "Second factor";
    POST "/me/second-factor" => people::second_factor::begin, ManageSelf, "Set up a second factor";
    POST "/me/second-factor/confirm" => people::second_factor::confirm, ManageSelf, "Confirm a second factor";
    POST "/me/second-factor/codes" => people::second_factor::renew, ManageSelf, "Renew recovery codes";
    POST "/me/second-factor/off" => people::second_factor::switch_off, ManageSelf, "Switch the second factor off";
    POST "/me/theme" => people::account::set_theme, ManageSelf, "Choose colours";
    GET "/me/notifications" => letters::choices::form, ManageSelf, "Letters one wants";
    POST "/me/notifications" => letters::choices::save, ManageSelf, "Letters one wants";
    POST "/me/membership" => people::account::switch_membership, ManageSelf, "Switch membership";
    GET "/me/memberships/{membership}/leave" => people::leaving::confirm_leaving, ManageSelf, "Leave a partner";
    POST "/me/memberships/{membership}/leave" => people::leaving::leave, ManageSelf, "Leave a partner";
    POST "/me/sessions/end-others" => people::account::end_others, ManageSelf, "End other sessions";
    POST "/me/sessions/{session}/end" => people::account::end_session, ManageSelf, "End a session";
    GET "/roles" => roles::handlers::index, ReadRoles, "Roles";
    GET "/roles/new" => roles::edit::new, CreateRole, "New role";
    POST "/roles" => roles::edit::create, CreateRole, "Create role";
    GET "/roles/{id}" => roles::edit::show, ReadRoles, "Role";
    POST "/roles/{id}" => roles::edit::update, UpdateRole, "Save role";
    GET "/roles/{id}/remove" => roles::handlers::confirm_removal, DeleteRole, "Remove role";
    POST "/roles/{id}/remove" => roles::handlers::remove, DeleteRole, "Remove role";
    GET "/access" => people::explain::index, ExplainAccess, "Explain access";
    GET "/notifications" => notices::handlers::index, ManageSelf, "Notifications";
    POST "/notifications/read" => notices::handlers::read_all, ManageSelf, "Mark notifications read";
    POST "/notifications/{letter}/read" => notices::handlers::read, ManageSelf, "Open a notification";
    GET "/search" => search::handlers::index, ManageSelf, "Search";
    GET "/help" => help::handlers::index, , "Help";
    GET "/help/keys" => help::handlers::keys, , "Keyboard shortcuts";

    GET "/activity" => activity::handlers::index, ReadActivity, "Activity";
    GET "/activity/export.csv" => activity::handlers::export, ReadActivity, "Activity as CSV";
}
