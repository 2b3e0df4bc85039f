//! Files in answers: known by their content, kept as they are, and given back as a download that no browser runs.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};

use super::store::answers as store;
use crate::access::{Grant, ReadAnswers};
use crate::app::App;
use crate::partners;
use crate::values::Refused;
use crate::web::encode;
use crate::web::error::AppError;
use crate::web::upload::File;

/// Largest file, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// Longest name, in characters.
const LONGEST_NAME: usize = 70;

/// A file that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name, with the ending of what it is.
    pub name: String,
    /// What it is.
    pub media: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Looks into a file.
///
/// # Errors
/// When it is too large or of a kind that is not taken.
pub fn read(file: File) -> Result<Kept, Refused> {
    if file.bytes.len() > LARGEST {
        let size = file.bytes.len() as f64 / (1024.0 * 1024.0);
        return Err(format!("The file is {size:.1} MB; the largest allowed is 10 MB."));
    }
    if file.bytes.is_empty() {
        return Err("The file is empty. Choose another.".into());
    }
    let (media, endings) = kind(&file.bytes, &file.name)
        .ok_or("The file is none of PDF, Word (DOCX), PNG, JPEG, CSV and plain text in UTF-8. Choose another.")?;
    Ok(Kept { name: named(&file.name, endings), media, bytes: file.bytes })
}

/// What a file is by its content; only plain text needs the name to tell tables from prose.
fn kind(bytes: &[u8], name: &str) -> Option<(&'static str, &'static [&'static str])> {
    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    if bytes.starts_with(b"%PDF-") {
        return Some(("application/pdf", &["pdf"]));
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(("image/png", &["png"]));
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some(("image/jpeg", &["jpg", "jpeg"]));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return (has(b"[Content_Types].xml") && has(b"word/document.xml")).then_some((DOCX, &["docx"] as &[&str]));
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let is_plain = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
    let is_table = name.to_lowercase().ends_with(".csv");
    // A document for browsers is no plain text, whatever its name says.
    let start = text.trim_start_matches('\u{feff}').trim_start().to_lowercase();
    let is_markup = ["<!doctype", "<html", "<svg", "<?xml", "<script", "<body", "<head"];
    let is_plain = is_plain && !is_markup.iter().any(|tag| start.starts_with(tag));
    is_plain.then_some(if is_table { ("text/csv", &["csv"] as &[&str]) } else { ("text/plain", &["txt"]) })
}

/// The name with an ending of what the file is: `bill.exe` that is a PDF is `bill.exe.pdf`.
fn named(name: &str, endings: &[&str]) -> String {
    let short: String = name.chars().take(LONGEST_NAME).collect();
    let lower = name.to_lowercase();
    if name.chars().count() <= LONGEST_NAME && endings.iter().any(|ending| lower.ends_with(&format!(".{ending}"))) {
        return short;
    }
    format!("{short}.{}", endings.first().unwrap_or(&"txt"))
}

/// `GET /partners/{code}/profile/files/{id}`
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub async fn show(
    grant: Grant<ReadAnswers>,
    app: Data<App>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (code, id) = path.into_inner();
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let file = app
        .db
        .read(&grant, move |tx| {
            let partner = partners::store::find(tx, &code)?;
            store::file(tx, &partner, id)
        })
        .await?;
    let plain: String =
        file.name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encode(&file.name));
    // Texts are taken only in UTF-8.
    let media = if file.media.starts_with("text/") { format!("{}; charset=utf-8", file.media) } else { file.media };
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(file.content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(name: &str, bytes: &[u8]) -> Option<(String, &'static str)> {
        read(File { name: name.into(), bytes: bytes.to_vec() }).ok().map(|kept| (kept.name, kept.media))
    }

    #[test]
    fn t42_files_are_known_by_their_content() {
        let docx = b"PK\x03\x04....[Content_Types].xml....word/document.xml";
        for (name, bytes, expected) in [
            ("a.pdf", &b"%PDF-1.7"[..], ("a.pdf", "application/pdf")),
            ("bill.exe", b"%PDF-1.7", ("bill.exe.pdf", "application/pdf")),
            ("photo.JPEG", b"\xff\xd8\xff\xe0", ("photo.JPEG", "image/jpeg")),
            ("a.csv", b"a,b\n1,2", ("a.csv", "text/csv")),
            ("page.html", b"just words", ("page.html.txt", "text/plain")),
            ("file", docx, ("file.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")),
        ] {
            assert_eq!(looked(name, bytes), Some((expected.0.to_owned(), expected.1)), "{name}");
        }
        for (name, bytes) in [
            ("a.svg", &b"<svg onload='alert(1)'/>"[..]),
            ("a.txt", b" <!DOCTYPE html><script>alert(1)</script>"),
            ("a.zip", b"PK\x03\x04 something else"),
            ("a.exe", b"MZ\x00\x01"),
            ("a.txt", b"a\x00b"),
            ("a.txt", b"\xff\xfe\x00"),
            ("a.gif", b"GIF89a\x01\x00"),
            ("a.txt", b""),
        ] {
            assert_eq!(looked(name, bytes), None, "{name}");
        }
        assert!(read(File { name: "a.pdf".into(), bytes: [b"%PDF-".to_vec(), vec![0; LARGEST]].concat() }).is_err());
    }
}
