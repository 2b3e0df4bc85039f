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

/// A multipart form with several files, at most one in a field and `MAX` bytes all together.
pub struct Uploads<const MAX: usize> {
    /// The text fields.
    pub form: Form,
    /// The files that were chosen, with the names of their fields.
    pub files: Vec<(String, File)>,
}

impl<const MAX: usize> FromRequest for Uploads<MAX> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let multipart = multipart(req, payload);
        Box::pin(async move { read_all(multipart?, MAX, MOST_TEXT).await.map(|(form, files)| Uploads { form, files }) })
    }
}

impl<const MAX: usize> FromRequest for Upload<MAX> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let multipart = multipart(req, payload);
        Box::pin(async move {
            let (form, mut files) = read_all(multipart?, MAX, LARGEST).await?;
            let file = files.pop().map(|(_, file)| file);
            match files.is_empty() {
                true => Ok(Upload { form, file }),
                false => Err(AppError::BadRequest("Choose one file.".into())),
            }
        })
    }
}

/// Text of a form with many long fields, in bytes.
const MOST_TEXT: usize = 512 * 1024;

fn multipart(req: &HttpRequest, payload: &mut Payload) -> Result<Multipart, AppError> {
    let kind = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_multipart = kind.starts_with("multipart/form-data") && !super::is_compressed(req);
    is_multipart.then(|| Multipart::new(req.headers(), payload.take())).ok_or(AppError::Unsupported)
}

async fn read_all(
    mut multipart: Multipart,
    max: usize,
    most_text: usize,
) -> Result<(Form, Vec<(String, File)>), AppError> {
    let unreadable = || AppError::BadRequest("The form did not arrive whole.".into());
    let (mut fields, mut files, mut text_size, mut size) = (Vec::new(), Vec::new(), 0, 0);
    while let Some(part) = multipart.next().await {
        let mut part = part.map_err(|_| unreadable())?;
        let name = part.name().ok_or_else(unreadable)?.to_owned();
        let file_name =
            part.content_disposition().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
        let limit = if file_name.is_some() { max - size } else { most_text };
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
                if files.iter().any(|(known, _)| *known == name) {
                    return Err(AppError::BadRequest("Choose one file.".into()));
                }
                size += bytes.len();
                files.push((name, File { name: plain(&file_name), bytes }));
            }
            Some(_) => {}
            None => {
                text_size += bytes.len();
                if text_size > most_text || fields.len() > most_text / 128 {
                    return Err(AppError::TooLarge);
                }
                fields.push((name, String::from_utf8(bytes).map_err(|_| unreadable())?));
            }
        }
    }
    Ok((Form::typed(fields), files))
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
