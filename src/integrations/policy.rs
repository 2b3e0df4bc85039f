//! How a program reviews: what its settings and its partner types say.

use crate::partners::model::Partner;
use crate::programs::model::{Model, Program};
use crate::values::choice;

choice! {
    /// Who publishes what partners of a type build.
    ReviewPolicy {
        /// A host, after a review.
        Reviewed = "reviewed" / "Reviewed by the host",
        /// The partner itself, once the checks pass.
        SelfPublish = "self-publish" / "Published by the partner",
    }
}

/// Whether a partner's integrations go live without a second party: it is a host, the program is one organisation, or
/// the partner's type says so.
pub fn publishes_own(program: &Program, partner: &Partner, of_type: ReviewPolicy) -> bool {
    program.model == Model::Single || partner.is_hosting || of_type == ReviewPolicy::SelfPublish
}
