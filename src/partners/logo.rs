//! Logos: whatever is uploaded is decoded and encoded again as PNG, so that nothing a person sent is ever served
//! (security: uploads; T42–T46). SVG is refused: it is a document, not a picture.

use std::io::Cursor;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use image::{ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

use super::store;
use super::views::ConfirmPage;
use crate::access::session::leave_flash;
use crate::access::*;
use crate::activity::Event;
use crate::app::App;
use crate::db::{Change, blocking};
use crate::web::error::AppError;
use crate::web::form::{FieldError, Form};
use crate::web::page::{Nav, Page, PageResult};
use crate::web::see_other;
use crate::web::upload::File;

/// Largest file, in bytes.
pub const LARGEST: usize = 1024 * 1024;
/// Longest side of an uploaded picture, in pixels.
const LONGEST_SIDE: u32 = 4096;

/// What a picture is for.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Its field, and the element that shows an error.
    pub field: &'static str,
    /// The field's label.
    pub label: &'static str,
    /// Its word in sentences.
    pub noun: &'static str,
    /// Longest side of the stored picture, in pixels.
    pub side: u32,
}

/// A logo: twice the largest tile.
const LOGO: Frame = Frame { field: "logo", label: "Logo", noun: "logo", side: 256 };

/// Pictures decoded at once: each may take 96 MiB.
static DECODED_AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Reads an uploaded logo; nothing chosen is nothing.
///
/// # Errors
/// Inside: the error beside the field. Outside: when the machine fails.
pub async fn read(
    app: &App,
    actor: &Actor,
    file: Option<File>,
) -> Result<Result<Option<Vec<u8>>, FieldError>, AppError> {
    read_in(app, actor, file, LOGO).await
}

/// Reads an uploaded picture for a frame; nothing chosen is nothing.
///
/// # Errors
/// As [`read`].
pub async fn read_in(
    app: &App,
    actor: &Actor,
    file: Option<File>,
    frame: Frame,
) -> Result<Result<Option<Vec<u8>>, FieldError>, AppError> {
    let Some(file) = file else { return Ok(Ok(None)) };
    limits::spend_upload(&app.db, actor).await?;
    let _turn = DECODED_AT_ONCE.acquire().await.map_err(|cause| AppError::Internal(cause.into()))?;
    blocking(move || {
        Ok(encoded(&file.bytes, frame).map(Some).map_err(|text| FieldError::new(frame.field, frame.label, text)))
    })
    .await
}

fn encoded(bytes: &[u8], frame: Frame) -> Result<Vec<u8>, String> {
    let kept = format!("The present {} is kept.", frame.noun);
    if bytes.len() > LARGEST {
        let size = bytes.len() as f64 / (1024.0 * 1024.0);
        return Err(format!("The file is {size:.1} MB; the largest allowed is 1 MB. {kept}"));
    }
    let unknown = || format!("The file is not a PNG, JPEG or WebP picture. {kept}");
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| unknown())?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) {
        return Err(unknown());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(96 * 1024 * 1024);
    reader.limits(limits);
    let picture = reader.decode().map_err(|cause| match cause {
        image::ImageError::Limits(_) => {
            format!("The picture is larger than {LONGEST_SIDE} pixels a side. {kept}")
        }
        _ => format!("The picture is damaged and cannot be read. {kept}"),
    })?;
    let small = if picture.width().max(picture.height()) > frame.side {
        picture.thumbnail(frame.side, frame.side)
    } else {
        picture
    };
    let mut png = Cursor::new(Vec::new());
    image::DynamicImage::from(small.to_rgba8()).write_to(&mut png, ImageFormat::Png).map_err(|_| unknown())?;
    Ok(png.into_inner())
}

/// `GET /partners/{code}/logo`
///
/// # Errors
/// [`AppError::NotFound`] when there is none in scope.
pub async fn show(grant: Grant<ReadPartner>, app: Data<App>, code: Path<String>) -> Result<HttpResponse, AppError> {
    let png = app
        .db
        .read(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            store::logo(tx, &partner)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .body(png))
}

/// `GET /partners/{code}/logo/removal`
///
/// # Errors
/// As every page.
pub async fn confirm_removal(
    grant: Grant<UpdatePartnerContacts>,
    app: Data<App>,
    code: Path<String>,
    req: HttpRequest,
) -> PageResult {
    let partner = app.db.read(&grant, move |tx| store::find(tx, &code)).await?;
    let (code, name) = (partner.code.to_string(), partner.name.to_string());
    let body = ConfirmPage {
        crumbs: vec![("/partners".into(), "Partners".into()), (super::address(&code), name.clone())],
        title: format!("Remove the logo of {name}?"),
        lead: "Its initials are shown instead.".into(),
        effects: Vec::new(),
        skipped: Vec::new(),
        action: super::tab(&code, "logo/removal"),
        button: "Remove logo".into(),
        harsh: true,
        cancel: super::tab(&code, "edit"),
        reason: None,
        tick: None,
        hidden: vec![("version".into(), partner.version.to_string())],
        form: Form::default(),
    };
    Ok(Page::new("Remove logo", Nav::Partners, body).answer(&req))
}

/// `POST /partners/{code}/logo/removal`
///
/// # Errors
/// [`AppError::Conflict`] when somebody was faster.
pub async fn remove(
    grant: Grant<UpdatePartnerContacts>,
    app: Data<App>,
    code: Path<String>,
    form: Form,
    req: HttpRequest,
) -> PageResult {
    let seen = form.version()?;
    let address = super::address(&code);
    app.db
        .write(&grant, move |tx| {
            let partner = store::find(tx, &code)?;
            if partner.logo_sha256.is_none() {
                return Ok(Change::nothing(()));
            }
            store::save_logo(tx, partner.id, seen, None)?;
            Ok(Change::new((), Event::PartnerLogoRemoved { partner: partner.id, name: partner.name.to_string() }))
        })
        .await?;
    leave_flash(&req, "good", "The logo is removed.");
    Ok(see_other(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn t42_what_is_stored_is_our_own_encoding() {
        let mut polyglot = png(300, 20);
        polyglot.extend_from_slice(b"<script>alert(1)</script>");
        let stored = encoded(&polyglot, LOGO).unwrap();
        assert!(!stored.windows(7).any(|window| window == b"<script"));
        let read = image::load_from_memory(&stored).unwrap();
        assert!(read.width() <= LOGO.side && read.height() <= 20);
    }

    #[test]
    fn t43_documents_are_refused() {
        for bytes in [
            &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..],
            b"GIF89a/*<svg",
            b"%PDF-1.7",
            b"",
            b"\x89PNG\r\n\x1a\nbroken",
        ] {
            assert!(encoded(bytes, LOGO).is_err());
        }
    }

    #[test]
    fn t44_floods_are_refused_before_they_are_decoded() {
        assert!(encoded(&png(4097, 1), LOGO).unwrap_err().contains("4096"));
        assert!(encoded(&vec![0; LARGEST + 1], LOGO).unwrap_err().contains("1.0 MB"));
    }
}
