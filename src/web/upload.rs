//! Multipart forms: text fields as any form's, files whole in memory up to a hard limit.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::error::AppError;
use super::form::{Form, LARGEST};

/// A file that somebody chose.
#[derive(Clone, Debug)]
pub struct File {
    /// What they call it: shown, never used as a path.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A multipart form with at most one file, of at most `MAX` bytes: above that the request is refused unread (413).
pub struct Upload<const MAX: usize> {
    /// The text fields.
    pub form: Form,
    /// The file; none when none was chosen.
    pub file: Option<File>,
}

impl<const MAX: usize> FromRequest for Upload<MAX> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let is_multipart = kind.starts_with("multipart/form-data");
        let multipart = is_multipart.then(|| Multipart::new(req.headers(), payload.take()));
        Box::pin(async move {
            let multipart = multipart.ok_or(AppError::Unsupported)?;
            read(multipart, MAX).await.map(|(form, file)| Upload { form, file })
        })
    }
}

async fn read(mut multipart: Multipart, max: usize) -> Result<(Form, Option<File>), AppError> {
    let unreadable = || AppError::BadRequest("The form did not arrive whole.".into());
    let (mut fields, mut file, mut text_size) = (Vec::new(), None, 0);
    while let Some(part) = multipart.next().await {
        let mut part = part.map_err(|_| unreadable())?;
        let name = part.name().ok_or_else(unreadable)?.to_owned();
        let file_name =
            part.content_disposition().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
        let limit = if file_name.is_some() { max } else { LARGEST };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| unreadable())?;
            if bytes.len() + chunk.len() > limit {
                return Err(AppError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        match file_name {
            Some(file_name) if !bytes.is_empty() || !file_name.is_empty() => {
                if file.replace(File { name: plain(&file_name), bytes }).is_some() {
                    return Err(AppError::BadRequest("Choose one file.".into()));
                }
            }
            Some(_) => {}
            None => {
                text_size += bytes.len();
                if text_size > LARGEST || fields.len() > 500 {
                    return Err(AppError::TooLarge);
                }
                fields.push((name, String::from_utf8(bytes).map_err(|_| unreadable())?));
            }
        }
    }
    Ok((Form::typed(fields), file))
}

/// A file's name as text: no folders, no characters that disturb a line or change its direction.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let short: String = crate::values::shown(last).chars().filter(|c| *c != '"').collect();
    if short.trim().is_empty() { "file".into() } else { short }
}

#[cfg(test)]
mod tests {
    #[test]
    fn t45_file_names_are_only_text() {
        for (typed, expected) in [
            ("../../x.csv", "x.csv"),
            ("C:\\a\\b.csv", "b.csv"),
            ("a\u{0}b\r\n.csv", "ab.csv"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("", "file"),
            ("..\\", "file"),
        ] {
            assert_eq!(super::plain(typed), expected);
        }
        assert!(super::plain(&"x".repeat(400)).chars().count() <= 61);
    }
}
