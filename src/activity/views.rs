//! Lines of the activity log as templates show them.

use std::collections::HashMap;

use askama::Template;
use chrono_tz::Tz;

use super::event::{Event, FieldChange, Group};
use super::store::Line;
use crate::db::ids::PartnerId;
use crate::values::Phone;
use crate::web::listing::{Params, Window};
use crate::web::time::When;

/// One line, ready to show.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "shown as named")]
pub struct Entry {
    pub icon: &'static str,
    pub actor: String,
    pub role: String,
    pub sentence: String,
    /// Address and code of the partner it touched.
    pub partner: Option<(String, String)>,
    pub on_behalf: bool,
    pub changes: Vec<FieldChange>,
    pub when: When,
    pub request_id: String,
}

impl Entry {
    /// Makes a line ready; `names` are the codes and names of the partners that the person may see.
    pub fn new(
        line: Line,
        names: &HashMap<PartnerId, (String, String)>,
        now: chrono::DateTime<chrono::Utc>,
        zone: Tz,
    ) -> Entry {
        let event = serde_json::from_value::<Event>(line.event);
        let (icon, sentence) = match &event {
            Ok(event) => (event.icon(), event.sentence()),
            // An event of a newer version, after going back to this one.
            Err(_) => ("point", format!("did something this version does not know ({})", line.kind)),
        };
        let partner = line.partner_id.and_then(|id| names.get(&id));
        Entry {
            icon,
            sentence,
            actor: line.actor_name,
            role: line.actor_role,
            partner: partner.map(|(code, _)| (crate::partners::address(code), code.clone())),
            on_behalf: line.on_behalf,
            changes: serde_json::from_value(line.changes).unwrap_or_default(),
            when: When::new(line.at, now, zone),
            request_id: line.request_id,
        }
    }
}

/// The program's activity.
#[derive(Template)]
#[template(path = "activity/index.html", blocks = ["entries"])]
#[expect(missing_docs, reason = "shown as named")]
pub struct IndexPage {
    pub params: Params,
    pub page: Window<Entry>,
    pub zone: String,
    pub own_only: bool,
    pub sealed: Option<When>,
    pub problem: Option<String>,
}

impl IndexPage {
    fn groups(&self) -> [Group; Group::ALL.len()] {
        Group::ALL
    }

    fn is_filtered(&self) -> bool {
        ["about", "who", "from", "until"].iter().any(|name| !self.params.get(name).is_empty())
    }
}

/// A stored value as people read it: a phone number in groups.
pub fn readable(field: &str, value: &str) -> String {
    match field {
        "Support phone" => Phone::parse(value).map_or_else(|_| value.to_owned(), |phone| phone.spaced()),
        _ => value.to_owned(),
    }
}
