//! From what was typed to a valid connection.

use secrecy::SecretString;

use super::model::{Auth, Connection, Direction, Facts, Kind};
use crate::values::{Choice, Name, Refused, line, shown};
use crate::web::form::{Check, Form};
use crate::web::outbound;

/// The longest secret of one line.
const LONGEST_SECRET: usize = 1000;
/// The longest private key.
const LONGEST_KEY: usize = 16_384;

/// A form that has no error.
pub struct Typed {
    /// What it shall be.
    pub facts: Facts,
    /// New credentials; none keeps what is stored.
    pub secret: Option<SecretString>,
}

/// Where it leads, as far as its kind has it.
#[derive(Default)]
struct Target {
    host: String,
    port: u16,
    path: String,
    region: String,
    bucket: String,
    prefix: String,
    host_key: String,
}

/// The whole form. `present` is what is stored; none when a new one is made.
///
/// # Errors
/// The form with every error; it gives no credentials back.
pub fn typed(form: &Form, kind: Kind, present: Option<&Connection>) -> Result<Typed, Form> {
    let mut check = form.check();
    let name = check.field("name", "Name", Name::parse);
    let direction = check.field("direction", "Direction", Direction::parse);
    let target = match kind {
        Kind::Sftp | Kind::Ftps => files(&mut check, kind),
        Kind::Https => endpoint(&mut check),
        Kind::S3 => bucket(&mut check),
    };
    let auth = match kind.auths() {
        [only] => Some(*only),
        several => check.field("auth", "Sign-in", |typed| {
            Auth::parse(typed).ok().filter(|auth| several.contains(auth)).ok_or_else(|| "Choose one.".into())
        }),
    };
    let username = username(&mut check, kind, auth);
    // Both fields are read whatever was chosen, so that neither is ever given back.
    let password = check.secret("password", auth.map_or("Password", Auth::secret_label), password);
    let key = check.secret("private_key", "Private key", private_key);
    let new = if auth == Some(Auth::Key) { key } else { password };
    let facts = (|| {
        let Target { host, port, path, region, bucket, prefix, host_key } = target?;
        let (name, direction, auth, username) = (name?, direction?, auth?, username?);
        Some(Facts { name, kind, direction, host, port, path, region, bucket, prefix, auth, username, host_key })
    })();
    if let (Some(auth), Some(None)) = (auth, &new) {
        needed(&mut check, auth, facts.as_ref(), present);
    }
    check.done(|| {
        let facts = facts?;
        let secret = new?.filter(|_| facts.auth != Auth::None);
        Some(Typed { facts, secret })
    })
}

/// Credentials have to be there; and those that are kept are not sent to another host.
fn needed(check: &mut Check<'_>, auth: Auth, facts: Option<&Facts>, present: Option<&Connection>) {
    let (field, label) = match auth {
        Auth::None => return,
        Auth::Key => ("private_key", auth.secret_label()),
        _ => ("password", auth.secret_label()),
    };
    match (present, facts) {
        (None, _) => check.refuse(field, label, "Enter it: Portico signs in with it."),
        (Some(present), Some(facts)) if facts.leads_elsewhere(&present.facts()) => check.refuse(
            field,
            label,
            "Enter it again: what is kept is not sent to another host or port, nor for another kind of sign-in.",
        ),
        _ => {}
    }
}

fn files(check: &mut Check<'_>, kind: Kind) -> Option<Target> {
    let host = check.field("host", "Host", outbound::host);
    let port = check.optional("port", "Port", |typed| port(typed, kind));
    let path = check.optional("path", "Folder", |typed| path(typed, '/'));
    let host_key = match kind {
        Kind::Sftp => check.optional("host_key", "Host key", fingerprint),
        _ => Some(None),
    };
    Some(Target {
        host: host?,
        port: port?.unwrap_or(kind.usual_port()),
        path: path?.unwrap_or_default(),
        host_key: host_key?.unwrap_or_default(),
        ..Target::default()
    })
}

fn endpoint(check: &mut Check<'_>) -> Option<Target> {
    check.field("url", "Address", |typed| url(typed, Kind::Https))
}

fn bucket(check: &mut Check<'_>) -> Option<Target> {
    let endpoint = check.field("url", "Endpoint", |typed| {
        let target = url(typed, Kind::S3)?;
        if target.path != "/" {
            return Err(
                "Enter the endpoint alone, like https://s3.eu-west-1.amazonaws.com; the bucket has its own field."
                    .into(),
            );
        }
        Ok(target)
    });
    let region = check.field("region", "Region", region);
    let bucket = check.field("bucket", "Bucket", bucket_name);
    let prefix = check.optional("prefix", "Prefix", |typed| path(typed, ' '));
    let endpoint = endpoint?;
    Some(Target {
        path: String::new(),
        region: region?,
        bucket: bucket?,
        prefix: prefix?.unwrap_or_default(),
        ..endpoint
    })
}

