//! What an account can be, and a browser in short words.

use crate::values::choice;

choice! {
    /// How an account stands. Only active ones sign in.
    UserStatus {
        /// Can sign in.
        Active = "active" / "Active",
        /// Has not set a password yet.
        Invited = "invited" / "Invited",
        /// Cannot sign in for now.
        Suspended = "suspended" / "Suspended",
        /// Cannot sign in any more.
        Deactivated = "deactivated" / "Deactivated",
    }
}

impl UserStatus {
    /// The class that colours it.
    pub fn tone(self) -> &'static str {
        match self {
            UserStatus::Active => "good",
            UserStatus::Invited => "info",
            UserStatus::Suspended => "bad",
            UserStatus::Deactivated => "",
        }
    }

    /// The sprite's icon.
    pub fn icon(self) -> &'static str {
        match self {
            UserStatus::Active => "circle-check",
            UserStatus::Invited => "send",
            UserStatus::Suspended => "player-pause",
            UserStatus::Deactivated => "circle-x",
        }
    }
}

/// "Firefox on Linux": enough for somebody to know their own sessions by. The order matters: most browsers also
/// claim to be Chrome or Safari.
pub fn browser(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 8] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
        ("FreeBSD", "FreeBSD"),
    ];
    let known =
        |list: &[(&str, &'static str)]| list.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => {
            let name: String = agent.split(['/', ' ']).next().unwrap_or("").chars().take(40).collect();
            if name.is_empty() || name == "unknown" { "Unknown browser".into() } else { name }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_in_short_words() {
        for (agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("unknown", "Unknown browser"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(browser(agent), expected);
        }
    }
}
