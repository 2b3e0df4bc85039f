//! Every address of the portal, one line each: the router, `portico routes` and the sweep tests read this table.

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Responder, Route as WebRoute};

use crate::access::*;
use crate::access::{Grant, Permission, Rule};
use crate::api::ApiGrant;
use crate::campaigns::import::Assignments;
use crate::integrations::{history, moves};
use crate::products::import::Products;
use crate::{
    activity, api, campaigns, connections, dashboard, file_templates, forms, help, imports, integrations, invitations,
    letters, notices, partners, people, products, programs, roles, search, tenants, tiers, tokens,
};

use crate::web::error::AppError;
use crate::web::guard::deadline;
use crate::web::health;

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// GET or POST; of the API also PUT and PATCH.
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
        impl<P: Permission, S, F, R, $($argument),*> Asks<P, (ApiGrant<S, P>, $($argument,)*)> for F where F: Fn(ApiGrant<S, P>, $($argument),*) -> R {}
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

/// Routes by the beginning of their address, and then by its rest: actix tries one after another, and most of them are
/// regular expressions.
#[derive(Default)]
struct Table(Vec<(&'static str, Group)>);

/// Rests of addresses with their routes.
type Group = Vec<(&'static str, Vec<WebRoute>)>;

/// The value of a key, made empty where it is new; a list keeps the order of the table, where a map would not.
fn of<'a, V: Default>(list: &'a mut Vec<(&'static str, V)>, key: &'static str) -> Option<&'a mut V> {
    if !list.iter().any(|(known, _)| *known == key) {
        list.push((key, V::default()));
    }
    list.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| value)
}

impl Table {
    fn add(&mut self, path: &'static str, route: WebRoute) {
        let (begin, rest) = path.split_at(beginning(path));
        if let Some(routes) = of(&mut self.0, begin).and_then(|group| of(group, rest)) {
            routes.push(route);
        }
    }

    /// Hands everything over to actix; what is asked with a method that an address does not have is `elsewhere`.
    fn register<F, Args>(self, config: &mut ServiceConfig, elsewhere: F)
    where
        F: Handler<Args> + Copy,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        for (begin, rests) in self.0 {
            let resources = rests.into_iter().map(|(rest, routes)| {
                let resource = routes.into_iter().fold(web::resource(rest), |resource, route| resource.route(route));
                resource.default_service(web::to(elsewhere))
            });
            if begin.is_empty() {
                resources.for_each(|one| {
                    config.service(one);
                });
                continue;
            }
            let scope = resources.fold(web::scope(begin), |scope, one| scope.service(one));
            config.service(scope.default_service(web::to(elsewhere)));
        }
    }
}

/// Where the fixed beginning of an address ends: its first part, in the API after the version. What varies already
/// there begins nowhere.
fn beginning(path: &str) -> usize {
    let first = if path.starts_with("/v1/") { 3 } else { 0 };
    let end = path.get(first + 1..).and_then(|rest| rest.find('/')).map_or(path.len(), |at| first + 1 + at);
    if path == "/" || path.get(..end).is_none_or(|part| part.contains('{')) { 0 } else { end }
}

/// Tells actix of the pages.
pub fn configure(config: &mut ServiceConfig) {
    let mut table = Table::default();
    each(|path, route| {
        if !path.starts_with("/api") {
            table.add(path, route);
        }
    });
    table.register(config, not_found);
}

/// Tells actix of the addresses of the API, which live in a scope of their own.
pub fn configure_api(config: &mut ServiceConfig) {
    let mut table = Table::default();
    each(|path, route| {
        if let Some(path) = path.strip_prefix("/api") {
            table.add(path, route);
        }
    });
    table.register(config, api::elsewhere);
}

/// Nothing is there.
///
/// # Errors
/// Always [`AppError::NotFound`].
pub async fn not_found() -> Result<HttpResponse, AppError> {
    Err(AppError::NotFound)
}

