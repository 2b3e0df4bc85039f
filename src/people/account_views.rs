//! Pages about how people sign in.

use askama::Template;

use crate::access::totp::Qr;
use crate::web::form::Form;
use crate::web::time::When;

/// For every link that does not work.
#[derive(Template)]
#[template(path = "people/dead_link.html")]
pub struct DeadLinkPage {}

/// Asks for the address of who forgot their password.
#[derive(Template)]
#[template(path = "people/forgotten.html")]
pub struct ForgottenPage {
    pub form: Form,
}

/// The same answer to everybody who asked.
#[derive(Template)]
#[template(path = "people/asked.html")]
pub struct AskedPage {
    pub email: String,
    pub minutes: i64,
}

/// Asks for a new password.
#[derive(Template)]
#[template(path = "people/reset.html")]
pub struct ResetPage {
    pub email: String,
    pub form: Form,
}

/// Asks for a code, after the password.
#[derive(Template)]
#[template(path = "people/sign_in_code.html")]
pub struct SignInCodePage {
    pub form: Form,
}

/// Asks whether an address is theirs.
#[derive(Template)]
#[template(path = "people/email.html")]
pub struct EmailPage {
    pub present: String,
    pub email: String,
}

/// An app that is being set up.
pub struct Begun {
    pub qr: Qr,
    pub secret: String,
}

/// Where somebody stands with their second factor.
pub enum Stage {
    /// None yet.
    Off,
    /// An app waits for its first code.
    Begun(Begun),
    /// In use.
    On {
        /// Since when.
        since: When,
        /// Recovery codes that still work.
        left: i64,
    },
}

/// One's own second factor.
#[derive(Template)]
#[template(path = "people/second_factor.html")]
pub struct SecondFactorPage {
    pub stage: Stage,
    /// The role that asks for one.
    pub asked_by: Option<String>,
    pub email: String,
    pub form: Form,
}

/// New recovery codes: the only time they are seen.
#[derive(Template)]
#[template(path = "people/recovery_codes.html")]
pub struct RecoveryCodesPage {
    pub codes: Vec<String>,
    pub is_new: bool,
}

impl RecoveryCodesPage {
    fn as_text(&self) -> String {
        self.codes.join("\n")
    }
}
