//! Pages, looked at by selector; forms, filled as a browser would send them.

use scraper::{ElementRef, Html, Selector};

use super::client::Answer;

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap_or_else(|_| panic!("{text} is no selector"))
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A form as it would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled(pub Vec<(String, String)>);

impl Filled {
    /// The same with one value changed; added when it is not there.
    pub fn with(mut self, name: &str, value: &str) -> Filled {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// The same without a field.
    pub fn without(mut self, name: &str) -> Filled {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// A page, read once to be looked at often.
pub struct Page(Html);

impl Page {
    pub fn html(&self) -> &Html {
        &self.0
    }

    /// How many elements a selector finds.
    pub fn count(&self, css: &str) -> usize {
        self.0.select(&selector(css)).count()
    }

    pub fn has(&self, css: &str) -> bool {
        self.count(css) > 0
    }

    /// The texts of the elements that a selector finds, blanks joined.
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.0.select(&selector(css)).map(text_of).collect()
    }

    /// An attribute of all elements that a selector finds.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        self.0.select(&selector(css)).filter_map(|one| one.attr(name).map(str::to_owned)).collect()
    }

    /// Where the forms go that change something and have a button to press.
    pub fn actions(&self) -> Vec<String> {
        let (forms, button) = (selector("form[method=post]"), selector("button:not([type=button])"));
        let offered = |form: &ElementRef<'_>| form.select(&button).next().is_some();
        self.0.select(&forms).filter(offered).filter_map(|form| form.attr("action").map(str::to_owned)).collect()
    }

    /// What a browser would send of the form that a selector finds.
    pub fn form(&self, css: &str) -> Filled {
        let form = self.0.select(&selector(css)).next().unwrap_or_else(|| panic!("no {css} in {}", self.0.html()));
        Filled(form.select(&selector("input, select, textarea")).filter_map(sent).collect())
    }

    /// The message at a field, found the way a screen reader does: by `aria-describedby`.
    pub fn error_at(&self, field: &str) -> String {
        let Some(input) = self.0.select(&selector(&format!("[name=\"{field}\"]"))).next() else {
            return String::new();
        };
        if input.attr("aria-invalid") != Some("true") {
            return String::new();
        }
        let ids = input.attr("aria-describedby").unwrap_or_default();
        let found = |id: &str| self.0.select(&selector(&format!("[id=\"{id}\"]"))).next().map(text_of);
        ids.split_whitespace().filter(|id| id.ends_with("-e") || *id == "errors").filter_map(found).collect()
    }
}

/// The same, for one look.
impl Answer {
    pub fn page(&self) -> Page {
        Page(Html::parse_document(&self.text()))
    }

    pub fn count(&self, css: &str) -> usize {
        self.page().count(css)
    }

    pub fn texts(&self, css: &str) -> Vec<String> {
        self.page().texts(css)
    }

    /// The text of the first element that a selector finds; empty when there is none.
    pub fn first(&self, css: &str) -> String {
        self.texts(css).into_iter().next().unwrap_or_default()
    }

    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        self.page().attributes(css, name)
    }

    pub fn actions(&self) -> Vec<String> {
        self.page().actions()
    }

    pub fn form(&self, css: &str) -> Filled {
        self.page().form(css)
    }

    pub fn error_at(&self, field: &str) -> String {
        self.page().error_at(field)
    }
}

/// One field as a browser sends it; none when it does not.
fn sent(field: ElementRef<'_>) -> Option<(String, String)> {
    let name = field.attr("name")?.to_owned();
    let value = field.attr("value");
    match (field.value().name(), field.attr("type").unwrap_or("text")) {
        ("textarea", _) => {
            let text: String = field.text().collect();
            Some((name, text.strip_prefix('\n').unwrap_or(&text).to_owned()))
        }
        ("select", _) => {
            let options: Vec<ElementRef<'_>> = field.select(&selector("option")).collect();
            let chosen = options.iter().find(|one| one.attr("selected").is_some()).or(options.first())?;
            Some((name, chosen.attr("value").map_or_else(|| chosen.text().collect(), str::to_owned)))
        }
        (_, "checkbox" | "radio") => field.attr("checked").map(|_| (name, value.unwrap_or("on").to_owned())),
        (_, "file" | "submit" | "button" | "image") => None,
        _ => Some((name, value.unwrap_or_default().to_owned())),
    }
}