macro_rules! routes {
    ($($method:ident $path:literal => $handler:path, $($permission:ident)?, $name:literal;)*) => {
        /// The table.
        pub const ROUTES: &[Route] = &[$(
            Route { method: stringify!($method), path: $path, permission: routes!(@rule $($permission)?), name: $name },
        )*];

        /// Makes each route with its deadline.
        fn each(mut take: impl FnMut(&'static str, WebRoute)) {
            $(take($path, routes!(@method $method).to(routes!(@handler $handler $(, $permission)?)).wrap(from_fn(deadline)));)*
        }
    };
    (@rule) => { None };
    (@rule $permission:ident) => { Some(<$permission as Permission>::RULE) };
    (@method GET) => { web::get() };
    (@method POST) => { web::post() };
    (@method PUT) => { web::put() };
    (@method PATCH) => { web::patch() };
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
    GET "/partners/{code}/activity/export.{ending}" => activity::export::of_partner, ReadActivity, "Activity of a partner as a file";
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
    GET "/tenants" => tenants::handlers::index, ReadTenant, "Tenants";
    POST "/tenants" => tenants::edit::create, CreateTenant, "Create tenant";
    GET "/tenants/new" => tenants::edit::new, CreateTenant, "New tenant";
    GET "/tenants/export.{ending}" => tenants::export::file, ExportTenants, "Tenants as a file";
    GET "/tenants/{id}" => tenants::handlers::show, ReadTenant, "Tenant";
    GET "/tenants/{id}/runs/{run}" => tenants::handlers::run, ReadTenant, "Run of a tenant";
    GET "/tenants/{id}/edit" => tenants::edit::edit, UpdateTenant, "Edit tenant";
    POST "/tenants/{id}/edit" => tenants::edit::update, UpdateTenant, "Edit tenant";
    GET "/tenants/{id}/state/{move}" => tenants::moves::confirm, UpdateTenant, "Move a tenant";
    POST "/tenants/{id}/state/{move}" => tenants::moves::apply, UpdateTenant, "Move a tenant";
    GET "/tenants/{id}/archival" => tenants::moves::confirm_archival, DeleteTenant, "Archive a tenant";
    POST "/tenants/{id}/archival" => tenants::moves::archive, DeleteTenant, "Archive a tenant";
    GET "/partners/{code}/tenants" => tenants::handlers::of_partner, ReadTenant, "Tenants of a partner";
    GET "/integrations/{id}/tenants" => tenants::handlers::of_integration, ReadTenant, "Tenants of an integration";
    GET "/partners/{code}/tokens" => tokens::handlers::index, ReadTokens, "API tokens of a partner";
    POST "/partners/{code}/tokens" => tokens::handlers::create, CreateToken, "Create API token";
    GET "/partners/{code}/tokens/new" => tokens::handlers::new, CreateToken, "New API token";
    GET "/partners/{code}/tokens/{id}/revocation" => tokens::handlers::confirm, RevokeToken, "Revoke an API token";
    POST "/partners/{code}/tokens/{id}/revocation" => tokens::handlers::revoke, RevokeToken, "Revoke an API token";
    GET "/settings/tokens" => tokens::program::index, ReadProgramTokens, "API tokens of the program";
    POST "/settings/tokens" => tokens::program::create, CreateProgramToken, "Create API token of the program";
    GET "/settings/tokens/new" => tokens::program::new, CreateProgramToken, "New API token of the program";
    GET "/settings/tokens/{id}/revocation" => tokens::program::confirm, RevokeProgramToken, "Revoke an API token of the program";
    POST "/settings/tokens/{id}/revocation" => tokens::program::revoke, RevokeProgramToken, "Revoke an API token of the program";

    GET "/api/v1/products" => api::products, ReadProduct, "API: products";
    GET "/api/v1/products/{id}" => api::product, ReadProduct, "API: a product";
    GET "/api/v1/products/{id}/image" => api::product_image, ReadProduct, "API: the image of a product";
    GET "/api/v1/campaigns" => api::campaigns, ReadCampaign, "API: campaigns";
    GET "/api/v1/campaigns/{code}" => api::campaign, ReadCampaign, "API: a campaign";
    GET "/api/v1/tiers" => api::tiers, ReadTiers, "API: tiers";
    GET "/api/v1/partners" => api::partners, ReadPartner, "API: partners";
    GET "/api/v1/partners/{code}" => api::partner, ReadPartner, "API: a partner";
    POST "/api/v1/redemptions/check" => api::check_redemption, ReadProduct, "API: ask about a redemption";
    GET "/api/v1/redemptions" => api::redemptions, ReadRedemptions, "API: redemptions";
    POST "/api/v1/redemptions" => api::record_redemption, RecordRedemption, "API: record a redemption";
    GET "/api/v1/redemptions/{id}" => api::redemption, ReadRedemptions, "API: a redemption";

    GET "/api/openapi.json" => api::reference::document, , "API: OpenAPI document";
    GET "/api/docs" => api::reference::page, , "API: reference";
    GET "/api/v1/integrations" => api::integrations, ReadIntegration, "API: integrations";
    GET "/api/v1/tenants" => api::tenants, ReadTenant, "API: tenants";
    POST "/api/v1/tenants" => api::create_tenant, CreateTenant, "API: create a tenant";
    GET "/api/v1/tenants/{id}" => api::tenant, ReadTenant, "API: a tenant";
    PATCH "/api/v1/tenants/{id}" => api::update_tenant, UpdateTenant, "API: change a tenant";
    GET "/api/v1/tenants/{id}/runs" => api::runs, ReadTenant, "API: runs of a tenant";
    PUT "/api/v1/tenants/{id}/runs/{key}" => api::put_run, UpdateTenant, "API: report a run";

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
    GET "/partners/{code}/integrations" => integrations::pages::tab::of_partner, ReadIntegration, "Integrations of a partner";
    GET "/integrations/new" => integrations::pages::create::new, CreateIntegration, "New integration";
    POST "/integrations" => integrations::pages::create::create, CreateIntegration, "Create integration";
    GET "/integrations/export.{ending}" => integrations::list::export::file, ExportIntegrations, "Integrations as a file";
    GET "/integrations/queue" => integrations::list::queue::next, ReviewIntegration, "Next in the queue";
    GET "/integrations/{id}" => integrations::pages::show::show, ReadIntegration, "Integration";
    GET "/integrations/{id}/pages/{page}" => integrations::pages::edit::show, ReadIntegration, "Page of an integration";
    POST "/integrations/{id}/pages/{page}" => integrations::pages::edit::save, UpdateIntegration, "Save a page of an integration";
    GET "/integrations/{id}/images/{image}" => integrations::images::show, ReadIntegration, "Picture of an integration";
    POST "/integrations/{id}/credentials" => integrations::credentials::save, UpdateIntegration, "Store test credentials";
    POST "/integrations/{id}/credentials/opening" => integrations::credentials::opening, ReviewIntegration, "Open test credentials";
    POST "/integrations/{id}/following" => integrations::pages::show::follow, ReadIntegration, "Follow an integration";
    GET "/partners/{code}/profile/answers" => forms::answer::form, AnswerForms, "Answer the partner form";
    POST "/partners/{code}/profile/answers" => forms::answer::save, AnswerForms, "Answer the partner form";
    GET "/partners/{code}/profile/answers/{number}" => forms::answer::sent, ReadAnswers, "Answers as they were sent";
    GET "/partners/{code}/profile/files/{file}" => forms::files::show, ReadAnswers, "File of an answer";
    GET "/partners/{code}/profile/request" => forms::overview::ask_form, UpdateForms, "Request an update";
    POST "/partners/{code}/profile/request" => forms::overview::ask, UpdateForms, "Request an update";

    GET "/integrations" => integrations::list::handlers::index, ReadIntegration, "Integrations";
    POST "/integrations/{id}/snooze" => integrations::list::queue::snooze, ReviewIntegration, "Put a review off";
    POST "/integrations/{id}/claim" => integrations::review::claim::claim, ReviewIntegration, "Claim a review";
    GET "/integrations/{id}/handover" => integrations::review::claim::ask, ReviewIntegration, "Hand a review over";
    POST "/integrations/{id}/handover" => integrations::review::claim::hand_over, ReviewIntegration, "Hand a review over";
    GET "/integrations/{id}/review" => integrations::review::handlers::show, ReadIntegration, "Review";
    POST "/integrations/{id}/readers" => integrations::review::presence::read, ReviewIntegration, "Say that a review is open";
    POST "/integrations/{id}/views" => integrations::review::presence::view, ReviewIntegration, "Mark a page as viewed";
    POST "/integrations/{id}/threads" => integrations::feedback::handlers::open, ReviewIntegration, "Give feedback";
    POST "/integrations/{id}/threads/{thread}/messages" => integrations::feedback::handlers::reply, CommentIntegration, "Answer feedback";
    POST "/integrations/{id}/threads/{thread}/resolution" => integrations::feedback::handlers::resolve, ReviewIntegration, "Resolve feedback";
    POST "/integrations/{id}/threads/{thread}/reopening" => integrations::feedback::handlers::reopen, ReviewIntegration, "Reopen feedback";
    GET "/partners/{code}/campaigns" => campaigns::handlers::of_partner, ReadCampaign, "Campaigns of a partner";
    POST "/partners/{code}/campaigns" => campaigns::links::link_from_partner, UpdateCampaign, "Link a partner to a campaign";
    GET "/campaigns" => campaigns::handlers::index, ReadCampaign, "Campaigns";
    POST "/campaigns" => campaigns::edit::create, CreateCampaign, "Create campaign";
    GET "/campaigns/new" => campaigns::edit::new, CreateCampaign, "New campaign";
    GET "/campaigns/export.{ending}" => campaigns::export::campaigns, ExportCampaigns, "Campaigns as a file";
    GET "/campaigns/import" => imports::handlers::index::<Assignments>, AssignTier, "Import tier assignments";
    POST "/campaigns/import" => imports::handlers::upload::<Assignments>, AssignTier, "Upload tier assignments";
    GET "/campaigns/import/{id}" => imports::handlers::show::<Assignments>, AssignTier, "Import of assignments";
    GET "/campaigns/import/{id}/columns" => imports::columns::form::<Assignments>, AssignTier, "Map columns of assignments";
    POST "/campaigns/import/{id}/columns" => imports::columns::save::<Assignments>, AssignTier, "Check an import of assignments";
    GET "/campaigns/import/{id}/refused.csv" => imports::handlers::refused::<Assignments>, AssignTier, "Refused rows of assignments";
    POST "/campaigns/import/{id}/apply" => imports::apply::apply::<Assignments>, AssignTier, "Apply an import of assignments";
    GET "/campaigns/import/{id}/undo" => imports::apply::confirm_undo::<Assignments>, AssignTier, "Undo an import of assignments";
    POST "/campaigns/import/{id}/undo" => imports::apply::undo::<Assignments>, AssignTier, "Undo an import of assignments";
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

    GET "/integrations/{id}/submission" => moves::handlers::confirm::<SubmitIntegration>, SubmitIntegration, "Submit an integration";
    POST "/integrations/{id}/submission" => moves::handlers::apply::<SubmitIntegration>, SubmitIntegration, "Submit an integration";
    GET "/integrations/{id}/resubmission" => moves::handlers::confirm::<SubmitIntegration>, SubmitIntegration, "Submit fixes of an integration";
    POST "/integrations/{id}/resubmission" => moves::handlers::apply::<SubmitIntegration>, SubmitIntegration, "Submit fixes of an integration";
    GET "/integrations/{id}/withdrawal" => moves::handlers::confirm::<SubmitIntegration>, SubmitIntegration, "Withdraw an integration";
    POST "/integrations/{id}/withdrawal" => moves::handlers::apply::<SubmitIntegration>, SubmitIntegration, "Withdraw an integration";
    GET "/integrations/{id}/change-request" => moves::handlers::confirm::<ReviewIntegration>, ReviewIntegration, "Request changes of an integration";
    POST "/integrations/{id}/change-request" => moves::handlers::apply::<ReviewIntegration>, ReviewIntegration, "Request changes of an integration";
    GET "/integrations/{id}/publication" => moves::handlers::confirm::<PublishIntegration>, PublishIntegration, "Publish an integration";
    POST "/integrations/{id}/publication" => moves::handlers::apply::<PublishIntegration>, PublishIntegration, "Publish an integration";
    GET "/integrations/{id}/schedule" => moves::handlers::confirm::<PublishIntegration>, PublishIntegration, "Approve an integration for a date";
    POST "/integrations/{id}/schedule" => moves::handlers::apply::<PublishIntegration>, PublishIntegration, "Approve an integration for a date";
    GET "/integrations/{id}/unscheduling" => moves::handlers::confirm::<PublishIntegration>, PublishIntegration, "Call off the date of an integration";
    POST "/integrations/{id}/unscheduling" => moves::handlers::apply::<PublishIntegration>, PublishIntegration, "Call off the date of an integration";
    GET "/integrations/{id}/rejection" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Reject an integration";
    POST "/integrations/{id}/rejection" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Reject an integration";
    GET "/integrations/{id}/reopening" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Reopen an integration";
    POST "/integrations/{id}/reopening" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Reopen an integration";
    GET "/integrations/{id}/revision" => moves::handlers::confirm::<UpdateIntegration>, UpdateIntegration, "Begin a revision";
    POST "/integrations/{id}/revision" => moves::handlers::apply::<UpdateIntegration>, UpdateIntegration, "Begin a revision";
    GET "/integrations/{id}/discarding" => moves::handlers::confirm::<UpdateIntegration>, UpdateIntegration, "Discard a revision";
    POST "/integrations/{id}/discarding" => moves::handlers::apply::<UpdateIntegration>, UpdateIntegration, "Discard a revision";
    GET "/integrations/{id}/unpublication" => moves::handlers::confirm::<RetireIntegration>, RetireIntegration, "Unpublish an integration";
    POST "/integrations/{id}/unpublication" => moves::handlers::apply::<RetireIntegration>, RetireIntegration, "Unpublish an integration";
    GET "/integrations/{id}/republication" => moves::handlers::confirm::<RetireIntegration>, RetireIntegration, "Publish an integration again";
    POST "/integrations/{id}/republication" => moves::handlers::apply::<RetireIntegration>, RetireIntegration, "Publish an integration again";
    GET "/integrations/{id}/rework" => moves::handlers::confirm::<RetireIntegration>, RetireIntegration, "Rework an integration";
    POST "/integrations/{id}/rework" => moves::handlers::apply::<RetireIntegration>, RetireIntegration, "Rework an integration";
    GET "/integrations/{id}/suspension" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Suspend an integration";
    POST "/integrations/{id}/suspension" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Suspend an integration";
    GET "/integrations/{id}/reinstatement" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Reinstate an integration";
    POST "/integrations/{id}/reinstatement" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Reinstate an integration";
    GET "/integrations/{id}/take-down" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Take an integration down";
    POST "/integrations/{id}/take-down" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Take an integration down";
    GET "/integrations/{id}/archival" => moves::handlers::confirm::<RetireIntegration>, RetireIntegration, "Archive an integration";
    POST "/integrations/{id}/archival" => moves::handlers::apply::<RetireIntegration>, RetireIntegration, "Archive an integration";
    GET "/integrations/{id}/restoration" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Restore an integration";
    POST "/integrations/{id}/restoration" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Restore an integration";
    GET "/integrations/{id}/own-publication" => moves::handlers::confirm::<PublishOwn>, PublishOwn, "Publish one’s own integration";
    POST "/integrations/{id}/own-publication" => moves::handlers::apply::<PublishOwn>, PublishOwn, "Publish one’s own integration";
    GET "/integrations/{id}/rollback" => moves::handlers::confirm::<DecideIntegration>, DecideIntegration, "Roll an integration back";
    POST "/integrations/{id}/rollback" => moves::handlers::apply::<DecideIntegration>, DecideIntegration, "Roll an integration back";
    POST "/integrations/{id}/verdict" => moves::handlers::verdict, ReviewIntegration, "Verdict on a submission";
    GET "/integrations/{id}/live-edit" => moves::live_form::form, DecideIntegration, "Edit a published integration";
    POST "/integrations/{id}/live-edit" => moves::live_form::save, DecideIntegration, "Edit a published integration";
    GET "/integrations/{id}/history" => history::index, ReadIntegration, "Rounds and versions";
    GET "/integrations/{id}/submissions/{number}" => history::submission, ReadIntegration, "Submission as it was sent";
    GET "/integrations/{id}/versions/{number}" => history::version, ReadIntegration, "Version as it was published";

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

    GET "/" => dashboard::handlers::show, , "Dashboard";
    POST "/setup/hide" => dashboard::handlers::hide_setup, UpdateProgram, "Hide the first steps";
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
    GET "/help/whats-new" => help::handlers::whats_new, , "What’s new";

    GET "/checks" => integrations::checks::builder::index, ReadChecks, "Checks";
    GET "/checks/new" => integrations::checks::builder::new, UpdateChecks, "New check";
    POST "/checks/new" => integrations::checks::builder::add, UpdateChecks, "Add a check";
    GET "/checks/{id}" => integrations::checks::builder::edit, UpdateChecks, "Check";
    POST "/checks/{id}" => integrations::checks::builder::update, UpdateChecks, "Save a check";
    POST "/checks/{id}/switch" => integrations::checks::builder::switch, UpdateChecks, "Switch a check";
    POST "/checks/{id}/move" => integrations::checks::builder::reorder, UpdateChecks, "Move a check";
    GET "/checks/{id}/removal" => integrations::checks::builder::confirm_removal, UpdateChecks, "Remove a check";
    POST "/checks/{id}/removal" => integrations::checks::builder::remove, UpdateChecks, "Remove a check";
    GET "/settings/review" => integrations::review_settings::form, ReadChecks, "Review settings";
    POST "/settings/review" => integrations::review_settings::save, UpdateChecks, "Save review settings";
    POST "/settings/types/{id}/review" => integrations::review_settings::of_type, UpdateChecks, "Who publishes for a partner type";
    GET "/integrations/{id}/checks" => integrations::checks::own::show, ReadIntegration, "Checks of an integration";
    POST "/integrations/{id}/checks" => integrations::checks::own::ask_links, UpdateIntegration, "Check links of an integration";
    POST "/integrations/{id}/checklist/{check}" => integrations::checks::own::tick, ReviewIntegration, "Tick a check of a submission";
    GET "/integrations/{id}/answers" => forms::integration::form, AnswerForms, "Answers of an integration";
    POST "/integrations/{id}/answers" => forms::integration::save, AnswerForms, "Save answers of an integration";
    GET "/tiers" => tiers::handlers::index, ReadTiers, "Tiers";
    POST "/tiers" => tiers::handlers::create, UpdateTiers, "Create tier";
    GET "/tiers/{id}" => tiers::handlers::edit, UpdateTiers, "Tier";
    POST "/tiers/{id}" => tiers::handlers::update, UpdateTiers, "Save tier";
    POST "/tiers/{id}/move" => tiers::handlers::reorder, UpdateTiers, "Move tier";
    GET "/tiers/{id}/removal" => tiers::removal::confirm, UpdateTiers, "Remove tier";
    POST "/tiers/{id}/removal" => tiers::removal::remove, UpdateTiers, "Remove tier";

    GET "/partners/{code}/products" => products::handlers::of_partner, ReadProduct, "Products of a partner";
    GET "/products" => products::handlers::index, ReadProduct, "Products";
    POST "/products" => products::edit::create, CreateProduct, "Create product";
    GET "/products/new" => products::edit::new, CreateProduct, "New product";
    POST "/products/bulk" => products::bulk::apply, UpdateProduct, "Change several products";
    GET "/products/export.{ending}" => products::export::file, ExportProducts, "Products as a file";
    GET "/products/import" => imports::handlers::index::<Products>, CreateProduct, "Import products";
    POST "/products/import" => imports::handlers::upload::<Products>, CreateProduct, "Upload products";
    GET "/products/import/{id}" => imports::handlers::show::<Products>, CreateProduct, "Import of products";
    GET "/products/import/{id}/columns" => imports::columns::form::<Products>, CreateProduct, "Map columns of products";
    POST "/products/import/{id}/columns" => imports::columns::save::<Products>, CreateProduct, "Check an import of products";
    GET "/products/import/{id}/refused.csv" => imports::handlers::refused::<Products>, CreateProduct, "Refused rows of products";
    POST "/products/import/{id}/apply" => imports::apply::apply::<Products>, CreateProduct, "Apply an import of products";
    GET "/products/import/{id}/undo" => imports::apply::confirm_undo::<Products>, CreateProduct, "Undo an import of products";
    POST "/products/import/{id}/undo" => imports::apply::undo::<Products>, CreateProduct, "Undo an import of products";
    GET "/products/{id}" => products::show::show, ReadProduct, "Product";
    GET "/products/{id}/edit" => products::edit::edit, UpdateProduct, "Edit product";
    POST "/products/{id}/edit" => products::edit::update, UpdateProduct, "Edit product";
    GET "/products/{id}/image" => products::image::show, ReadProduct, "Image of a product";
    GET "/products/{id}/image/removal" => products::image::confirm_removal, UpdateProduct, "Remove image";
    POST "/products/{id}/image/removal" => products::image::remove, UpdateProduct, "Remove image";
    GET "/products/{id}/archival" => products::status::confirm_archival, UpdateProduct, "Archive product";
    POST "/products/{id}/archival" => products::status::archive, UpdateProduct, "Archive product";
    GET "/products/{id}/restoration" => products::status::confirm_restoration, UpdateProduct, "Restore product";
    POST "/products/{id}/restoration" => products::status::restore, UpdateProduct, "Restore product";

    GET "/activity" => activity::handlers::index, ReadActivity, "Activity";
    GET "/activity/export.{ending}" => activity::export::file, ReadActivity, "Activity as a file";
}