fn username(check: &mut Check<'_>, kind: Kind, auth: Option<Auth>) -> Option<String> {
    if auth.is_some_and(|auth| !auth.has_username()) {
        return Some(String::new());
    }
    let label = if kind == Kind::S3 { "Access key" } else { "User name" };
    check.field("username", label, |typed| {
        let name = line(typed, 128)?;
        match auth {
            Some(Auth::Basic) if name.contains(':') => Err("A user name here cannot have a colon.".into()),
            _ => Ok(name),
        }
    })
}

fn port(typed: &str, kind: Kind) -> Result<u16, Refused> {
    let number = typed.trim().parse::<u16>().ok().filter(|number| *number > 0 && !typed.trim().starts_with('+'));
    let number = number.ok_or_else(|| format!("“{}” is no port. Enter a number up to 65535.", shown(typed)))?;
    outbound::port(number, kind.ports())
}

/// A folder or the beginning of keys: one line, no way up.
fn path(typed: &str, first: char) -> Result<String, Refused> {
    let path = line(typed, 1000)?;
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Err("Write the folder as it is, without “..”.".into());
    }
    if first != '/' && path.starts_with('/') {
        return Err("A prefix does not begin with a slash.".into());
    }
    Ok(path)
}

fn url(typed: &str, kind: Kind) -> Result<Target, Refused> {
    let text = line(typed, 1000)?;
    let url = url::Url::parse(&text)
        .map_err(|_| format!("“{}” is no address like https://api.company.example/files.", shown(&text)))?;
    if url.scheme() != "https" {
        return Err("Begin with https://: anything else would send credentials readable.".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "Leave user name and password out of the address: they have their own fields, which are encrypted.".into(),
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(
            "Leave out what begins with ? or #: the address is shown to everybody who sees this connection.".into()
        );
    }
    Ok(Target {
        host: outbound::host(url.host_str().unwrap_or_default())?,
        port: outbound::port(url.port().unwrap_or(443), kind.ports())?,
        path: url.path().to_owned(),
        ..Target::default()
    })
}

fn region(typed: &str) -> Result<String, Refused> {
    let region = line(typed, 63)?;
    if !region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err("Use small letters, digits and -, like eu-west-1. Stores without regions take us-east-1.".into());
    }
    Ok(region)
}

fn bucket_name(typed: &str) -> Result<String, Refused> {
    let name = line(typed, 63)?;
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if name.len() < 3
        || !name.bytes().all(inside)
        || !edge(name.bytes().next())
        || !edge(name.bytes().last())
        || name.contains("..")
    {
        return Err("3 to 63 small letters, digits, dots and hyphens; a letter or digit at both ends.".into());
    }
    Ok(name)
}

fn fingerprint(typed: &str) -> Result<String, Refused> {
    let text = line(typed, 100)?;
    let hash = text.strip_prefix("SHA256:").unwrap_or(&text).trim_end_matches('=');
    let is_hash =
        hash.len() == 43 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    if !is_hash {
        return Err("Enter it as ssh-keygen -l prints it: SHA256: and 43 letters and digits.".into());
    }
    Ok(format!("SHA256:{hash}"))
}

/// A secret of one line, exactly as typed; none when it was left empty.
fn password(typed: &str) -> Result<Option<SecretString>, Refused> {
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.chars().count() > LONGEST_SECRET {
        return Err(format!("Is longer than {LONGEST_SECRET} characters."));
    }
    if typed.chars().any(char::is_control) {
        return Err("Contains a line break or another character that cannot be sent. Paste it again.".into());
    }
    Ok(Some(SecretString::from(typed.to_owned())))
}

/// A private key in PEM; none when it was left empty.
fn private_key(typed: &str) -> Result<Option<SecretString>, Refused> {
    let text = typed.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LONGEST_KEY {
        return Err(format!("Is longer than {LONGEST_KEY} characters."));
    }
    let is_pem = text.starts_with("-----BEGIN ") && text.ends_with("-----") && text.contains("PRIVATE KEY-----\n");
    if !is_pem || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(
            "Paste the whole private key, from -----BEGIN to the last -----. A public key is not enough.".into()
        );
    }
    if text.contains("ENCRYPTED") {
        return Err("This key has a passphrase. Make one without for Portico: it is encrypted here.".into());
    }
    Ok(Some(SecretString::from(format!("{text}\n"))))
}

