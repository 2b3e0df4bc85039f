//! The pages of "explain access".

use askama::Template;

use crate::access::{POLICY, Rule};
use crate::people::store::Found;
use crate::web::listing::Params;

/// One rule of an answer.
pub struct Line {
    pub lets: bool,
    pub text: String,
    /// Who could change it, and where; of rules that stand in the way.
    pub remedy: Option<(&'static str, Option<String>)>,
}

impl Line {
    /// A rule and whether it lets them.
    pub fn new(lets: bool, text: String) -> Line {
        Line { lets, text, remedy: None }
    }

    /// What helps where it does not.
    pub fn mend(self, text: &'static str, link: Option<String>) -> Line {
        let remedy = (!self.lets).then_some((text, link));
        Line { remedy, ..self }
    }
}

/// A choice of the list of permissions.
pub struct RuleGroup {
    pub resource: &'static str,
    pub rules: Vec<(String, &'static str)>,
}

/// Why somebody can or cannot do something.
#[derive(Template)]
#[template(path = "people/access.html")]
pub struct ExplainPage {
    pub params: Params,
    pub people: Vec<Person>,
    pub has_more: bool,
    pub chosen: Option<Person>,
    pub groups: Vec<RuleGroup>,
    pub answer: Option<Answer>,
}

/// Somebody to ask about.
pub struct Person {
    pub membership: String,
    pub name: String,
    pub email: String,
    pub partner: String,
    pub code: String,
}

/// The answer to a question.
pub struct Answer {
    pub can: bool,
    pub what: String,
    pub lines: Vec<Line>,
}

impl Person {
    fn new(found: &Found) -> Person {
        Person {
            membership: found.member.id.to_string(),
            name: found.member.name.clone(),
            email: found.member.email.clone(),
            partner: found.partner_name.clone(),
            code: found.partner_code.clone(),
        }
    }
}

impl ExplainPage {
    /// Whom to ask about.
    pub fn choosing(params: Params, people: Vec<Found>, has_more: bool) -> ExplainPage {
        let people = people.iter().map(Person::new).collect();
        ExplainPage { params, people, has_more, chosen: None, groups: Vec::new(), answer: None }
    }

    /// What to ask about somebody.
    pub fn asking(params: Params, found: &Found) -> ExplainPage {
        let mut groups: Vec<RuleGroup> = Vec::new();
        for rule in POLICY.iter().filter(|rule| !rule.everyone) {
            let line = (rule.key(), rule.action);
            match groups.iter_mut().find(|group| group.resource == rule.resource) {
                Some(group) => group.rules.push(line),
                None => groups.push(RuleGroup { resource: rule.resource, rules: vec![line] }),
            }
        }
        let chosen = Some(Person::new(found));
        ExplainPage { params, people: Vec::new(), has_more: false, chosen, groups, answer: None }
    }

    /// The answer.
    pub fn answering(params: Params, found: &Found, rule: &Rule, can: bool, lines: Vec<Line>) -> ExplainPage {
        let what = format!("{}: {}", rule.resource, rule.action);
        let answer = Some(Answer { can, what, lines });
        ExplainPage { answer, ..ExplainPage::asking(params, found) }
    }

    fn is_chosen(&self, key: &str) -> bool {
        self.params.get("permission") == key
    }
}