/// The form of a stored connection; credentials are never in it.
pub fn filled(connection: &Connection) -> Form {
    let facts = connection.facts();
    let url = match facts.kind {
        Kind::S3 => Facts { path: String::new(), ..facts.clone() }.url(),
        _ => facts.url(),
    };
    Form::filled([
        ("name", facts.name.to_string()),
        ("direction", facts.direction.key().into()),
        ("host", facts.host),
        ("port", facts.port.to_string()),
        ("path", facts.path),
        ("url", url),
        ("region", facts.region),
        ("bucket", facts.bucket),
        ("prefix", facts.prefix),
        ("auth", facts.auth.key().into()),
        ("username", facts.username),
        ("host_key", facts.host_key),
        ("version", connection.version.to_string()),
    ])
}

/// The form of a new one.
pub fn blank(kind: Kind) -> Form {
    let auth = kind.auths().first().copied().unwrap_or(Auth::None);
    let direction = if kind == Kind::Https { Direction::Out } else { Direction::Both };
    Form::filled([
        ("direction", direction.key().into()),
        ("port", kind.usual_port().to_string()),
        ("auth", auth.key().into()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: Kind, change: &[(&'static str, &str)]) -> Form {
        let mut form = blank(kind);
        for (field, value) in [
            ("name", "Daily files"),
            ("host", "files.kestrel.example"),
            ("url", if kind == Kind::S3 { "https://s3.kestrel.example" } else { "https://api.kestrel.example/v1" }),
            ("region", "eu-west-1"),
            ("bucket", "kestrel-miles"),
            ("username", "portico"),
            ("password", "planted-secret"),
        ]
        .iter()
        .chain(change)
        {
            form.set(field, value);
        }
        form
    }

    #[test]
    fn every_kind_has_a_form_without_an_error() {
        for kind in Kind::ALL {
            let typed = typed(&form(*kind, &[]), *kind, None).unwrap_or_else(|form| panic!("{:?}", form.errors()));
            assert!(typed.secret.is_some() && typed.facts.port == kind.usual_port());
        }
    }

    #[test]
    fn t50_what_is_refused_is_refused_at_its_field_and_no_secret_comes_back() {
        for (kind, field, value) in [
            (Kind::Sftp, "name", "  "),
            (Kind::Sftp, "direction", "up"),
            (Kind::Sftp, "host", "https://files.example"),
            (Kind::Sftp, "host", "a b"),
            (Kind::Sftp, "port", "25"),
            (Kind::Sftp, "port", "0"),
            (Kind::Sftp, "port", "65536"),
            (Kind::Sftp, "port", "+22"),
            (Kind::Sftp, "path", "/in/../../etc"),
            (Kind::Sftp, "path", "/in\r\nQUIT"),
            (Kind::Sftp, "auth", "bearer"),
            (Kind::Sftp, "username", ""),
            (Kind::Sftp, "host_key", "SHA256:short"),
            (Kind::Sftp, "password", "line\nbreak"),
            (Kind::Sftp, "password", ""),
            (Kind::Ftps, "port", "22"),
            (Kind::Https, "url", "http://api.kestrel.example"),
            (Kind::Https, "url", "https://user:pass@api.kestrel.example"),
            (Kind::Https, "url", "https://api.kestrel.example/?token=x"),
            (Kind::Https, "url", "https://api.kestrel.example:22/"),
            (Kind::Https, "url", "javascript:alert(1)"),
            (Kind::Https, "url", "//api.kestrel.example"),
            (Kind::Https, "auth", "password"),
            (Kind::S3, "url", "https://s3.kestrel.example/bucket"),
            (Kind::S3, "bucket", "My_Bucket"),
            (Kind::S3, "bucket", "-a-"),
            (Kind::S3, "region", "EU West"),
            (Kind::S3, "prefix", "/x"),
        ] {
            let refused =
                typed(&form(kind, &[(field, value)]), kind, None).err().unwrap_or_else(|| panic!("{field} {value}"));
            assert!(refused.error(field).is_some(), "{field} {value}: {:?}", refused.errors());
            assert_eq!((refused.value("password"), refused.value("private_key")), ("", ""));
        }
        let basic = form(Kind::Https, &[("auth", "basic"), ("username", "a:b")]);
        assert!(typed(&basic, Kind::Https, None).err().unwrap().error("username").is_some());
        let key = |text: &str| typed(&form(Kind::Sftp, &[("auth", "key"), ("private_key", text)]), Kind::Sftp, None);
        assert!(key("-----BEGIN PRIVATE KEY-----\r\nAAAA\r\n-----END PRIVATE KEY-----\r\n").is_ok());
        for bad in
            ["", "ssh-ed25519 AAAA", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----"]
        {
            assert!(key(bad).err().unwrap().error("private_key").is_some(), "{bad}");
        }
    }

    #[test]
    fn numbers_in_disguise_are_stored_as_the_address_they_are() {
        let typed = typed(&form(Kind::Sftp, &[("host", "0x7f.1")]), Kind::Sftp, None).ok().unwrap();
        assert_eq!(typed.facts.host, "127.0.0.1");
    }
}
